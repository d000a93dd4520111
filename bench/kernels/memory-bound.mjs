import { loadSource } from "../frame/index.mjs";

/** The grid of a Kodak photo under the embedded model, and the windows that its cells add to the picture. */
const [rows, columns, channels] = [64, 96, 96];
const [patch, side, colours] = [8, 16, 3];
const floatBytes = 4;

/**
 * Kernels that compute little for what they read and write, each with the bytes that it must move at least: what goes in once, what comes out once.
 * `copy` moves as many bytes within the memory (which reads them and writes them).
 */
export async function memoryBound(build) {
  const { loadKernels } = await loadSource();
  const { call, memory } = await loadKernels({ relaxed: build === "relaxed" });
  const cells = rows * columns;
  const canvasWidth = (columns - 1) * patch + side;
  const canvasHeight = (rows - 1) * patch + side;
  const windowFloats = cells * side ** 2 * colours;
  const canvasFloats = canvasWidth * canvasHeight * colours;
  const [input, output, weights, bias, windows, canvas] = [
    ...[cells * channels, cells * channels, 9 * channels, channels],
    ...[windowFloats, canvasFloats],
  ].map((floats) => memory.allocateFloats(floats));
  const mixed = 2 * cells * channels * floatBytes;
  const added = (windowFloats + canvasFloats) * floatBytes;
  const copyOf = (moved) => () => memory.copy(windows + moved / 2, windows, moved / 2);
  return [
    {
      name: "depthwise 3 x 3",
      bytes: mixed,
      work: () => call.depthwise(1, rows, columns, channels, input, weights, bias, output),
      copy: copyOf(mixed),
    },
    {
      name: "overlap-add",
      bytes: added,
      work: () => call.addWindows(1, rows, columns, colours, patch, side, canvasWidth, windows, canvas),
      copy: copyOf(added - (added % 32)),
    },
  ];
}
