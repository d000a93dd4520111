import { expected, IsthmusError } from "../errors.js";
import type { Pacer } from "../pacer.js";
import { highestLevel, percentOfLevel } from "./quality.js";

/** What a stream is to reach instead of a quality. At most one of the two. */
export interface TargetOptions {
  /** Most bytes that the whole stream may take, an integer above 0: the best quality that fits. */
  readonly targetBytes?: number | undefined;
  /** Least PSNR in decibels, as `psnr` measures it, above 0: the smallest stream that has it. */
  readonly targetPsnr?: number | undefined;
}

/** A stream and what it reached. */
export interface Encoding {
  readonly bytes: Uint8Array;
  /** 0 .. 100 */
  readonly quality: number;
  /** Decibels against the image; known where a PSNR was aimed at. */
  readonly psnr?: number;
}

/** A bound on the bytes or on the PSNR of a stream. */
export interface Target {
  readonly kind: "bytes" | "psnr";
  readonly goal: number;
}

/** The target among options, undefined where there is none. Throws `invalid-parameter` for targets that contradict the other options. */
export function targetOf(options: TargetOptions & { quality?: number; bare?: boolean }): Target | undefined {
  const { targetBytes, targetPsnr, quality, bare } = options;
  if (targetBytes === undefined && targetPsnr === undefined) return undefined;
  const name = targetBytes === undefined ? "targetPsnr" : "targetBytes";
  if (targetBytes !== undefined && targetPsnr !== undefined)
    throw expected("no targetBytes", "targetPsnr", targetBytes);
  if (quality !== undefined) throw expected(`no quality`, name, quality);
  if (bare) throw expected("a stream that is not bare", name, bare);
  if (targetBytes !== undefined) {
    if (!Number.isSafeInteger(targetBytes) || targetBytes < 1) throw expected("an integer above 0", name, targetBytes);
    return { kind: "bytes", goal: targetBytes };
  }
  if (!Number.isFinite(targetPsnr) || targetPsnr! <= 0) throw expected("a finite number above 0", name, targetPsnr);
  return { kind: "psnr", goal: targetPsnr! };
}

/** Encodes at a level and an effort; measures the PSNR where the target is one. */
export type Attempt = (level: number, effort: number, pacer: Pacer) => Promise<Encoding>;

/** Further attempts made at an effort above 0, after the first two, to come closer to the target. */
const mostSteps = 3;
/** Which part of the time left an attempt is thought to take: at effort 0, at efforts above, and where there are only the former. */
const shares = { plain: 0.02, refined: 0.5, only: 0.2 };

/**
 * The level that reaches a target with the fewest bytes, or with the best quality that its bytes allow: found by bisection at effort 0. Refined
 * streams are smaller and a little better or worse, so the search is repeated for the target that the first of them calls for.
 * Throws `target-unreachable` where the lowest or the highest quality fails to reach it.
 */
export class LevelSearch {
  private readonly attempts = new Map<string, Promise<Encoding>>();
  private done = 0;

  constructor(
    private readonly target: Target,
    private readonly effort: number,
    private readonly attempt: Attempt,
    private readonly pacer: Pacer,
  ) {}

  async run(): Promise<Encoding> {
    const { effort, target } = this;
    const start = Math.max(0, await this.furthest(target.goal));
    if (effort === 0) return this.climb(start, 2);
    const [plain, refined] = [await this.at(start, 0), await this.at(start, effort)].map(this.valueOf);
    const goal = target.kind === "bytes" ? (target.goal * plain) / refined : target.goal + plain - refined;
    // A lossless stream has no finite PSNR to reckon with.
    return this.climb(Math.max(0, await this.furthest(Number.isFinite(goal) ? goal : target.goal)), 1);
  }

  /** From a position that may or may not reach the target, the furthest that does, tried up to `stride` at once. */
  private async climb(from: number, stride: number): Promise<Encoding> {
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
    while (position > 0) {
      reached = await this.at(--position, this.effort);
      if (this.reaches(reached, this.target.goal)) return reached;
    }
    throw this.unreachable(reached);
  }

  private async firstReaching(from: number, to: number) {
    for (let position = from; position <= Math.min(to, highestLevel); position++) {
      const encoding = await this.at(position, this.effort);
      if (this.reaches(encoding, this.target.goal)) return { position, encoding };
    }
    return undefined;
  }

  /** The last position before one that misses the goal at effort 0, -1 where all miss. */
  private async furthest(goal: number): Promise<number> {
    let reaching = -1;
    let missing = highestLevel + 1;
    while (missing - reaching > 1) {
      const middle = (reaching + missing) >> 1;
      if (this.reaches(await this.at(middle, 0), goal)) reaching = middle;
      else missing = middle;
    }
    return reaching;
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

  private readonly valueOf = ({ bytes, psnr }: Encoding): number =>
    this.target.kind === "bytes" ? bytes.length : psnr!;

  private reaches(encoding: Encoding, goal: number): boolean {
    const value = this.valueOf(encoding);
    return this.target.kind === "bytes" ? value <= goal : value >= goal;
  }

  private unreachable(closest: Encoding): IsthmusError {
    const { kind, goal } = this.target;
    const value = this.valueOf(closest);
    return new IsthmusError(
      "target-unreachable",
      kind === "bytes"
        ? `Expected at least ${value} bytes for targetBytes but received ${goal}: the image takes as many at quality 0`
        : `Expected at most ${value.toFixed(2)} dB for targetPsnr but received ${goal}: quality 100 reaches no more`,
    );
  }
}

export const encodingOf = (bytes: Uint8Array, level: number, psnr?: number): Encoding => ({
  bytes,
  quality: percentOfLevel(level),
  ...(psnr !== undefined && { psnr }),
});
