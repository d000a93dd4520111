import type { Kernels, Pointer } from "../kernels/kernels.js";
import { doublesAt } from "../kernels/memory.js";
import type { Grid } from "../nn/grid.js";

/** What predicted canvases should show: the pixels that count, and where they lie on each canvas. */
export interface Region {
  /** batch x height x width x channels, values -0.5 .. 0.5. */
  readonly pixels: Grid;
  /** Position of their first pixel on the canvas, whose margin counts. */
  readonly left: number;
  readonly top: number;
  /** Pixels of a single picture that nobody will see, in raster order: whatever they become costs nothing. */
  readonly hidden?: readonly PixelRun[] | undefined;
  /** Rows of samples that are added to what the canvas of a single picture shows: what coarser levels of latents show there. */
  readonly added?: readonly Float32Array[] | undefined;
}

/** A run of pixels within a row of a region. */
export interface PixelRun {
  readonly x: number;
  readonly y: number;
  readonly length: number;
}

/** The runs of zeros in an alpha plane of that size. */
export function hiddenRuns(alpha: Uint8Array, width: number, height: number): PixelRun[] {
  const runs: PixelRun[] = [];
  for (let y = 0; y < height; y++) {
    const row = alpha.subarray(y * width, (y + 1) * width);
    for (let x = row.indexOf(0); x >= 0 && x < width; ) {
      let end = x + 1;
      while (end < width && row[end] === 0) end++;
      runs.push({ x, y, length: end - x });
      x = row.indexOf(0, end);
    }
  }
  return runs;
}

/** Samples of one row. */
export const lineOf = ({ width, channels }: Grid): number => width * channels;

/** Samples from the start of the canvases to the first wanted one of an image. */
export const startOf = ({ left, top }: Region, canvas: Grid, image: number): number =>
  (image * canvas.height + top) * lineOf(canvas) + left * canvas.channels;

/** What `work` adds to a 64-bit float in kernel memory. */
export const sumOf = ({ memory }: Pick<Kernels, "memory">, work: (total: Pointer) => void): number =>
  memory.scope(() => {
    const total = memory.allocate(8);
    doublesAt(memory, total, 1)[0] = 0;
    work(total);
    return doublesAt(memory, total, 1)[0];
  });
