import { IsthmusError } from "../../errors.js";
import type { Answer, Order } from "./messages.js";

/** A helper as its leader reaches it. */
export interface Helper {
  readonly port: MessagePort;
  /** Rejects when the thread behind the port fails; a leader that cannot know gives none. */
  readonly ended?: Promise<void>;
}

/** Who lends threads to a training. */
export interface Crew {
  /** The leader's own among them. */
  readonly threads: number;
  /** Starts helpers. Whoever lends them ends their threads. */
  hire(count: number): readonly Helper[];
}

/** The leader's end of the port to a helper. */
export class Colleague {
  private waiting: { resolve(answer: Passed): void; reject(error: Error): void } | undefined;
  private failure: Error | undefined;

  constructor(private readonly helper: Helper) {
    const { port, ended } = helper;
    port.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      if ("error" in data) this.fail(errorOf(data.error));
      else this.settle()?.resolve(data);
    });
    port.start();
    ended?.catch((error) => this.fail(error));
  }

  tell(order: Order, transfer: ArrayBuffer[] = []): void {
    if (this.failure) throw this.failure;
    this.helper.port.postMessage(order, transfer);
  }

  /** One question at a time. */
  ask(order: Order, transfer: ArrayBuffer[]): Promise<Passed> {
    const answer = new Promise<Passed>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.tell(order, transfer);
    });
    // The leader may fail before it comes to wait for this.
    answer.catch(() => {});
    return answer;
  }

  close(): void {
    endHelp(this.helper.port);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.settle()?.reject(error);
  }

  private settle() {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }
}

/** Lets whoever helps at the other end of a port go. */
export function endHelp(port: MessagePort): void {
  port.postMessage({ order: "end" } satisfies Order);
  port.close();
}

export type Passed = Extract<Answer, { readonly results: unknown }>;

const errorOf = ({ code, message }: Extract<Answer, { readonly error: unknown }>["error"]): Error =>
  code ? new IsthmusError(code, message) : new Error(message);
