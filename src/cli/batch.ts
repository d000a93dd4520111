import { throwIfAborted } from "../errors.js";
import { exitCodeOf, exitCodes, isAborted } from "./exit.js";
import { type Input, nameOf } from "./inputs.js";
import type { Report } from "./report.js";

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
  for (const [index, input] of inputs.entries()) {
    throwIfAborted(signal);
    const onProgress = (fraction: number): void =>
      report.progress.update((index + fraction) / inputs.length, `${index + 1} of ${inputs.length}: ${nameOf(input)}`);
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
