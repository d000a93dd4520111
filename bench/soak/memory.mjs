// Encodes and decodes in one process, with errors and aborts in between, and prints what the memory came to on the way as JSON.
//   node --expose-gc bench/soak/memory.mjs ROUNDS
import { loadCodec } from "../../dist/index.js";
import { golden } from "../frame/places.mjs";
import { sum } from "../frame/statistics.mjs";

const rounds = Number(process.argv[2]);
const memories = [];
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...given) => {
  const result = await instantiate(...given);
  const { memory } = (result.instance ?? result).exports;
  memories.push(memory);
  return result;
};

const codec = await loadCodec({ model: await golden("photo.isthm") });
const picture = (round) => {
  const [width, height, channels] = [1 + ((round * 37) % 90), 1 + ((round * 53) % 70), 1 + (round % 4)];
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * (round % 7) + (i >> 3)) & 255);
  return { data, width, height, channels };
};
const samples = [];
for (let round = 0; round < rounds; round++) {
  const stream = await codec.encode(picture(round), { quality: round % 101 });
  await codec.decode(stream);
  if (round % 10 === 3) {
    stream[stream.length >> 1] ^= 4;
    await expectError(codec.decode(stream), "corrupt", "truncated", "image-too-large", "model-mismatch");
  }
  if (round % 10 === 7) await expectError(codec.encode(picture(round), { signal: AbortSignal.abort() }), "aborted");
  // Of the largest picture on, nothing more should be asked for.
  if ((round + 1) % (rounds / 20) === 0) samples.push(sample(round + 1));
}
process.stdout.write(JSON.stringify(samples));

async function expectError(work, ...codes) {
  const code = await work.then(
    () => "none",
    (error) => error.code,
  );
  if (!codes.includes(code)) throw new Error(`Expected ${codes} but received ${code}`);
}

function sample(round) {
  globalThis.gc();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { round, rss, heapUsed, arrayBuffers, kernels: sum(memories.map(({ buffer }) => buffer.byteLength)) };
}
