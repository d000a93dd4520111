import { type ErrorCode, IsthmusError } from "../ground/errors.js";

export const exitCodes = { ok: 0, failure: 1, usage: 2, corrupt: 3, model: 4, interrupted: 130 } as const;

/** The exit code of each error; what is not named here is a plain failure. */
const exitCodeOfError: Partial<Record<ErrorCode, number>> = {
  "invalid-parameter": exitCodes.usage,
  "invalid-image": exitCodes.corrupt,
  "not-isthmus": exitCodes.corrupt,
  "unsupported-version": exitCodes.corrupt,
  truncated: exitCodes.corrupt,
  corrupt: exitCodes.corrupt,
  "invalid-model": exitCodes.corrupt,
  "model-missing": exitCodes.model,
  "model-mismatch": exitCodes.model,
  "not-generative": exitCodes.model,
  "model-unsuited": exitCodes.model,
  aborted: exitCodes.interrupted,
};

/** A command line that asks for something that cannot be meant. */
export class UsageError extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  return (error instanceof IsthmusError && exitCodeOfError[error.code]) || exitCodes.failure;
}

/** The stable code of an error, for `--json`. */
export function codeOf(error: unknown): string {
  if (error instanceof IsthmusError) return error.code;
  return error instanceof UsageError ? "invalid-parameter" : "internal";
}

/** One line for people; with ISTHMUS_DEBUG set, the whole stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env.ISTHMUS_DEBUG ? String(error.stack) : error.message.trim();
}

export const isAborted = (error: unknown): boolean => error instanceof IsthmusError && error.code === "aborted";
