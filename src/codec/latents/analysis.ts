import type { Pacer } from "../../ground/pacer.js";
import type { PixelWindow } from "../../image/pixel-rows.js";
import type { Pointer } from "../../kernels/kernels.js";
import type { LatentLevel } from "../../models/latent-level.js";
import { canvasSize, gatherWindows, gridSize, mirroredIndices, type Size } from "../../models/tiling.js";
import type { Transform } from "../../models/transform.js";
import type { ByteProduct } from "../../nn/byte-product.js";
import { ByteProjection } from "../../nn/byte-projection.js";
import type { Grid } from "../../nn/grid.js";
import { bandRows, chunkCells } from "./bands.js";
import type { Strip } from "./strips.js";

/**
 * From pixels to latents (before the gains), strip after strip from top to bottom. Residual blocks look at rows beyond a strip:
 * these are projected ahead and kept for the next strip. Where strips and bands are cut changes no bit of the result.
 */
export class Analysis {
  private readonly transform: Transform;
  private readonly grid: Size;
  private readonly reach: number;
  private readonly byteProduct: ByteProduct | undefined;
  /** Projected rows from row `from` of the grid on, which the next strip needs. */
  private projected = { from: 0, rows: 0, floats: new Float32Array(0) };

  /** `size`: of the picture in pixels. Throws where the level has no analysis transform. */
  constructor(
    private readonly level: LatentLevel,
    private readonly size: Size,
  ) {
    if (!level.analysis) throw new Error("A receiver's level cannot encode");
    this.transform = level.analysis;
    this.grid = gridSize(level.configuration, size);
    this.reach = this.transform.reach;
    const { projection } = this.transform;
    this.byteProduct = projection instanceof ByteProjection ? projection.byteProduct : undefined;
  }

  /** The rows of the picture that `latents` wants to see for the next strip; the strip's own windows are among them. */
  pixelRows(strip: Strip): { first: number; end: number } {
    const { patch, synthesisMargin } = this.level.configuration;
    const seen = this.canvasRows(this.projected.from + this.projected.rows, this.lastRow(strip));
    return {
      first: least(seen, Math.max(0, strip.first * patch.height - synthesisMargin)),
      end: most(seen, Math.min(this.size.height, strip.end * patch.height + synthesisMargin) - 1) + 1,
    };
  }

  /** The latents of the next strip, in the caller's part of the arena. */
  async latents(strip: Strip, pixels: PixelWindow, pacer: Pacer): Promise<Grid> {
    const { kernels, configuration: c } = this.level;
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
        const output = pointer + (first - from) * rowFloats * 4;
        if (this.byteProduct) {
          this.projectBytes(this.byteProduct, pixels, first, band, output);
          return;
        }
        const canvas = this.canvas(pixels, first, band);
        const features = this.transform.projection.infer(gatherWindows(kernels, c, canvas, band, c.analysisMargin));
        memory.copy(features.pointer, output, band.height * rowFloats * 4);
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
    await this.transform.inferBlocks(grid, pacer);
    return { ...grid, pointer: pointer + (strip.first - from) * rowFloats * 4, height: strip.end - strip.first };
  }

  private lastRow(strip: Strip): number {
    return Math.min(this.grid.height, strip.end + this.reach);
  }

  /** For each canvas row of grid rows `first` .. `end` - 1, the row of the picture that it shows, mirrored at the borders. */
  private canvasRows(first: number, end: number): Int32Array {
    const { patch, analysisMargin } = this.level.configuration;
    const count = (end - first) * patch.height + 2 * analysisMargin;
    return mirroredIndices(first * patch.height - analysisMargin, count, this.size.height);
  }

  /** Projects `band` grid rows from `first` on, some windows at a time, which stay in the cache. */
  private projectBytes(product: ByteProduct, pixels: PixelWindow, first: number, band: Size, output: Pointer): void {
    const { kernels, configuration: c } = this.level;
    const { call, memory } = kernels;
    const { width, height } = canvasSize(c, band, c.analysisMargin);
    const canvas = this.byteCanvas(pixels, first, band);
    const patch = c.patch.width;
    const side = patch + 2 * c.analysisMargin;
    const rowBytes = call.integerRowBytes(product.inputs);
    const step = chunkCells(band.width, rowBytes / 4);
    const windows = memory.allocate(step * rowBytes);
    for (let cell = 0; cell < band.width * band.height; ) {
      const column = cell % band.width;
      const cells = Math.min(step, band.width - column);
      const [x, y] = [column * patch, ((cell - column) / band.width) * patch];
      if (c.chroma) call.gatherHalvedWindows(cells, patch, side, height, width, x, y, canvas, windows);
      else {
        const corner = canvas + (y * width + x) * c.channels * 2;
        call.gatherByteWindows(cells, c.channels, patch, side, width, corner, windows);
      }
      product.multiply(cells, windows, output + cell * c.latents * 4);
      cell += cells;
    }
  }

  /** The canvas of `band` grid rows from `first` on, values -0.5 .. 0.5. */
  private canvas(pixels: PixelWindow, first: number, band: Size): Grid {
    const { kernels, configuration: c } = this.level;
    const { call, memory } = kernels;
    const size = canvasSize(c, band, c.analysisMargin);
    const canvas = { pointer: memory.allocateFloats(size.width * size.height * c.channels), batch: 1, ...size };
    this.read(pixels, first, band, (source) => {
      call.readPixels(size.height, size.width, c.channels, ...source, 1 / 255, -0.5, canvas.pointer);
    });
    return { ...canvas, channels: c.channels };
  }

  /** The same in 16-bit integers: bytes less 128, or twice luma and halved colour differences. */
  private byteCanvas(pixels: PixelWindow, first: number, band: Size): Pointer {
    const { kernels, configuration: c } = this.level;
    const { call, memory } = kernels;
    const { width, height } = canvasSize(c, band, c.analysisMargin);
    const pointer = memory.allocate(width * height * c.channels * (c.chroma ? 1 : 2));
    this.read(pixels, first, band, (source) => {
      if (c.chroma) call.readHalvedBytes(height, width, ...source, pointer);
      else call.readBytes(height, width, c.channels, ...source, pointer);
    });
    return pointer;
  }

  /** Places the pixels that a canvas shows, and tables of where its rows and columns are among them, for the time of `work`. */
  private read(
    { data, top, width, channels }: PixelWindow,
    first: number,
    band: Size,
    work: (source: [pixels: Pointer, stride: number, channels: number, rows: Pointer, columns: Pointer]) => void,
  ): void {
    const { kernels, configuration: c } = this.level;
    const { memory } = kernels;
    const rows = this.canvasRows(first, first + band.height);
    const firstRow = least(rows);
    const lastRow = most(rows);
    const stride = width * channels;
    memory.scope(() => {
      const pixels = memory.place(data.subarray((firstRow - top) * stride, (lastRow + 1 - top) * stride));
      const rowTable = memory.place(rows.map((row) => row - firstRow));
      const columns = canvasSize(c, band, c.analysisMargin).width;
      const columnTable = memory.place(mirroredIndices(-c.analysisMargin, columns, width));
      work([pixels, stride, channels, rowTable, columnTable]);
    });
  }
}

const least = (rows: Int32Array, start = Number.POSITIVE_INFINITY): number =>
  rows.reduce((least, row) => Math.min(least, row), start);

const most = (rows: Int32Array, start = 0): number => rows.reduce((most, row) => Math.max(most, row), start);
