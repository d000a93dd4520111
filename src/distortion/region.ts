import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Grid } from "../nn/grid.js";

/** What predicted canvases should show: the pixels that count, and where they lie on each canvas. */
export interface Region {
  /** batch x height x width x channels, values -0.5 .. 0.5. */
  readonly pixels: Grid;
  /** Position of their first pixel on the canvas, whose margin counts. */
  readonly left: number;
  readonly top: number;
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
    memory.f64(total, 1)[0] = 0;
    work(total);
    return memory.f64(total, 1)[0];
  });
