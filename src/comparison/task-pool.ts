import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ErrorCode, IsthmusError, throwIfAborted } from "../ground/errors.js";
import type { OwnModel } from "./isthmus.js";
import type { Sample, Task } from "./task.js";

/** What a worker sends back for a task. */
export type Answer =
  | { readonly samples: Sample[] }
  | { readonly error: { readonly code: ErrorCode | undefined; readonly message: string } };

/** Runs tasks; each may fail on its own. `onDone` is called after every one. */
export type RunTasks = (tasks: readonly Task[], onDone: (done: number) => void) => Promise<(Sample[] | IsthmusError)[]>;

/** Worker threads that share out the tasks of a comparison, one for each core. */
export class Pool {
  private readonly workers: Worker[] = [];

  constructor(
    private readonly own: OwnModel,
    private readonly signal: AbortSignal,
  ) {}

  /** Throws `aborted` as soon as the signal is raised; the threads end then. */
  readonly run: RunTasks = async (tasks, onDone) => {
    throwIfAborted(this.signal);
    const results: (Sample[] | IsthmusError)[] = new Array(tasks.length);
    let next = 0;
    let done = 0;
    const threads = Math.min(availableParallelism(), tasks.length);
    while (this.workers.length < threads) this.workers.push(this.start());
    const work = async (worker: Worker): Promise<void> => {
      while (next < tasks.length) {
        const index = next++;
        results[index] = await this.ask(worker, tasks[index]);
        onDone(++done);
      }
    };
    const stop = (): void => void this.close();
    this.signal.addEventListener("abort", stop);
    try {
      await Promise.all(this.workers.slice(0, threads).map(work));
      return results;
    } finally {
      this.signal.removeEventListener("abort", stop);
    }
  };

  async close(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()));
  }

  private start(): Worker {
    // Built beside this file: see tsup.config.ts.
    return new Worker(new URL("./comparison-worker.js", import.meta.url), { workerData: this.own });
  }

  private ask(worker: Worker, task: Task): Promise<Sample[] | IsthmusError> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        finish();
      };
      const onMessage = (answer: Answer): void =>
        settle(() => resolve("samples" in answer ? answer.samples : errorOf(answer.error)));
      const onError = (error: Error): void => settle(() => reject(error));
      const onExit = (): void =>
        settle(() => reject(this.signal.aborted ? aborted(this.signal) : new Error("A worker ended before its work")));
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      worker.postMessage(task);
    });
  }
}

const errorOf = ({ code, message }: { code: ErrorCode | undefined; message: string }): IsthmusError =>
  new IsthmusError(code ?? "invalid-image", message);

const aborted = (signal: AbortSignal): IsthmusError =>
  new IsthmusError("aborted", "The operation was aborted", { cause: signal.reason });
