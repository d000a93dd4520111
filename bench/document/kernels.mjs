import { tableText } from "../frame/results.mjs";
import { times } from "./words.mjs";

export function section(kernels) {
  const { date, processor, runs } = kernels;
  const row = ({ engine, build, summary }, product) => {
    const { percentOfLimit, times: ratios } = summary[product];
    return [
      `${product === "all" ? "all products" : "forward"}, ${engine}, ${build}`,
      `${percentOfLimit.toFixed(0)} %`,
      ...["tfjs-wasm", "onnxruntime-web", "plain JavaScript"].map((name) => times(ratios[name])),
    ];
  };
  const trainingRow = ({ engine, build, summary }) => [
    `training step, ${engine}, ${build}`,
    "",
    ...["tfjs-wasm", "onnxruntime-web", "plain JavaScript"].map((name) => times(summary.trainingTimes[name])),
  ];
  const versions = runs[0].contenders.map(({ name, version }) => `${name} ${version}`).join(", ");
  return [
    "## Kernels: dense layers beside TensorFlow.js and ONNX Runtime",
    `\`npm run bench:kernels\`, ${date}, ${processor}, one thread. ${versions}.`,
    `Geometric means over N in {64, 256, 1024, 4096} and (K, M) in {(192, 64), (768, 256), (3072, 512), (784, 128), (512, 320), (320, 972)}. The limit is what a loop of multiplications and additions
in registers reached in the same rounds. The training step is 784-128-32-128-784, batch 64, Adam. Ratios say how many times faster Isthmus was; \`forward\` is the fairest row, because
tfjs-wasm is slow at transposed products, and onnxruntime-web copies its inputs and outputs.`,
    tableText(
      ["", "of the SIMD128 limit", "tfjs-wasm", "onnxruntime-web", "plain JavaScript"],
      runs.flatMap((run) => [row(run, "forward"), row(run, "all"), trainingRow(run)]),
    ),
    `What moves more than it computes, on the grid of a Kodak photo: gigabytes a second of what goes in and comes out once, beside a copy of as many bytes within the third-level cache. Neither comes near: for every sample the depthwise
mixing reads, multiplies and adds nine times, in a fixed order, and overlap-add reads and writes the canvas again for every window.`,
    tableText(
      ["", "GB/s", "copy, GB/s", "ratio"],
      runs.flatMap(({ engine, build, memoryBound }) =>
        memoryBound.map(({ name, gigabytesPerSecond, copy }) => [
          `${name}, ${engine}, ${build}`,
          ...[gigabytesPerSecond.toFixed(1), copy.toFixed(1), times(gigabytesPerSecond / copy)],
        ]),
      ),
    ),
  ];
}
