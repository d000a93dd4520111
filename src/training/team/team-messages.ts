import type { ErrorCode } from "../../ground/errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import { type Grid, sizeOf } from "../../nn/grid.js";
import type { Standing } from "../evidence.js";
import type { Batch, StepResult } from "../step.js";

/** A batch outside of kernel memory. The values of the target are absent where they are those of the canvas. */
export interface SentBatch {
  readonly canvas: SentGrid;
  readonly target: SentGrid;
  readonly qualities: readonly number[];
}

interface SentGrid extends Omit<Grid, "pointer"> {
  readonly values?: Float32Array<ArrayBuffer>;
}

/** A pass through a batch, and where its random numbers start. */
export interface Job {
  readonly batch: SentBatch;
  readonly seed: number;
  readonly stream: number;
}

/** Leader to worker. */
export type Order =
  /** A checkpoint, from which on the worker takes the same steps. */
  | { readonly order: "begin"; readonly checkpoint: Uint8Array }
  /** Asks for results and gradients of shards. */
  | { readonly order: "pass"; readonly jobs: readonly Job[]; readonly standing: Standing }
  /** Asks for results under the averaged weights. */
  | { readonly order: "evaluate"; readonly jobs: readonly Job[]; readonly standing: Standing }
  /**
   * The gradient of the whole batch, to take a step by. It lies in memory that the worker handed over, and the rest of that is given back: fresh
   * memory for every step would cost more than the copying.
   */
  | {
      readonly order: "step";
      readonly gradient: Gradient;
      readonly spare: readonly Gradient[];
      readonly step: number;
      readonly rate: number;
    }
  | { readonly order: "end" };

/** All gradients, one parameter after the other. */
export type Gradient = Float32Array<ArrayBuffer>;

/** Worker to leader, to each order that asks. */
export type Answer =
  | { readonly results: readonly StepResult[]; readonly gradients: readonly Gradient[] }
  | { readonly error: { readonly code: ErrorCode | undefined; readonly message: string } };

export function sendBatch({ memory }: Kernels, { canvas, target, qualities }: Batch): SentBatch {
  const values = (grid: Grid): Float32Array<ArrayBuffer> => memory.f32(grid.pointer, sizeOf(grid)).slice();
  const { pointer: _, ...canvasShape } = canvas;
  const { pointer: __, ...targetShape } = target;
  return {
    canvas: { ...canvasShape, values: values(canvas) },
    target: target.pointer === canvas.pointer ? targetShape : { ...targetShape, values: values(target) },
    qualities,
  };
}

/** In the caller's scope. */
export function placeBatch({ memory }: Kernels, { canvas, target, qualities }: SentBatch): Batch {
  const place = ({ values, ...shape }: SentGrid, otherwise: number): Grid => ({
    ...shape,
    pointer: values ? memory.place(values) : otherwise,
  });
  const placed = place(canvas, 0);
  return { canvas: placed, target: place(target, placed.pointer), qualities };
}

/** The memory of jobs, which is handed over with them. */
export const buffersOfJobs = (jobs: readonly Job[]): ArrayBuffer[] =>
  jobs.flatMap(({ batch: { canvas, target } }) =>
    [canvas, target].flatMap(({ values }) => (values ? [values.buffer] : [])),
  );
