import { throwIfAborted } from "./errors.js";

const longestTurn = 50;

export interface PaceOptions {
  /** Ends the work with the error `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Told the finished fraction, 0 .. 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Lets long work breathe: other events run at least every 50 ms, an abort is noticed, progress is told. */
export class Pacer {
  private turnStarted = performance.now();

  constructor(private readonly options: PaceOptions) {
    throwIfAborted(options.signal);
  }

  /** A pacer for one part of the work, whose fractions 0 .. 1 count as `from` .. `to` of the whole. */
  part(from: number, to: number): Pacer {
    const { signal, onProgress } = this.options;
    return new Pacer({ signal, onProgress: onProgress && ((fraction) => onProgress(from + fraction * (to - from))) });
  }

  /** True when it is time to breathe: pieces that are many and short look before they wait for nothing. */
  get isDue(): boolean {
    return performance.now() - this.turnStarted >= longestTurn;
  }

  /** Call it between the pieces of the work; `fraction` of it is done. */
  async breathe(fraction: number): Promise<void> {
    if (!this.isDue) return;
    this.options.onProgress?.(fraction);
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.turnStarted = performance.now();
    throwIfAborted(this.options.signal);
  }
}
