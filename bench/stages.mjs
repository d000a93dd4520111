// Where the time of decoding and encoding goes, stage by stage, at effort 0 on one thread.
//   npm run bench:stages -- [--images FOLDER] [--image NAME] [--rounds N]
// The kernels are wrapped from outside, as WebAssembly hands them over: the package knows nothing of it. Each round makes the same calls, so that every call,
// and every gap between two, counts with its quickest time. Writes bench/results/stages.json and prints its section.
import { join } from "node:path";
import { optionsOf } from "./frame/options.mjs";
import { kodak } from "./frame/photos.mjs";
import { report } from "./frame/results.mjs";

const { images, image: name, rounds } = optionsOf({ images: kodak, image: "kodim05.webp", rounds: 30 });
const quality = 50;

const stageOfKernel = {
  activate: "activations",
  add: "sums",
  depthwise: "mixing of neighbours",
  addWindows: "windows and canvas",
  fill: "windows and canvas",
  readBytes: "windows and canvas",
  gatherByteWindows: "windows and canvas",
  readPixels: "windows and canvas",
  gatherWindows: "windows and canvas",
  writePixels: "canvas to bytes",
  gatherNeighbours: "context prior: gathering, symbols",
  gatherRows: "context prior: gathering, symbols",
  centreSymbols: "context prior: gathering, symbols",
  predictGroup: "context prior: groups of channels",
  completeSymbols: "reconstruction of symbols (centroids)",
  ransDecode: "entropy coder",
  ransEncode: "entropy coder",
  symbolChecksum: "checksum of symbols",
};

/** Calls of one round: what was called, and when it began and ended. */
let calls;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  const { memory } = made.exports;
  const exports = Object.fromEntries(
    Object.entries(made.exports).map(([name, value]) => [
      name,
      typeof value === "function" ? timed(name, value, memory) : value,
    ]),
  );
  return { exports };
};
const { loadCodec } = await import("../dist/index.js");
const { readImage } = await import("../dist/node.js");

const codec = await loadCodec();
const { latents, analysis, prior } = codec.model.configuration;
const image = await readImage(join(images, name));
const stream = await codec.encode(image, { quality });
const decode = sharesOf(await measure(() => codec.decode(stream)));
const encode = sharesOf(await measure(() => codec.encode(image, { quality })));
const names = [...new Set([...decode.shares.keys(), ...encode.shares.keys()])];
const stages = names
  .map((name) => ({ name, decode: decode.shares.get(name) ?? 0, encode: encode.shares.get(name) ?? 0 }))
  .sort((a, b) => b.decode + b.encode - (a.decode + a.encode));
const milliseconds = { decode: decode.total, encode: encode.total };
await report("stages", { model: codec.model.id, image: name, quality, rounds, milliseconds, stages });
console.log(`${decode.total.toFixed(1)} ms to decode, ${encode.total.toFixed(1)} ms to encode`);

function timed(name, kernel, memory) {
  return (...given) => {
    if (!calls) return kernel(...given);
    const stage = stageOf(name, given, memory);
    const begin = performance.now();
    const result = kernel(...given);
    calls.push({ stage, begin, end: performance.now() });
    return result;
  };
}

/** The stage that a call belongs to: products by their shapes, as `multiplyProduct(N, product, ..)` and `multiplyIntegers(N, M, K, ..)` have them. */
function stageOf(kernel, [, second, third], memory) {
  if (kernel === "multiplyProduct") {
    const [inputs, outputs] = new Int32Array(memory.buffer, second, 2);
    return stageOfProduct(inputs, outputs);
  }
  if (kernel === "multiplyIntegers" || kernel === "multiplyPacked") return stageOfProduct(third, second);
  return stageOfKernel[kernel] ?? "rest of the kernels";
}

function stageOfProduct(inputs, outputs) {
  if (outputs === prior.hidden) return "context prior: context";
  if (inputs === analysis.blockHidden || outputs === analysis.blockHidden) return "products: residual blocks";
  return outputs === latents ? "products: pixels to latents" : "products: latents to pixels";
}

/** The quickest time of each call, and of the gap before it, over all rounds. */
async function measure(work) {
  for (let round = 0; round < 10; round++) await work();
  let best;
  for (let round = 0; round < rounds; round++) {
    calls = [];
    let last = performance.now();
    await work();
    const made = calls;
    calls = undefined;
    const taken = [];
    for (const { stage, begin, end } of made) {
      taken.push({ stage: "JavaScript between kernels", time: begin - last }, { stage, time: end - begin });
      last = end;
    }
    best ??= taken;
    if (best.length !== taken.length) throw new Error("Expected the same calls in every round");
    best = best.map((entry, i) => (entry.time <= taken[i].time ? entry : taken[i]));
  }
  return best;
}

function sharesOf(taken) {
  const total = taken.reduce((sum, { time }) => sum + time, 0);
  const shares = new Map();
  for (const { stage, time } of taken) shares.set(stage, (shares.get(stage) ?? 0) + time / total);
  return { total, shares };
}
