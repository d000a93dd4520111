import { onAbort } from "./signals.js";

/**
 * Every error that Isthmus raises on purpose. `code` is stable and meant for programs; `message` is meant for
 * people and may change. Messages of bad parameters have one shape: "Expected X for Y but received Z".
 */
export type ErrorCode =
  /** A parameter has the wrong type or lies outside its range. */
  | "invalid-parameter"
  /** The input file or buffer is not an image that can be read. */
  | "invalid-image"
  /** The image is larger than the limit in force (see limits.ts). */
  | "image-too-large"
  /** The bytes are not an Isthmus stream or model at all (wrong magic). */
  | "not-isthmus"
  /** The stream or model was written by a newer format version. */
  | "unsupported-version"
  /** The stream or model ends too early. */
  | "truncated"
  /** The stream or model contradicts itself or fails a checksum. */
  | "corrupt"
  /** The model is not a valid Isthmus model: shapes, numbers or metadata are wrong. */
  | "invalid-model"
  /** The stream needs a model that is not at hand. */
  | "model-missing"
  /** The stream was made with another model than the one given. */
  | "model-mismatch"
  /** A frame of a scene is the change of one that is not at hand: it was lost, or came later. */
  | "reference-missing"
  /** The model was trained for something else: to restore pictures where coding is asked for, or the other way round. */
  | "model-unsuited"
  /** The training set cannot be used: empty, or of mixed sizes for a fixed-size preset. */
  | "invalid-training-set"
  /** Training ran into a number that is not finite. */
  | "training-diverged"
  /** The model has no prior over its latents, so that nothing can be drawn from it and no image has a likelihood. */
  | "not-generative"
  /** A file or folder does not exist. */
  | "file-not-found"
  /** A file exists and cannot be read. */
  | "file-unreadable"
  /** The output cannot be written. */
  | "output-unwritable"
  /** The output exists and overwriting was not asked for. */
  | "output-exists"
  /** An optional package (sharp) is needed for this call and is not installed. */
  | "dependency-missing"
  /** The engine has no WebAssembly SIMD, or memory could not be had. */
  | "unsupported-engine"
  /** The work needs more memory than the caller allows (`maxMemory`). */
  | "memory-exceeded"
  /** No quality of the model reaches the score, the PSNR or the bytes that were asked for. */
  | "target-unreachable"
  /** A worker could not start, or ended before its work. */
  | "worker-failed"
  /** An AbortSignal ended the work. */
  | "aborted";

export class IsthmusError extends Error {
  override readonly name = "IsthmusError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Says what was received in the shape that all parameter errors share, and then the hint. */
export function expected(what: string, name: string, received: unknown, hint = ""): IsthmusError {
  return new IsthmusError(
    "invalid-parameter",
    `Expected ${what} for ${name} but received ${describe(received)}${hint}`,
  );
}

function describe(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (typeof value === "object" && value !== null) {
    const name: unknown = value.constructor?.name;
    return `an object (${typeof name === "string" ? name : "no prototype"})`;
  }
  return `${String(value)} of type ${typeof value}`;
}

/** A want of memory as an error of our own; everything else as it is. */
export const shortageOr = (error: unknown): unknown =>
  error instanceof RangeError ? new IsthmusError("unsupported-engine", `Memory is short: ${error.message}`) : error;

/** Throws `aborted` when the signal has been raised. Call it between the pieces of long work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** The error of work that was ended for a reason. */
export const aborted = ({ reason }: Pick<AbortSignal, "reason">) =>
  new IsthmusError("aborted", "The operation was aborted", { cause: reason });

/** Waits no longer than the signal allows; what is waited for goes on. */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const raise = (): void => reject(aborted(signal));
    const stop = onAbort(signal, raise);
    work.then(resolve, reject).finally(stop);
    if (signal.aborted) raise();
  });
}
