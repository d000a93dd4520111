import { throwIfAborted, unlessAborted } from "../errors.js";
import type { Memory } from "../kernels/memory.js";

/** Lets pieces of work use one kernel memory one after another. Whoever waits for a turn, or has it, ends with `aborted` when the signal is raised. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly memory: Memory) {}

  /** What the work allocates is dropped at its end. */
  run<Result>(work: () => Result | Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return this.keep(async () => {
      const mark = this.memory.mark();
      try {
        return await work();
      } finally {
        this.memory.release(mark);
      }
    }, signal);
  }

  /** What the work allocates stays for good. */
  keep<Result>(work: () => Result | Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const result = this.last.then(() => {
      throwIfAborted(signal);
      return work();
    });
    this.last = result.catch(() => {});
    return unlessAborted(result, signal);
  }
}
