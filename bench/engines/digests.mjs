// What one engine makes of the pictures of a folder that engines.mjs prepared, of the golden files, and of random small pictures;
// writes the digests of all streams and pixels as JSON.
//   node bench/engines/digests.mjs FOLDER RANDOM-PICTURES [THREADS]
// With a number of threads a pool of so many workers does the work, several calls at a time.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createPool, loadCodec, loadModel } from "../../dist/index.js";
import { bytesAt, golden } from "../frame/places.mjs";
import { uniforms } from "../frame/statistics.mjs";

const [, , folder, randomCount, threads] = process.argv;
/** Random pictures under way at a time. */
const atOnce = 16;
const digest = (...pieces) => pieces.reduce((hash, bytes) => hash.update(bytes), createHash("sha256")).digest("hex");
const listIn = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

const worker = new URL("../../dist/worker-node.js", import.meta.url);
const pool = threads && createPool(() => new Worker(worker), { size: Number(threads) });
const open = (model) => (pool ?? { loadCodec }).loadCodec({ model });
const codecs = {
  photo: await open(await bytesAt(join(folder, "photo.isthm"))),
  vector: await open(await bytesAt(join(folder, "vector.isthm"))),
};
const digests = [];
for (const { model, file, picture, qualities } of listIn(await bytesAt(join(folder, "tasks.json")))) {
  const image = { ...picture, data: await bytesAt(join(folder, file)) };
  for (const quality of qualities) {
    const stream = await codecs[model].encode(image, { quality });
    const decoded = await codecs[model].decode(stream);
    digests.push(digest(stream), digest(decoded.data));
  }
}

const { good } = listIn(await golden("golden.json"));
const goldenCodecs = new Map();
for (const name of new Set(good.map(({ model }) => model))) {
  const model = await golden(`${name}.isthm`);
  goldenCodecs.set(name, { codec: await open(model), configuration: loadModel(model).configuration });
}
let goldenDifferent = 0;
for (const { name, model, bare, sha256 } of good) {
  const { data } = await goldenCodecs.get(model).codec.decode(await golden(`${name}.isth`), { bare });
  if (digest(data) !== sha256) goldenDifferent++;
}

const random = [];
let cutDifferent = 0;
for (let index = 0; index < Number(randomCount); index += atOnce) {
  const count = Math.min(atOnce, Number(randomCount) - index);
  random.push(...(await Promise.all(Array.from({ length: count }, (_, i) => digestOfRandom(index + i)))));
}
pool?.terminate();

const { bun, deno, node, v8 } = process.versions;
let engine = `Node v${node}, V8 ${v8}`;
if (deno) engine = `Deno ${deno}, V8 ${v8}`;
if (bun) engine = `Bun ${bun}, JavaScriptCore`;
process.stdout.write(
  JSON.stringify({
    ...{ engine: `${engine}, ${process.arch}`, goldenDifferent, goldenFiles: good.length, digests, cutDifferent },
    random: random.map((hash) => hash.slice(0, 16)),
  }),
);

/** The stream and the pixels of a picture that integers alone have drawn. */
async function digestOfRandom(index) {
  const uniform = uniforms(index + 1);
  const below = (count) => Math.floor(uniform() * count);
  const [name, { codec, configuration }] = [...goldenCodecs][below(goldenCodecs.size)];
  const { fixedSize, patch, channels: own } = configuration;
  const { width, height } = fixedSize ? patch : { width: 1 + below(48), height: 1 + below(48) };
  const channels = own === 1 ? 1 + below(2) : 1 + below(4);
  const [step, spread, slope] = [1 + below(9), 1 + below(256), below(9)];
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++)
    data[i] = i < step * channels ? below(256) : data[i - step * channels] + slope + (below(8) ? 0 : below(spread));
  const quality = below(101);
  const stream = await codec.encode({ data, width, height, channels }, { quality });
  const decoded = await codec.decode(stream);
  if (!pool) {
    const rows = cut(data, width * channels * (1 + below(height)));
    const again = await codec.encodeRows({ rows, width, height, channels }, { quality });
    const pieces = [];
    for await (const piece of (await codec.decodeRows(stream)).rows) pieces.push(piece);
    if (digest(again, ...pieces) !== digest(stream, decoded.data)) cutDifferent++;
  }
  return digest(Buffer.from(name), stream, decoded.data);
}

async function* cut(data, length) {
  for (let start = 0; start < data.length; start += length) yield data.subarray(start, start + length);
}
