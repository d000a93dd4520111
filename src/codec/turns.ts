import type { Memory } from "../kernels/memory.js";

/** Lets pieces of work use one kernel memory one after another; what each allocates is dropped at its end. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly memory: Memory) {}

  run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = this.last.then(async () => {
      const mark = this.memory.mark();
      try {
        return await work();
      } finally {
        this.memory.release(mark);
      }
    });
    this.last = result.catch(() => {});
    return result;
  }

  /** As `run`, but what the work allocates stays for good, unless it fails. */
  keep<Result>(work: () => Result): Promise<Result> {
    const result = this.last.then(() => {
      const mark = this.memory.mark();
      try {
        return work();
      } catch (error) {
        this.memory.release(mark);
        throw error;
      }
    });
    this.last = result.catch(() => {});
    return result;
  }
}
