import type { Memory } from "../kernels/memory.js";

/** Lets pieces of work use one kernel memory one after another. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly memory: Memory) {}

  /** What the work allocates is dropped at its end. */
  run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    return this.keep(async () => {
      const mark = this.memory.mark();
      try {
        return await work();
      } finally {
        this.memory.release(mark);
      }
    });
  }

  /** What the work allocates stays for good. */
  keep<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }
}
