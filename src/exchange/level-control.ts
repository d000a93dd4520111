import { exponential, logarithm } from "../ground/arithmetic.js";

/** Natural logarithm of how many times the bytes grow with a quality level, about. */
const growth = 0.0135;
/** Attempts at a frame that is too large, before the least level. */
const mostAttempts = 4;
const leastStep = 6;
const mostRise = 16;
/** Levels that a cell is to gain before it is worth sending again. */
const leastGain = 24;
/** Share of the bytes of a frame that cells which only gain quality may take. */
const refreshShare = 0.6;

interface Attempt {
  readonly level: number;
  /** The cells that were coded. */
  readonly marks: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Moves the quality level with the bytes that there are for a frame: down as far as one needs, up again by steps.
 * What is left over goes to cells that were sent at a lower quality and have not changed since, some at a time.
 */
export class LevelControl {
  private level: number;
  /** Bytes of a cell at level 0, about. */
  private cellBytes = 1;
  /** The cell to look at first, when cells are looked for that are to gain. */
  private next = 0;

  constructor(
    private readonly highest: number,
    private readonly least: number,
  ) {
    this.level = highest;
  }

  /** The changed cells, and others that are to gain quality, as many as `allowance` bytes are likely to hold. */
  refreshed(changed: Uint8Array, levels: Uint8Array, allowance: number): Uint8Array {
    const bytes = this.cellBytes * exponential(growth * this.level);
    let left = refreshShare * (allowance / bytes) - changed.reduce((sum, mark) => sum + mark, 0);
    if (left < 1) return changed;
    const marks = changed.slice();
    const count = marks.length;
    const start = this.next;
    for (let i = 0; i < count && left >= 1; i++) {
      const cell = (start + i) % count;
      if (marks[cell] || levels[cell] + leastGain > this.level) continue;
      marks[cell] = 1;
      left--;
      this.next = (cell + 1) % count;
    }
    return marks;
  }

  /**
   * The attempt with at most `allowance` bytes: the best of some, or the one at the least level, however long that is.
   */
  async fit<Result extends Attempt>(
    attempt: (level: number, marks: Uint8Array) => Promise<Result>,
    { changed, refreshed, allowance }: { changed: Uint8Array; refreshed: Uint8Array; allowance: number },
  ): Promise<Result> {
    let marks = refreshed;
    let level = this.level;
    for (let attempts = 1; ; attempts++) {
      const made = await attempt(level, marks);
      const { length } = made.bytes;
      const count = marks.reduce((sum, mark) => sum + mark, 0);
      if (count > 0) this.cellBytes = length / count / exponential(growth * level);
      if (length <= allowance) {
        const rise = Math.min(mostRise, logarithm(allowance / length) / growth / 2);
        this.level = Math.min(this.highest, Math.floor(level + rise));
        return made;
      }
      if (marks !== changed) {
        // Cells that were to gain are the first to go.
        marks = changed;
        continue;
      }
      if (level === this.least) {
        this.level = level;
        return made;
      }
      const fall = Math.max(leastStep, Math.ceil(logarithm(length / allowance) / growth));
      level = attempts > mostAttempts ? this.least : Math.max(this.least, level - Math.min(fall, level));
    }
  }
}
