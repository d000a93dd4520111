import { throwIfAborted } from "../ground/errors.js";
import { pause } from "../ground/pause.js";
import type { Steps } from "../ground/steps.js";

/** Milliseconds. The pieces of work between two looks should not be much longer. */
const longestTurn = 20;

/** Lets a training breathe: whatever takes long is done in pieces, and between them other events run and an abort is noticed. */
export class Breath {
  private turnStarted = performance.now();

  constructor(
    private readonly signal?: AbortSignal,
    /** Told at every breath. */
    private readonly onBreath: () => void = () => {},
  ) {}

  /** Call it between pieces of work. Throws `aborted`. */
  async breathe(): Promise<void> {
    if (performance.now() - this.turnStarted < longestTurn) return;
    await this.now();
  }

  /** As `breathe`, however short the time since the last. */
  async now(): Promise<void> {
    this.onBreath();
    await pause();
    this.turnStarted = performance.now();
    throwIfAborted(this.signal);
  }

  /** The result of all steps, with breath between them. */
  async through<Result>(steps: Steps<Result>): Promise<Result> {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      await this.breathe();
    }
  }
}

/** Runs work that is done in pieces, and drops what it allocated. */
export async function longScope<Result>(
  memory: { mark(): number; release(mark: number): void },
  work: () => Promise<Result>,
): Promise<Result> {
  const mark = memory.mark();
  try {
    return await work();
  } finally {
    memory.release(mark);
  }
}
