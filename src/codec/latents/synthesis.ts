import type { Pacer } from "../../ground/pacer.js";
import { activationNumber } from "../../kernels/interface.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import { addWindowsOnto, canvasOf, gridSize, type Size } from "../../models/tiling.js";
import { type Grid, sizeOf } from "../../nn/grid.js";
import { chunkCells } from "./bands.js";
import { clearFloats, copyFloats, inParts } from "./paced-floats.js";

/** Pixels that are written at a time. */
const writtenPixels = 1 << 20;

/**
 * From dequantized latents to pixels, from top to bottom. The picture lags behind the latents: residual blocks look at rows below, and
 * windows overlap. Where the latents are cut changes no bit of the result.
 */
export interface Synthesis {
  /** Rows above the first unfinished row that `pixels` wants to see again: those its result depends on. */
  readonly contextRows: number;
  /**
   * The rows of pixels, in the network's channels, that are finished once the latents are known down to the end of `latents`, whose first
   * row is row `top` of the grid: at most `contextRows` above the end of the call before. Changes the latents.
   */
  pixels(latents: Grid, top: number, pacer: Pacer): Promise<Uint8Array>;
}

/** The synthesis of a picture of `size` pixels. */
export function synthesisOf(level: ReceiverLevel, size: Size): Synthesis {
  const { kernels, configuration: c, synthesis } = level;
  const { call, memory } = kernels;
  const { channels, patch, synthesisMargin: margin } = c;
  const grid = gridSize(c, size);
  const { reach } = synthesis;
  const isLogit = c.likelihood === "bernoulli";
  /** First grid row whose windows have not been added yet. */
  let next = 0;
  /** The rows of the canvas that the next windows overlap: carried over, so that sums keep their raster order. */
  let overlap = new Float32Array(0);

  /** The first row of pixels that is not finished when the windows of grid rows before `row` have been added. */
  const pixelRow = (row: number): number =>
    row === grid.height ? size.height : Math.min(size.height, Math.max(0, row * patch.height - margin));

  /** Adds the windows of `width` cells of a row, from `first` on: few at a time, so that they are in the cache when they are added. */
  const addCells = (latents: Grid, first: number, width: number, canvas: Grid): void =>
    memory.scope(() => {
      const cells = { ...latents, pointer: latents.pointer + first * c.latents * 4, width, height: 1 };
      const pointer = canvas.pointer + first * patch.width * channels * 4;
      addWindowsOnto(kernels, c, { ...synthesis.projection.infer(cells), width }, margin, { ...canvas, pointer });
    });

  /** Samples of `rows` rows of the picture from sample `at` of the canvas on. */
  const writeRows = (canvas: Grid, at: number, rows: number, pixels: Uint8Array): void =>
    memory.scope(() => {
      const samples = rows * size.width * channels;
      const from = canvas.pointer + at * channels * 4;
      const bytes = memory.allocate(samples);
      if (isLogit) call.activate(activationNumber.sigmoid, samples, from, from);
      const black = isLogit ? 0 : 127.5;
      call.writePixels(
        rows,
        size.width,
        channels,
        from,
        canvas.width,
        255,
        black,
        bytes,
        size.width * channels,
        channels,
      );
      pixels.set(memory.u8(bytes, samples));
    });

  async function pixels(latents: Grid, top: number, pacer: Pacer): Promise<Uint8Array> {
    const bottom = top + latents.height;
    const end = bottom === grid.height ? bottom : Math.max(next, bottom - reach);
    const stride = size.width * channels;
    const begin = pixelRow(next);
    const result = new Uint8Array((pixelRow(end) - begin) * stride);
    await synthesis.inferBlocks(latents, pacer);
    const mark = memory.mark();
    // One row of cells and what overlaps it.
    const canvas = canvasOf(kernels, c, { batch: 1, width: grid.width, height: 1 }, margin);
    const rowFloats = canvas.width * channels;
    const [kept, passed] = [2 * margin * rowFloats, patch.height * rowFloats];
    await clearFloats(kernels, canvas.pointer, sizeOf(canvas), pacer);
    await copyFloats(overlap, memory.f32(canvas.pointer, overlap.length), pacer);
    const cells = chunkCells(grid.width, synthesis.projection.linear.outputs);
    const rows = Math.ceil(writtenPixels / size.width);
    for (let row = next; row < end; row++) {
      const breathe = () => pacer.isDue && pacer.breathe((row - next) / (end - next));
      const pointer = latents.pointer + (row - top) * grid.width * c.latents * 4;
      for (let first = 0; first < grid.width; first += cells) {
        addCells({ ...latents, pointer }, first, Math.min(cells, grid.width - first), canvas);
        await breathe();
      }
      const below = pixelRow(row + 1);
      for (let from = pixelRow(row); from < below; from += rows) {
        const at = (from - row * patch.height + margin) * canvas.width + margin;
        writeRows(canvas, at, Math.min(rows, below - from), result.subarray((from - begin) * stride));
        await breathe();
      }
      // Down to the next row of cells.
      await inParts(kept, pacer, (first, count) =>
        memory.copy(canvas.pointer + (passed + first) * 4, canvas.pointer + first * 4, count * 4),
      );
      await clearFloats(kernels, canvas.pointer + kept * 4, passed, pacer);
    }
    overlap = new Float32Array(kept);
    await copyFloats(memory.f32(canvas.pointer, kept), overlap, pacer);
    memory.release(mark);
    next = end;
    return result;
  }

  return { contextRows: 2 * reach, pixels };
}
