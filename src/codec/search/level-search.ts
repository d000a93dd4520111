import type { Pacer } from "../../ground/pacer.js";
import type { Size } from "../../models/tiling.js";
import { highestLevel, percentOfLevel } from "../latents/quality.js";
import { findCrossing } from "./quality-search.js";
import { type Encoding, reachedValue, type Target, unreachable } from "./targets.js";

/** Encodes at a level and an effort; measures what the target asks for. */
export type Attempt = (level: number, effort: number, pacer: Pacer) => Promise<Encoding>;

/** Further attempts made at an effort above 0, after the first two, to come closer to the target. */
const mostSteps = 3;
/** Which part of the time left an attempt is thought to take: at effort 0, at efforts above, and where there are only the former. */
const shares = { plain: 0.02, refined: 0.5, only: 0.15 };
/**
 * Levels from one look at the likeness to the next, divisors of the highest level; a likeness that rises and falls within is not noticed. Small pictures,
 * whose likeness wavers most, are soon looked at.
 */
const coarseSteps = [
  { mostPixels: 1 << 14, step: 3 },
  { mostPixels: 1 << 17, step: 5 },
  { mostPixels: Number.POSITIVE_INFINITY, step: 15 },
];

export const coarseStepFor = ({ width, height }: Size): number =>
  coarseSteps.find(({ mostPixels }) => width * height <= mostPixels)!.step;

/**
 * The level that reaches a target with the fewest bytes, or with the best quality that its bytes allow. At effort 0, bytes are bisected, since they grow
 * with the level. Likeness mostly does: on flat, drawn or tiny pictures it may fall between two levels, so it is looked at from the smallest streams
 * on, in coarse steps, and bisected within the first that reaches the target. Refined streams are smaller and a little better or worse, so the search
 * is repeated for the target that the first of them calls for. Throws `target-unreachable`, naming what comes closest, where nothing reaches it.
 */
export class LevelSearch {
  private readonly attempts = new Map<string, Promise<Encoding>>();
  private done = 0;

  constructor(
    private readonly target: Target,
    private readonly effort: number,
    private readonly attempt: Attempt,
    private readonly pacer: Pacer,
    private readonly coarseStep: number,
  ) {}

  async run(): Promise<Encoding> {
    const { effort, target } = this;
    const start = await this.furthest(target.goal);
    if (effort === 0) return this.climb(start, 2);
    const [plain, refined] = [await this.at(start, 0), await this.at(start, effort)];
    const [before, after] = [plain, refined].map((encoding) => reachedValue(target.kind, encoding));
    const goal = target.kind === "bytes" ? (target.goal * before) / after : target.goal + before - after;
    // A lossless stream has no finite PSNR to reckon with.
    return this.climb(await this.furthest(Number.isFinite(goal) ? goal : target.goal), 1, plain);
  }

  /**
   * From a position that may or may not reach the target, the furthest that does, tried up to `stride` at once. Where none near it does, `plain` is
   * better than nothing, if it reaches the target.
   */
  private async climb(from: number, stride: number, plain?: Encoding): Promise<Encoding> {
    let position = from;
    let reached = await this.at(position, this.effort);
    if (this.reaches(reached, this.target.goal)) {
      for (let step = 0; step < mostSteps; step++) {
        const next = await this.firstReaching(position + 1, position + stride);
        if (!next) break;
        position = next.position;
        reached = next.encoding;
      }
      return reached;
    }
    const fallback = plain && this.reaches(plain, this.target.goal) ? plain : undefined;
    const last = fallback ? Math.max(0, position - 2 * mostSteps) : 0;
    while (position > last) {
      reached = await this.at(--position, this.effort);
      if (this.reaches(reached, this.target.goal)) return reached;
    }
    if (fallback) return fallback;
    throw unreachable(this.target, await this.closest());
  }

  private async firstReaching(from: number, to: number) {
    for (let position = from; position <= Math.min(to, highestLevel); position++) {
      const encoding = await this.at(position, this.effort);
      if (this.reaches(encoding, this.target.goal)) return { position, encoding };
    }
    return undefined;
  }

  /** The furthest position that reaches a goal at effort 0; where none does, the one that comes closest to it. */
  private async furthest(goal: number): Promise<number> {
    if (this.target.kind === "bytes") return Math.max(0, await this.bisect(-1, highestLevel + 1, goal));
    for (let position = highestLevel; position >= 0; position -= this.coarseStep) {
      if (await this.reachesAt(position, goal)) {
        return this.bisect(position, Math.min(position + this.coarseStep, highestLevel + 1), goal);
      }
    }
    return this.best(goal);
  }

  /** The last position before one that misses the goal at effort 0: `reaching` does, or is none, and `missing` does not, or is none. */
  private async bisect(reaching: number, missing: number, goal: number): Promise<number> {
    const { below } = await findCrossing({
      ...{ lowest: reaching + 1, highest: missing - 1 },
      tryAt: (position) => this.at(position, 0),
      isBelow: (encoding) => this.reaches(encoding, goal),
    });
    return below?.quality ?? reaching;
  }

  /** Goes on from the best of the coarse positions, none of which reaches the goal, in ever smaller steps: to the first that does, or to the best. */
  private async best(goal: number): Promise<number> {
    const at = async (position: number) => ({ position, value: this.valueOf(await this.at(position, 0)) });
    let best = await at(0);
    const consider = async (position: number): Promise<void> => {
      if (position < 0 || position > highestLevel) return;
      const other = await at(position);
      if (other.value > best.value) best = other;
    };
    const { coarseStep } = this;
    for (let position = coarseStep; position <= highestLevel; position += coarseStep) await consider(position);
    for (let step = (coarseStep + 1) >> 1; step >= 1 && best.value < goal; step >>= 1) {
      const centre = best.position;
      for (const position of [centre + step, centre - step]) await consider(position);
    }
    return best.position;
  }

  /** Positions count away from the level that reaches a target most easily: up from the smallest streams, or down from the best. */
  private at(position: number, effort: number): Promise<Encoding> {
    const level = this.target.kind === "bytes" ? position : highestLevel - position;
    const key = `${level} ${effort}`;
    let encoding = this.attempts.get(key);
    if (!encoding) {
      const share = effort > 0 ? shares.refined : this.effort > 0 ? shares.plain : shares.only;
      const end = this.done + (1 - this.done) * share;
      encoding = this.attempt(level, effort, this.pacer.part(this.done, end));
      this.done = end;
      this.attempts.set(key, encoding);
    }
    return encoding;
  }

  private readonly valueOf = (encoding: Encoding): number => reachedValue(this.target.kind, encoding);

  private reachesAt = async (position: number, goal: number): Promise<boolean> =>
    this.reaches(await this.at(position, 0), goal);

  private reaches(encoding: Encoding, goal: number): boolean {
    const value = this.valueOf(encoding);
    return this.target.kind === "bytes" ? value <= goal : value >= goal;
  }

  /** Of all attempts the one that comes closest to the target. */
  private async closest(): Promise<Encoding> {
    const sign = this.target.kind === "bytes" ? -1 : 1;
    const all = await Promise.all(this.attempts.values());
    return all.reduce((best, other) => (sign * this.valueOf(other) > sign * this.valueOf(best) ? other : best));
  }
}

export const encodingOf = (
  bytes: Uint8Array,
  level: number,
  measured: Pick<Encoding, "psnr" | "ssimulacra2"> = {},
): Encoding => ({ bytes, quality: percentOfLevel(level), ...measured });
