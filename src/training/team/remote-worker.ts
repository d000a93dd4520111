import { IsthmusError } from "../../ground/errors.js";
import type { Answer, Order } from "./team-messages.js";

/** A worker that was started for a training, as its leader reaches it. */
export interface StartedWorker {
  readonly port: MessagePort;
  /** Rejects when the thread behind the port fails; absent where nobody can know. */
  readonly ended?: Promise<void>;
}

/** Where the workers of a training come from. The one who starts them also ends their threads. */
export interface WorkerSource {
  /** Threads that a training may use, its leader's own among them. */
  readonly threads: number;
  start(count: number): readonly StartedWorker[];
}

/** A worker that owes an answer counts as lost after so many seconds without a word, and so many times what the leader needs for a shard. */
const patience = { seconds: 60, shards: 50 };

/** The leader's end of the port to a worker. */
export class RemoteWorker {
  private waiting: { resolve(answer: Passed): void; reject(error: Error): void } | undefined;
  private failure: Error | undefined;
  private closed = false;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly worker: StartedWorker) {
    const { port, ended } = worker;
    port.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      if ("error" in data) this.fail(errorOf(data.error));
      else this.settle()?.resolve(data);
    });
    // Engines that do not tell of closed ports leave that to the watch.
    port.addEventListener("close", () => this.fail(lost("has ended")));
    port.start();
    ended?.catch((error) => this.fail(error));
  }

  tell(order: Order, transfer: ArrayBuffer[] = []): void {
    if (this.failure) throw this.failure;
    this.worker.port.postMessage(order, transfer);
  }

  /** One question at a time. `shardSeconds`: what the leader needs for a shard. */
  ask(order: Order, transfer: ArrayBuffer[], shardSeconds: number): Promise<Passed> {
    const answer = new Promise<Passed>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.tell(order, transfer);
      this.await(shardSeconds);
    });
    // The leader may fail before it comes to wait for this.
    answer.catch(() => {});
    return answer;
  }

  close(): void {
    this.closed = true;
    this.settle();
    endWork(this.worker.port);
  }

  /** Counts seconds in which this thread runs: while a machine sleeps, its workers do, too. */
  private await(shardSeconds: number): void {
    const most = Math.ceil(Math.max(patience.seconds, patience.shards * shardSeconds));
    let seconds = 0;
    this.watch = setInterval(() => {
      if (++seconds >= most) this.fail(lost(`has given no answer for ${most} seconds`));
    }, 1000);
  }

  private fail(error: Error): void {
    if (this.closed) return;
    this.failure ??= error;
    this.settle()?.reject(error);
  }

  private settle() {
    const { waiting } = this;
    clearInterval(this.watch);
    this.waiting = undefined;
    return waiting;
  }
}

/** Lets the worker at the other end of a port go. */
export function endWork(port: MessagePort): void {
  port.postMessage({ order: "end" } satisfies Order);
  port.close();
}

export type Passed = Extract<Answer, { readonly results: unknown }>;

const lost = (what: string): IsthmusError => new IsthmusError("worker-failed", `A worker of the training ${what}`);

const errorOf = ({ code, message }: Extract<Answer, { readonly error: unknown }>["error"]): Error =>
  code ? new IsthmusError(code, message) : new Error(message);
