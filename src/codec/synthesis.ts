import { activationNumber } from "../kernels/interface.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { addWindowsOnto, clearCanvas, gridSize, type Size } from "../models/tiling.js";
import type { Grid } from "../nn/grid.js";
import type { Pacer } from "../pacer.js";
import { chunkCells, reachOf } from "./bands.js";

/** Pixels that are written at a time. */
const writtenPixels = 1 << 20;

/**
 * From dequantized latents to pixels, from top to bottom. The picture lags behind the latents: residual blocks look at rows below, and
 * windows overlap. Where the latents are cut changes no bit of the result.
 */
export class Synthesis {
  /** Rows above the first unfinished row that `pixels` wants to see again: those its result depends on. */
  readonly contextRows: number;
  private readonly grid: Size;
  private readonly reach: number;
  /** First grid row whose windows have not been added yet. */
  private next = 0;
  /** The rows of the canvas that the next windows overlap: carried over, so that sums keep their raster order. */
  private overlap = new Float32Array(0);

  /** `size`: of the picture in pixels. */
  constructor(
    private readonly network: ReceiverNetwork,
    private readonly size: Size,
  ) {
    this.grid = gridSize(network.configuration, size);
    this.reach = reachOf(network.synthesis);
    this.contextRows = 2 * this.reach;
  }

  /**
   * The rows of pixels, in the network's channels, that are finished once the latents are known down to the end of `latents`, whose first
   * row is row `top` of the grid: at most `contextRows` above the end of the call before. Changes the latents.
   */
  async pixels(latents: Grid, top: number, pacer: Pacer): Promise<Uint8Array> {
    const { kernels, configuration: c, synthesis } = this.network;
    const { memory } = kernels;
    const bottom = top + latents.height;
    const end = bottom === this.grid.height ? bottom : Math.max(this.next, bottom - this.reach);
    const from = this.pixelRow(this.next);
    const pixels = new Uint8Array((this.pixelRow(end) - from) * this.size.width * c.channels);
    await synthesis.inferBlocks(latents, pacer);
    const mark = memory.mark();
    // One row of cells and what overlaps it; the windows themselves are made a few at a time, and are in the cache when they are added.
    const canvas = clearCanvas(kernels, c, { batch: 1, width: latents.width, height: 1 }, c.synthesisMargin);
    memory.f32(canvas.pointer, this.overlap.length).set(this.overlap);
    for (let row = this.next; row < end; row++) {
      const pointer = latents.pointer + (row - top) * latents.width * c.latents * 4;
      const done = (row - this.next) / (end - this.next);
      await this.addRow({ ...latents, pointer, height: 1 }, canvas, pacer, done);
      const canvasTop = row * c.patch.height - c.synthesisMargin;
      const below = this.pixelRow(row + 1);
      const step = Math.ceil(writtenPixels / this.size.width);
      for (let start = this.pixelRow(row); start < below; start += step) {
        this.writeRows(canvas, canvasTop, start, Math.min(below, start + step), from, pixels);
        if (pacer.isDue) await pacer.breathe(done);
      }
      this.passRow(canvas);
    }
    this.overlap = memory.f32(canvas.pointer, this.overlapRows * canvas.width * c.channels).slice();
    memory.release(mark);
    this.next = end;
    return pixels;
  }

  /** Rows that a row of windows shares with the next. */
  private get overlapRows(): number {
    return 2 * this.network.configuration.synthesisMargin;
  }

  /** The first row of pixels that is not finished when the windows of grid rows before `row` have been added. */
  private pixelRow(row: number): number {
    const { patch, synthesisMargin } = this.network.configuration;
    if (row === this.grid.height) return this.size.height;
    return Math.min(this.size.height, Math.max(0, row * patch.height - synthesisMargin));
  }

  /** Adds the windows of a row of cells. */
  private async addRow(latents: Grid, canvas: Grid, pacer: Pacer, done: number): Promise<void> {
    const { kernels, configuration: c, synthesis } = this.network;
    const step = chunkCells(latents.width, synthesis.projection.linear.outputs);
    for (let first = 0; first < latents.width; first += step) {
      kernels.memory.scope(() => {
        const width = Math.min(step, latents.width - first);
        const chunk = { ...latents, pointer: latents.pointer + first * c.latents * 4, width };
        const windows = synthesis.projection.infer(chunk);
        const pointer = canvas.pointer + first * c.patch.width * c.channels * 4;
        addWindowsOnto(kernels, c, { ...windows, width }, c.synthesisMargin, { ...canvas, pointer });
      });
      if (pacer.isDue) await pacer.breathe(done);
    }
  }

  /** Brings the canvas down to the next row of cells. */
  private passRow({ pointer, width, height, channels }: Grid): void {
    const { call, memory } = this.network.kernels;
    const rowFloats = width * channels;
    const kept = this.overlapRows;
    memory.copy(pointer + (height - kept) * rowFloats * 4, pointer, kept * rowFloats * 4);
    call.fill((height - kept) * rowFloats, 0, pointer + kept * rowFloats * 4);
  }

  /** Writes rows `start` .. `end` - 1 of the picture from a canvas whose first row is picture row `top`. */
  private writeRows(canvas: Grid, top: number, start: number, end: number, from: number, pixels: Uint8Array): void {
    const { kernels, configuration: c } = this.network;
    const { call, memory } = kernels;
    const { width } = this.size;
    const rows = end - start;
    const stride = width * c.channels;
    const at = canvas.pointer + ((start - top) * canvas.width + c.synthesisMargin) * c.channels * 4;
    memory.scope(() => {
      const bytes = memory.allocate(rows * stride);
      const isLogit = c.likelihood === "bernoulli";
      if (isLogit) call.activate(activationNumber.sigmoid, rows * stride, at, at);
      const black = isLogit ? 0 : 127.5;
      call.writePixels(rows, width, c.channels, at, canvas.width, 255, black, bytes, stride, c.channels);
      pixels.set(memory.u8(bytes, rows * stride), (start - from) * stride);
    });
  }
}
