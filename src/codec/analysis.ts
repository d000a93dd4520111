import type { Network, Transform } from "../models/network.js";
import { canvasSize, gatherWindows, gridSize, mirroredIndices, type Size } from "../models/tiling.js";
import type { Grid } from "../nn/grid.js";
import type { Pacer } from "../pacer.js";
import { bandRows, reachOf } from "./bands.js";
import type { PixelWindow } from "./pixel-rows.js";
import type { Strip } from "./strips.js";

/**
 * From pixels to latents (before the gains), strip after strip from top to bottom. Residual blocks look at rows beyond a strip:
 * these are projected ahead and kept for the next strip. Where strips and bands are cut changes no bit of the result.
 */
export class Analysis {
  private readonly transform: Transform;
  private readonly grid: Size;
  private readonly reach: number;
  /** Projected rows from row `from` of the grid on, which the next strip needs. */
  private projected = { from: 0, rows: 0, floats: new Float32Array(0) };

  /** `size`: of the picture in pixels. Throws where the network has no analysis transform. */
  constructor(
    private readonly network: Network,
    private readonly size: Size,
  ) {
    if (!network.analysis) throw new Error("A receiver's network cannot encode");
    this.transform = network.analysis;
    this.grid = gridSize(network.configuration, size);
    this.reach = reachOf(this.transform);
  }

  /** The rows of the picture that `latents` wants to see for the next strip; the strip's own windows are among them. */
  pixelRows(strip: Strip): { first: number; end: number } {
    const { patch, synthesisMargin } = this.network.configuration;
    const seen = this.canvasRows(this.projected.from + this.projected.rows, this.lastRow(strip));
    return {
      first: least(seen, Math.max(0, strip.first * patch.height - synthesisMargin)),
      end: most(seen, Math.min(this.size.height, strip.end * patch.height + synthesisMargin) - 1) + 1,
    };
  }

  /** The latents of the next strip, in the caller's part of the arena. */
  async latents(strip: Strip, pixels: PixelWindow, pacer: Pacer): Promise<Grid> {
    const { kernels, configuration: c } = this.network;
    const { memory } = kernels;
    const rowFloats = this.grid.width * c.latents;
    const { from, rows, floats } = this.projected;
    const end = this.lastRow(strip);
    const pointer = memory.allocateFloats((end - from) * rowFloats);
    memory.f32(pointer, floats.length).set(floats);
    const step = bandRows(this.grid, this.transform.projection.linear.inputs);
    for (let first = from + rows; first < end; first += step) {
      memory.scope(() => {
        const band = { width: this.grid.width, height: Math.min(step, end - first) };
        const canvas = this.canvas(pixels, first, band);
        const features = this.transform.projection.infer(gatherWindows(kernels, c, canvas, band, c.analysisMargin));
        memory.copy(features.pointer, pointer + (first - from) * rowFloats * 4, band.height * rowFloats * 4);
      });
      await pacer.breathe((first - from) / (end - from));
    }
    const kept = Math.max(0, strip.end - this.reach);
    this.projected = {
      from: kept,
      rows: end - kept,
      floats: memory.f32(pointer + (kept - from) * rowFloats * 4, (end - kept) * rowFloats).slice(),
    };
    const grid = { pointer, batch: 1, width: this.grid.width, height: end - from, channels: c.latents };
    this.transform.inferBlocks(grid);
    return { ...grid, pointer: pointer + (strip.first - from) * rowFloats * 4, height: strip.end - strip.first };
  }

  private lastRow(strip: Strip): number {
    return Math.min(this.grid.height, strip.end + this.reach);
  }

  /** For each canvas row of grid rows `first` .. `end` - 1, the row of the picture that it shows, mirrored at the borders. */
  private canvasRows(first: number, end: number): Int32Array {
    const { patch, analysisMargin } = this.network.configuration;
    const count = (end - first) * patch.height + 2 * analysisMargin;
    return mirroredIndices(first * patch.height - analysisMargin, count, this.size.height);
  }

  /** The canvas of `band` grid rows from `first` on, values -0.5 .. 0.5. */
  private canvas({ data, top, width, channels }: PixelWindow, first: number, band: Size): Grid {
    const { kernels, configuration: c } = this.network;
    const { call, memory } = kernels;
    const size = canvasSize(c, band, c.analysisMargin);
    const rows = this.canvasRows(first, first + band.height);
    const firstRow = least(rows);
    const lastRow = most(rows);
    const stride = width * channels;
    const floats = size.width * size.height * c.channels;
    const canvas = { pointer: memory.allocateFloats(floats), batch: 1, ...size, channels: c.channels };
    memory.scope(() => {
      const pixels = memory.place(data.subarray((firstRow - top) * stride, (lastRow + 1 - top) * stride));
      const rowTable = memory.place(rows.map((row) => row - firstRow));
      const columnTable = memory.place(mirroredIndices(-c.analysisMargin, size.width, width));
      call.readPixels(
        size.height,
        size.width,
        c.channels,
        pixels,
        stride,
        channels,
        rowTable,
        columnTable,
        1 / 255,
        -0.5,
        canvas.pointer,
      );
    });
    return canvas;
  }
}

const least = (rows: Int32Array, start = Number.POSITIVE_INFINITY): number =>
  rows.reduce((least, row) => Math.min(least, row), start);

const most = (rows: Int32Array, start = 0): number => rows.reduce((most, row) => Math.max(most, row), start);
