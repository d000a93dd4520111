// Sections on time and memory.
import { facts, fixed, table, times } from "../frame/text.mjs";

export function decoders(results) {
  const { images, rounds, milliseconds, ratios, quality, psnr } = results;
  const rows = [
    ["decode, beside @jsquash/avif (WebAssembly)", "isthmusDecode", "avifDecode", ratios.decode],
    ["encode at effort 0, beside @jsquash/webp, its defaults", "isthmusEncode", "webpEncode", ratios.webp],
    ["encode at effort 0, beside @jsquash/webp, method 6", "isthmusEncode", "webpEncodeMethod6", ratios.webpMethod6],
    ["encode at effort 0, beside sharp's AVIF at effort 4", "isthmusEncode", "avifEncode", ratios.encode],
  ];
  const timeOf = (work) => milliseconds[work].toFixed(0);
  return [
    "## Times beside AVIF and WebP",
    `${facts(results)} ${images} Kodak photos, one thread, milliseconds of processor time, medians of ${rounds} rounds; every photo is timed with every codec in turn, and
the ratio is the median of the photos' ratios. Isthmus at quality ${quality.isthmus} (${psnr.isthmus.toFixed(2)} dB), AVIF 4:4:4 at ${quality.avif} (${psnr.avif.toFixed(2)} dB), WebP at
${quality.webp} (${psnr.webp.toFixed(2)} dB).`,
    table(rows, ["", "0"], ["Isthmus, ms", "1", timeOf], ["other, ms", "2", timeOf], ["ratio", "3", times]),
  ];
}

export const stages = (results) => [
  "## Where the time goes",
  `${facts(results)} One thread, one photo at quality ${results.quality}, percent of the time of a decode and of an encode at effort 0. Of ${results.rounds} rounds, every call of a kernel counts with
its quickest, so that other work of the machine counts for nothing.`,
  table(
    results.stages,
    ["stage", "name"],
    ["decode, %", ({ decode }) => (100 * decode).toFixed(1)],
    ["encode, %", ({ encode }) => (100 * encode).toFixed(1)],
  ),
];

export const sizes = (results) => [
  "## Cost of a pixel by size",
  `${facts(results)} One thread, a photo resized, quality ${results.quality}, effort 0: nanoseconds of processor time a pixel, medians.`,
  table(
    results.sizes,
    ["size", ({ width, height }) => `${width} x ${height}`],
    ["megapixels", ({ width, height }) => (width * height) / 1e6, fixed(1)],
    ["strips", "strips"],
    ["encode, ns", "encode", fixed()],
    ["decode, ns", "decode", fixed()],
  ),
];

export const batches = ({ images, rounds, threads, load, results, ...run }) => [
  "## A batch of photos on several threads",
  `${facts(run)} ${images} Kodak photos through pools of one worker and of ${threads} (\`createPool\`), in turns, medians of ${rounds} rounds (load average ${load.toFixed(1)} at the end). Each photo is worked on by one thread.`,
  table(
    results,
    ["", "name"],
    ["one thread, ms", "milliseconds.0", fixed()],
    [`${threads} threads, ms`, "milliseconds.1", fixed()],
    ["times as fast", "ratio", times],
  ),
];

export function training({ rounds, cores, load, results, ...run }) {
  const rows = results.flatMap(({ preset, batch, measured }) =>
    measured.map(({ threads, processorMs, leaderMs, ...row }, i) => {
      const busiest = Math.max(leaderMs, (processorMs - leaderMs) / Math.max(1, threads - 1));
      const most = i === 0 ? undefined : measured[0].processorMs / busiest;
      return { ...row, name: `${preset}, ${batch} pictures a step`, threads, processorMs, leaderMs, most };
    }),
  );
  return [
    "## Training on several threads",
    `${facts(run)} ${cores} cores (load average ${load.toFixed(1)} at the end): medians of ${rounds} rounds of one thread and more in turns. On free cores a step takes as long as its busiest thread
computes, and that gives the last column (without what threads wait for each other).`,
    table(
      rows,
      ["preset", "name"],
      ["threads", "threads"],
      ["steps/s", "stepsPerSecond", fixed(2)],
      ["against one", "ratio", times],
      ["processor ms a step", "processorMs", fixed(1)],
      ["the leader's", "leaderMs", fixed(1)],
      ["on free cores at most", "most", times],
    ),
  ];
}

export function kernels({ date, processor, runs }) {
  const contenders = ["tfjs-wasm", "onnxruntime-web", "plain JavaScript"];
  const rows = runs.flatMap(({ engine, build, summary }) => [
    { name: `forward, ${engine}, ${build}`, ...summary.forward },
    { name: `all products, ${engine}, ${build}`, ...summary.all },
    { name: `training step, ${engine}, ${build}`, times: summary.trainingTimes },
  ]);
  const memoryBound = runs.flatMap(({ engine, build, memoryBound }) =>
    memoryBound.map((row) => ({ ...row, name: `${row.name}, ${engine}, ${build}` })),
  );
  return [
    "## Kernels: dense layers beside TensorFlow.js and ONNX Runtime",
    `\`npm run bench:kernels\`, ${date}, ${processor}, one thread. ${runs[0].contenders.map(({ name, version }) => `${name} ${version}`).join(", ")}.`,
    `Geometric means over N in {64, 256, 1024, 4096} and (K, M) in {(192, 64), (768, 256), (3072, 512), (784, 128), (512, 320), (320, 972)}. The limit is what a loop of multiplications and additions
in registers reached in the same rounds. The training step is 784-128-32-128-784, batch 64, Adam. Ratios say how many times faster Isthmus was; \`forward\` is the fairest row, because
tfjs-wasm is slow at transposed products, and onnxruntime-web copies its inputs and outputs.`,
    table(
      rows,
      ["", "name"],
      ["of the SIMD128 limit", "percentOfLimit", (value) => `${value.toFixed(0)} %`],
      ...contenders.map((name) => [name, `times.${name}`, times]),
    ),
    `What moves more than it computes, on the grid of a Kodak photo: gigabytes a second of what goes in and comes out once, beside a copy of as many bytes within the third-level cache. Neither comes near: for every sample the depthwise
mixing reads, multiplies and adds nine times, in a fixed order, and overlap-add reads and writes the canvas again for every window.`,
    table(
      memoryBound,
      ["", "name"],
      ["GB/s", "gigabytesPerSecond", fixed(1)],
      ["copy, GB/s", "copy", fixed(1)],
      ["ratio", ({ gigabytesPerSecond, copy }) => gigabytesPerSecond / copy, times],
    ),
  ];
}

export const memory = ({ width, height, commands, ...run }) => [
  `## Memory: a picture of ${width} x ${height} pixels`,
  facts(run),
  table(
    commands,
    ["", ({ command }) => `isthmus ${command}`],
    ["peak of the process", ({ peak }) => `${peak.toFixed(0)} MB`],
    ["budget", ({ budget }) => `${budget} MB`],
    ["seconds", "seconds", fixed(1)],
  ),
];
