import { throwIfAborted } from "../errors.js";
import { exitCodeOf, exitCodes, isAborted } from "./exit.js";
import { duration } from "./format.js";
import { type Input, nameOf } from "./inputs.js";
import type { Report } from "./report.js";

/** Estimates are told after this many milliseconds: before, they are worth nothing. */
const leastElapsed = 2000;

/** "0:25 left, ", or nothing where it is too early to tell. */
const timeLeft = (elapsed: number, done: number): string =>
  elapsed < leastElapsed || done <= 0 ? "" : `${duration((elapsed * (1 - done)) / done / 1000)} left, `;

/**
 * Works on one input after another and goes on after a failure; `work` may tell how much of its input is done.
 * Returns the exit code of the worst failure. Throws `aborted` as soon as the signal is raised.
 */
export async function runBatch(
  inputs: readonly Input[],
  report: Report,
  signal: AbortSignal,
  work: (input: Input, onProgress: (fraction: number) => void) => Promise<void>,
): Promise<number> {
  let worst: number = exitCodes.ok;
  let failures = 0;
  const start = performance.now();
  for (const [index, input] of inputs.entries()) {
    throwIfAborted(signal);
    const onProgress = (fraction: number): void => {
      const done = (index + fraction) / inputs.length;
      const text = `${index + 1} of ${inputs.length}: ${nameOf(input)}`;
      report.progress.update(done, `${timeLeft(performance.now() - start, done)}${text}`);
    };
    try {
      await work(input, onProgress);
    } catch (error) {
      if (isAborted(error)) throw error;
      report.failure(input.path, error);
      worst = Math.max(worst, exitCodeOf(error));
      failures++;
    }
  }
  report.progress.clear();
  if (failures > 0 && inputs.length > 1) report.warning(`${failures} of ${inputs.length} files failed`);
  return worst;
}
