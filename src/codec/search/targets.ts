import { expected, IsthmusError } from "../../ground/errors.js";
import { smallestSide } from "../../metric/error-weights.js";
import type { Size } from "../../models/tiling.js";

/** What a stream is to reach instead of a quality. At most one of the three. */
export interface TargetOptions {
  /** Least SSIMULACRA 2, as `ssimulacra2` measures it, above 0 and at most 100: the smallest stream that has it. Pictures of 8 x 8 pixels or more. */
  readonly targetScore?: number | undefined;
  /** Least PSNR in decibels, as `psnr` measures it, above 0: the smallest stream that has it. */
  readonly targetPsnr?: number | undefined;
  /** Most bytes that the whole stream may take, an integer above 0: the best quality that fits. */
  readonly targetBytes?: number | undefined;
}

/** A bound on the score, the PSNR or the bytes of a stream. */
export interface Target {
  readonly kind: "score" | "psnr" | "bytes";
  readonly goal: number;
}

interface TargetKind {
  readonly kind: Target["kind"];
  readonly name: keyof TargetOptions;
  readonly wanted: string;
  isPossible(goal: number): boolean;
}

const kinds: readonly TargetKind[] = [
  {
    ...{ kind: "score", name: "targetScore", wanted: "a number above 0 and at most 100" },
    isPossible: (goal) => Number.isFinite(goal) && goal > 0 && goal <= 100,
  },
  {
    ...{ kind: "psnr", name: "targetPsnr", wanted: "a finite number above 0" },
    isPossible: (goal) => Number.isFinite(goal) && goal > 0,
  },
  {
    ...{ kind: "bytes", name: "targetBytes", wanted: "an integer above 0" },
    isPossible: (goal) => Number.isSafeInteger(goal) && goal > 0,
  },
];

/**
 * The target among options, undefined where there is none. Throws `invalid-parameter` for targets that contradict the other options, or that a picture
 * of this size cannot have.
 */
export function targetOf(
  options: TargetOptions & { quality?: number; bare?: boolean },
  { width, height }: Size,
): Target | undefined {
  const given = kinds.filter(({ name }) => options[name] !== undefined);
  if (given.length === 0) return undefined;
  const [{ kind, name, wanted, isPossible }, other] = given;
  const goal = options[name]!;
  if (other) throw expected(`no ${name}`, other.name, goal);
  if (options.quality !== undefined) throw expected("no quality", name, options.quality);
  if (options.bare) throw expected("a stream that is not bare", name, options.bare);
  if (!isPossible(goal)) throw expected(wanted, name, goal);
  if (kind === "score" && Math.min(width, height) < smallestSide) {
    throw new IsthmusError(
      "invalid-parameter",
      `Expected at least ${smallestSide} x ${smallestSide} pixels for targetScore but received ${width} x ${height}`,
    );
  }
  return { kind, goal };
}

/** A stream and what it reached. */
export interface Encoding {
  readonly bytes: Uint8Array;
  /** 0 .. 100 */
  readonly quality: number;
  /** SSIMULACRA 2 against the image; known where a score was aimed at. */
  readonly ssimulacra2?: number;
  /** Decibels against the image; known where a PSNR was aimed at. */
  readonly psnr?: number;
}

/** What an encoding offers to a target of a kind. */
export const reachedValue = (kind: Target["kind"], { bytes, psnr, ssimulacra2 }: Encoding): number =>
  ({ score: ssimulacra2!, psnr: psnr!, bytes: bytes.length })[kind];

/** Why a target is out of reach, given the encoding that comes closest. */
export function unreachable({ kind, goal }: Target, closest: Encoding): IsthmusError {
  const value = reachedValue(kind, closest);
  const quality = Number(closest.quality.toFixed(1));
  const message = {
    score: () => `Expected at most ${value.toFixed(2)} for targetScore but received ${goal}`,
    psnr: () => `Expected at most ${value.toFixed(2)} dB for targetPsnr but received ${goal}`,
    bytes: () => `Expected at least ${value} bytes for targetBytes but received ${goal}`,
  }[kind]();
  const reason =
    kind === "bytes" ? `the image takes as many at quality ${quality}` : `quality ${quality} reaches no more`;
  return new IsthmusError("target-unreachable", `${message}: ${reason}`);
}
