import { throwIfAborted } from "../ground/errors.js";
import type { BatchSummary } from "./batch-summary.js";
import { exitCodeOf, exitCodes, isAborted } from "./exit.js";
import { duration } from "./format.js";
import { type Input, nameOf, shownName } from "./inputs.js";
import type { Report } from "./report.js";

/** Estimates are told after this many milliseconds: before, they are worth nothing. */
const leastElapsed = 2000;

/** "0:25 left, ", or nothing where it is too early to tell. */
const timeLeft = (elapsed: number, done: number): string =>
  elapsed < leastElapsed || done <= 0 ? "" : `${duration((elapsed * (1 - done)) / done / 1000)} left, `;

/** Tells what was done to an input, when it is its turn. */
export type Tell = () => void;
type Work = (input: Input, onProgress: (fraction: number) => void) => Promise<Tell | undefined>;
type Outcome = { readonly tell: Tell | undefined } | { readonly error: unknown };

/**
 * Works on `jobs` inputs at a time and goes on after a failure. Inputs are begun in their order, and what was done is told in the same order; `work` may
 * tell how much of its input is done. Returns the exit code of the worst failure. Throws `aborted` as soon as the signal is raised and all work has ended.
 */
export async function runBatch(
  inputs: readonly Input[],
  report: Report,
  signal: AbortSignal,
  work: Work,
  jobs = 1,
): Promise<number> {
  const start = performance.now();
  const fractions = new Float64Array(inputs.length);
  const outcomes = inputs.map(() => settleable<Outcome>());
  let next = 0;
  let stopped = false;

  const begin = async (index: number): Promise<void> => {
    const input = inputs[index];
    const onProgress = (fraction: number): void => {
      fractions[index] = fraction;
      const done = fractions.reduce((sum, part) => sum + part, 0) / inputs.length;
      const text = `${index + 1} of ${inputs.length}: ${nameOf(input)}`;
      report.progress.update(done, `${timeLeft(performance.now() - start, done)}${text}`);
    };
    try {
      throwIfAborted(signal);
      if (input.error) throw input.error;
      outcomes[index].settle({ tell: await work(input, onProgress) });
    } catch (error) {
      stopped ||= isAborted(error);
      outcomes[index].settle({ error });
    }
    fractions[index] = 1;
  };
  const run = async (): Promise<void> => {
    while (next < inputs.length && !stopped) await begin(next++);
  };
  const runners = Promise.all(Array.from({ length: Math.min(jobs, inputs.length) }, run));

  let worst: number = exitCodes.ok;
  let failures = 0;
  for (const [index, { settled }] of outcomes.entries()) {
    const outcome = await settled;
    if ("tell" in outcome) {
      outcome.tell?.();
      continue;
    }
    const { error } = outcome;
    if (isAborted(error)) {
      await runners;
      throw error;
    }
    report.failure(inputs[index].path, error);
    worst = Math.max(worst, exitCodeOf(error));
    failures++;
  }
  report.progress.clear();
  if (failures > 0 && inputs.length > 1) report.warning(`${failures} of ${inputs.length} files failed`);
  return worst;
}

/** What is told of an input whose output is there already. */
export function skipped(input: Input, summary: BatchSummary, report: Report): Tell {
  return () => {
    summary.skip();
    report.done({ input: input.path, skipped: true }, `${shownName(input)}: skipped`);
  };
}

/** A promise and what settles it. */
function settleable<Value>(): { settled: Promise<Value>; settle: (value: Value) => void } {
  let settle!: (value: Value) => void;
  const settled = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}
