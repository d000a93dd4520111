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
 * windows overlap. Where the latents are cut changes no bit of the result. What it allocates belongs to the caller's part of the arena.
 */
export interface Synthesis<Rows = Uint8Array> {
  /** Rows above the first unfinished row that `pixels` wants to see again: those its result depends on. */
  readonly contextRows: number;
  /**
   * The rows of pixels, in the network's channels, that are finished once the latents are known down to the end of `latents`, whose first
   * row is row `top` of the grid: at most `contextRows` above the end of the call before. Changes the latents. `coarser`: the next rows of samples of coarser levels, as many at
   * least where there are any, from which those are taken out that are added.
   */
  pixels(latents: Grid, top: number, pacer: Pacer, coarser?: Float32Array[]): Promise<Rows>;
}

/** The synthesis of a picture of `size` pixels: of pixels as bytes, or of rows of samples (-0.5 .. 0.5, or logits), to which a finer level is added. */
export function synthesisOf(level: ReceiverLevel, size: Size): Synthesis;
export function synthesisOf(
  level: ReceiverLevel,
  size: Size,
  asSamples: boolean,
): Synthesis<Uint8Array | Float32Array[]>;
export function synthesisOf(
  level: ReceiverLevel,
  size: Size,
  asSamples = false,
): Synthesis<Uint8Array | Float32Array[]> {
  const { kernels, configuration: c, synthesis } = level;
  const { call, memory } = kernels;
  const { channels, patch, synthesisMargin: margin } = c;
  const grid = gridSize(c, size);
  const { reach } = synthesis;
  const isLogit = c.likelihood === "bernoulli";
  const stride = size.width * channels;
  /** First grid row whose windows have not been added yet. */
  let next = 0;
  /** The rows of the canvas that the next windows overlap: carried over, so that sums keep their raster order. */
  let overlap = new Float32Array(0);

  /** The first row of pixels that is not finished when the windows of grid rows before `row` have been added. */
  const pixelRow = (row: number): number =>
    row === grid.height ? size.height : Math.min(size.height, Math.max(0, row * patch.height - margin));

  async function pixels(latents: Grid, top: number, pacer: Pacer, coarser: Float32Array[] = []) {
    const bottom = top + latents.height;
    const end = bottom === grid.height ? bottom : Math.max(next, bottom - reach);
    const begin = pixelRow(next);
    const result = new Uint8Array(asSamples ? 0 : (pixelRow(end) - begin) * stride);
    const lines: Float32Array[] = [];
    await synthesis.inferBlocks(latents, pacer);
    // One row of cells and what overlaps it.
    const canvas = canvasOf(kernels, c, { batch: 1, width: grid.width, height: 1 }, margin);
    const rowFloats = canvas.width * channels;
    const [kept, passed] = [2 * margin * rowFloats, patch.height * rowFloats];
    await clearFloats(kernels, canvas.pointer, sizeOf(canvas), pacer);
    await copyFloats(overlap, memory.f32(canvas.pointer, overlap.length), pacer);

    /** Adds the windows of some cells of a row: few at a time, so that they are in the cache when they are added. */
    const addCells = (row: number, first: number, width: number): void =>
      memory.scope(() => {
        const pointer = latents.pointer + ((row - top) * grid.width + first) * c.latents * 4;
        const windows = synthesis.projection.infer({ ...latents, pointer, width, height: 1 });
        const onto = { ...canvas, pointer: canvas.pointer + first * patch.width * channels * 4 };
        addWindowsOnto(kernels, c, { ...windows, width }, margin, onto);
      });

    /** Hands out `rows` rows of the picture from `first` on, which the canvas holds at a row of cells. */
    const writeRows = (row: number, first: number, rows: number): void =>
      memory.scope(() => {
        const from = canvas.pointer + ((first - row * patch.height + margin) * canvas.width + margin) * channels * 4;
        for (let y = 0; y < rows; y++) {
          const line = from + y * rowFloats * 4;
          const added = coarser.shift();
          if (added) call.add(stride, line, memory.place(added), line);
          if (asSamples) lines.push(memory.f32(line, stride).slice());
        }
        if (asSamples) return;
        const samples = rows * stride;
        const bytes = memory.allocate(samples);
        if (isLogit) call.activate(activationNumber.sigmoid, samples, from, from);
        const black = isLogit ? 0 : 127.5;
        call.writePixels(rows, size.width, channels, from, canvas.width, 255, black, bytes, stride, channels);
        result.set(memory.u8(bytes, samples), (first - begin) * stride);
      });

    const cells = chunkCells(grid.width, synthesis.projection.linear.outputs);
    const rows = Math.ceil(writtenPixels / size.width);
    for (let row = next; row < end; row++) {
      const breathe = () => pacer.isDue && pacer.breathe((row - next) / (end - next));
      for (let first = 0; first < grid.width; first += cells) {
        addCells(row, first, Math.min(cells, grid.width - first));
        await breathe();
      }
      const below = pixelRow(row + 1);
      for (let first = pixelRow(row); first < below; first += rows) {
        writeRows(row, first, Math.min(rows, below - first));
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
    next = end;
    return asSamples ? lines : result;
  }

  return { contextRows: 2 * reach, pixels };
}
