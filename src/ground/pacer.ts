import { throwIfAborted } from "./errors.js";
import { pause } from "./pause.js";

/** Milliseconds. The pieces of work between two looks should not be much longer. */
const longestTurn = 20;

export interface PaceOptions {
  /** Ends the work with the error `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Told the finished fraction, 0 .. 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Lets long work breathe: other events run every 20 ms, an abort is noticed, progress is told. */
export class Pacer {
  constructor(
    private readonly options: PaceOptions,
    /** Of the whole work: what many short parts take adds up. */
    private readonly clock = { turnStarted: performance.now() },
  ) {
    throwIfAborted(options.signal);
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** A pacer for one part of the work, whose fractions 0 .. 1 count as `from` .. `to` of the whole. */
  part(from: number, to: number): Pacer {
    const { signal, onProgress } = this.options;
    const told = onProgress && ((fraction: number) => onProgress(from + fraction * (to - from)));
    return new Pacer({ signal, onProgress: told }, this.clock);
  }

  /** The items that the work makes; it is done behind the last, where other items that it used must be at their end, too, and may throw. */
  async *through<Item>(items: AsyncIterable<Item>, used?: AsyncIterator<unknown>): AsyncGenerator<Item, void, void> {
    yield* items;
    await used?.next();
    this.options.onProgress?.(1);
  }

  /** True when it is time to breathe: pieces that are many and short look before they wait for nothing. */
  get isDue(): boolean {
    return performance.now() - this.clock.turnStarted >= longestTurn;
  }

  /** Call it between the pieces of the work; `fraction` of it is done, which is told where it is given. */
  async breathe(fraction?: number): Promise<void> {
    if (!this.isDue) return;
    if (fraction !== undefined) this.options.onProgress?.(fraction);
    await pause();
    this.clock.turnStarted = performance.now();
    throwIfAborted(this.options.signal);
  }
}
