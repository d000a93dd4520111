import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { onAbort } from "../ground/signals.js";
import type { PixelSource } from "../image/source.js";
import {
  type Answer,
  type CallName,
  type Calls,
  type News,
  news,
  type Request,
  type SignalName,
  signalNames,
} from "./messages.js";
import { portable } from "./portable.js";

/** A `Worker` of a browser or of `node:worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: never[]): void;
  terminate(): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each engine has types of its own for what its listeners are given
  addEventListener?(type: string, listener: (event: any) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  on?(type: string, listener: (value: any) => void): unknown;
}

/** What a call listens to beside its result, and what it is told while it runs. */
export type Listeners = {
  readonly signal?: AbortSignal | undefined;
  readonly finish?: AbortSignal | undefined;
  readonly lost?: AbortSignal | undefined;
} & {
  readonly [Kind in News]?: ((value: never) => unknown) | undefined;
};

/** Images that a call hands over before it begins. */
export type Handed = Partial<Record<"training" | "validation", Iterable<PixelSource>>>;

interface Pending {
  readonly listeners: Listeners;
  settle(outcome: () => unknown): void;
  /** Work of the page's own callbacks, which must end before the call does. */
  readonly callbacks: Set<Promise<void>>;
}

const longestTurn = 8;

/** The page's end of the channel to a worker: numbers calls, passes on progress and aborts, and fails all of them when the worker does. */
export class Connection {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private failure: IsthmusError | undefined;

  constructor(private readonly worker: WorkerLike) {
    const fail = (reason: string, cause?: unknown): void => {
      this.end(new IsthmusError("worker-failed", `The worker ${reason}`, { cause }));
    };
    const failed = (error: { message?: string }): void =>
      fail(error.message ? `failed: ${error.message}` : "could not be loaded", error);
    if (worker.addEventListener) {
      worker.addEventListener("message", ({ data }: { data: Answer }) => this.receive(data));
      worker.addEventListener("error", failed);
    } else {
      worker.on?.("message", (answer: Answer) => this.receive(answer));
      worker.on?.("error", failed);
      worker.on?.("exit", () => fail("ended"));
    }
  }

  /** Calls that are not settled yet. */
  get open(): number {
    return this.pending.size;
  }

  get failed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Makes a call. Its promise settles when the worker has settled it, so that after an abort the worker is free again.
   * Throws what the worker throws, `aborted`, `worker-failed`, or `invalid-parameter` for what cannot be sent.
   */
  async call<Name extends CallName>(
    call: Name,
    given: Calls[Name]["given"],
    listeners: Listeners = {},
    transfer: readonly object[] = [],
    handed: Handed = {},
  ): Promise<Calls[Name]["returned"]> {
    const { signal, finish, lost } = listeners;
    throwIfAborted(signal);
    if (this.failure) throw this.failure;
    const id = ++this.lastId;
    const signals = { abort: signal, finish, lost };
    const stops: (() => void)[] = [];
    try {
      return await new Promise((resolve, reject) => {
        const settle = (outcome: () => unknown): void => {
          this.pending.delete(id);
          Promise.all(callbacks)
            .then(() => resolve(outcome() as Calls[Name]["returned"]))
            .catch(reject);
        };
        const callbacks = new Set<Promise<void>>();
        this.pending.set(id, { listeners, settle, callbacks });
        const begin = async (): Promise<void> => {
          await this.hand(id, handed, signal);
          const wants = news.filter((kind) => listeners[kind]);
          this.post({ id, call, given, wants } as Request, transfer);
          for (const name of signalNames) {
            const raise = () => this.raise(id, name);
            stops.push(onAbort(signals[name], raise));
            if (signals[name]?.aborted) raise();
          }
        };
        begin().catch((error) => {
          this.raise(id, "abort");
          settle(() => {
            throw error;
          });
        });
      });
    } catch (error) {
      if (error instanceof IsthmusError && error.code === "aborted" && signal?.aborted) throwIfAborted(signal);
      throw error;
    } finally {
      for (const stop of stops) stop();
    }
  }

  /** Ends the worker at once; open calls throw `aborted`. */
  terminate(): void {
    this.end(new IsthmusError("aborted", "The worker was terminated"));
    this.worker.terminate();
  }

  /** Sends images one by one: copying all of them at once would hold up the page. */
  private async hand(id: number, handed: Handed, signal: AbortSignal | undefined): Promise<void> {
    let turnStarted = performance.now();
    for (const use of ["training", "validation"] as const) {
      for (const image of handed[use] ?? []) {
        throwIfAborted(signal);
        const { source, transfer } = await portable(image, false, signal);
        this.post({ id, image: source, use }, transfer);
        if (performance.now() - turnStarted < longestTurn) continue;
        await new Promise((resolve) => setTimeout(resolve, 0));
        turnStarted = performance.now();
      }
    }
    throwIfAborted(signal);
  }

  private post(request: Request, transfer: readonly object[] = []): void {
    if (this.failure) throw this.failure;
    try {
      this.worker.postMessage(request, transfer as never[]);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new IsthmusError("invalid-parameter", `Expected values that can be sent to a worker but ${reason}`, {
        cause,
      });
    }
  }

  private raise(id: number, signal: SignalName): void {
    if (this.pending.has(id) && !this.failure) this.post({ id, signal });
  }

  private receive(answer: Answer): void {
    const call = this.pending.get(answer.id);
    if (!call) return;
    const hear = (kind: News, value: unknown): void => {
      const listener = call.listeners[kind] as ((value: unknown) => unknown) | undefined;
      const done = Promise.resolve(value)
        .then(listener)
        .then(() => {});
      call.callbacks.add(done);
      done.then(
        () => call.callbacks.delete(done),
        // A callback that throws ends its call, as it would without a worker.
        () => this.raise(answer.id, "abort"),
      );
    };
    if ("returned" in answer) call.settle(() => answer.returned);
    else if ("error" in answer) {
      call.settle(() => {
        throw errorOf(answer.error);
      });
    } else for (const kind of news) if (kind in answer) hear(kind, (answer as Partial<Record<News, unknown>>)[kind]);
  }

  private end(failure: IsthmusError): void {
    this.failure ??= failure;
    for (const call of [...this.pending.values()])
      call.settle(() => {
        throw failure;
      });
  }
}

const errorOf = ({ code, message }: { code: IsthmusError["code"] | undefined; message: string }): Error =>
  code ? new IsthmusError(code, message) : new Error(message);
