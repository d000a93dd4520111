import { throwIfAborted, unlessAborted } from "../ground/errors.js";
import { onAbort } from "../ground/signals.js";

/**
 * What the work comes to, with a signal that is raised when the caller's is, or after so many milliseconds. Work that does not listen is left alone. Throws
 * `aborted`, whose `cause` tells of the time where that was up.
 */
export async function within<Result>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Result | Promise<Result>,
): Promise<Result> {
  throwIfAborted(signal);
  const controller = new AbortController();
  const stop = onAbort(signal, () => controller.abort(signal?.reason));
  const timer = setTimeout(() => controller.abort(timeUp(milliseconds)), Math.min(milliseconds, longestTimer));
  try {
    const working = async () => work(controller.signal);
    return await unlessAborted(working(), controller.signal);
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/** Why work ends when its time is up. */
export const timeUp = (milliseconds: number): Error => new Error(`it takes longer than ${milliseconds} ms`);

/** What timers take: 24 days. */
const longestTimer = 0x7fffffff;
