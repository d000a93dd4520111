import { throwIfAborted, unlessAborted } from "../ground/errors.js";
import type { Memory } from "./memory.js";

/** Lets pieces of work use one kernel memory one after another. Whoever waits for a turn, or has it, ends with `aborted` when the signal is raised. */
export interface Turns {
  /** What the work allocates is dropped at its end. */
  run<Result>(work: () => Result | Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** What the work allocates stays for good. */
  keep<Result>(work: () => Result | Promise<Result>, signal?: AbortSignal): Promise<Result>;
}

/** Turns at a memory. */
export function turnsAt(memory: Memory): Turns {
  let last: Promise<unknown> = Promise.resolve();
  const turns: Turns = {
    keep(work, signal) {
      const result = last.then(() => {
        throwIfAborted(signal);
        return work();
      });
      last = result.catch(() => {});
      return unlessAborted(result, signal);
    },
    run: (work, signal) =>
      turns.keep(async () => {
        const mark = memory.mark();
        try {
          return await work();
        } finally {
          memory.release(mark);
        }
      }, signal),
  };
  return turns;
}
