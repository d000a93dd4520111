import { shortageOr } from "./errors.js";
import type { Pacer } from "./pacer.js";

/** Work in steps of some milliseconds, between which whoever drives it may do something else. */
export type Steps<Result> = Generator<void, Result, void>;

/** The result of all steps, at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The result of all steps, with breath between them. */
export async function paced<Result>(steps: Steps<Result>, pacer: Pacer): Promise<Result> {
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      if (pacer.isDue) await pacer.breathe();
    }
  } catch (error) {
    throw shortageOr(error);
  }
}
