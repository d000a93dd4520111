import { readFile } from "node:fs/promises";

/** The grid of a Kodak photo under the embedded model, and the windows that its cells add to the picture. */
const grid = { rows: 64, columns: 96, channels: 96 };
const window = { patch: 8, side: 16, channels: 3 };
const floatBytes = 4;

/**
 * Kernels that compute little for what they read and write, each with the bytes that it must move at least: what goes in once, what comes out once.
 * `copy` moves as many bytes with memory.copy (which reads them and writes them). Each is [name, bytes, work].
 */
export async function memoryBound(build) {
  const bytes = await readFile(new URL(`../../build/kernels-${build}.wasm`, import.meta.url));
  const { instance } = await WebAssembly.instantiate(bytes);
  const { depthwise, addWindows, memory, heapBase } = instance.exports;
  let top = Math.ceil(heapBase.value / 16) * 16;
  const reserve = (floats) => {
    const pointer = top;
    top += Math.ceil((floats * floatBytes) / 16) * 16;
    return pointer;
  };
  const { rows, columns, channels } = grid;
  const cells = rows * columns;
  const canvasWidth = (columns - 1) * window.patch + window.side;
  const canvasHeight = (rows - 1) * window.patch + window.side;
  const windowFloats = cells * window.side ** 2 * window.channels;
  const canvasFloats = canvasWidth * canvasHeight * window.channels;
  const [input, output, weights, bias, windows, canvas] = [
    ...[cells * channels, cells * channels, 9 * channels, channels],
    ...[windowFloats, canvasFloats],
  ].map(reserve);
  memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536));
  const heap = () => new Uint8Array(memory.buffer);
  const copyOf = (moved) => () => heap().copyWithin(windows, windows + moved / 2, windows + moved);
  const mixed = 2 * cells * channels * floatBytes;
  const added = (windowFloats + canvasFloats) * floatBytes;
  const { patch, side } = window;
  return [
    {
      name: "depthwise 3 x 3",
      bytes: mixed,
      work: () => depthwise(1, rows, columns, channels, input, weights, bias, output),
      copy: copyOf(mixed),
    },
    {
      name: "overlap-add",
      bytes: added,
      work: () => addWindows(1, rows, columns, window.channels, patch, side, canvasWidth, windows, canvas),
      copy: copyOf(added - (added % 32)),
    },
  ];
}
