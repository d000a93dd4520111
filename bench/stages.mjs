// Where the time of decoding and encoding goes, stage by stage, at effort 0 on one thread.
//   npm run bench:stages -- [--images FOLDER] [--image NAME] [--rounds N]
// The kernels are wrapped from outside, as WebAssembly hands them over: the package knows nothing of it. Each round makes the same calls, so that every call,
// and every gap between two, counts with its quickest time. Writes bench/results/stages.json and prints its section.
import { join } from "node:path";
import { kodak, mapValues, optionsOf, report } from "./frame/index.mjs";

const { images, image: name, rounds } = optionsOf({ images: kodak, image: "kodim05.webp", rounds: 30 });
const quality = 50;

const kernelsOfStage = {
  activations: ["activate"],
  sums: ["add"],
  "mixing of neighbours": ["depthwise"],
  "windows and canvas": [
    "addWindows",
    "fill",
    "readBytes",
    "readHalvedBytes",
    "gatherByteWindows",
    "gatherHalvedWindows",
    "readPixels",
    "gatherWindows",
  ],
  "canvas to bytes": ["writePixels"],
  "context prior: gathering, symbols": ["gatherNeighbours", "gatherRows", "centreSymbols"],
  "context prior: groups of channels": ["predictGroup"],
  "reconstruction of symbols (centroids)": ["completeSymbols"],
  "entropy coder": ["ransDecode", "ransEncode"],
  "checksum of symbols": ["symbolChecksum"],
};
const stageOfKernel = new Map(
  Object.entries(kernelsOfStage).flatMap(([stage, kernels]) => kernels.map((kernel) => [kernel, stage])),
);

/** Calls of one round: what was called, and when it began and ended. */
let calls;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const { exports } = await instantiate(...given);
  const wrapped = (value, name) => (typeof value === "function" ? timed(name, value, exports.memory) : value);
  return { exports: mapValues(exports, wrapped) };
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
  return stageOfKernel.get(kernel) ?? "rest of the kernels";
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
    const taken = [];
    for (const { stage, begin, end } of calls) {
      taken.push({ stage: "JavaScript between kernels", time: begin - last }, { stage, time: end - begin });
      last = end;
    }
    calls = undefined;
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
