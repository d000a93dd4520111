import { compare } from "../comparison/compare.js";
import { type ComparisonReport, reportOf } from "../comparison/comparison-report.js";
import { ownOf } from "../comparison/isthmus.js";
import { spread } from "../comparison/survey.js";
import type { Sample, Task } from "../comparison/task.js";
import { Pool, type RunTasks } from "../comparison/task-pool.js";
import { IsthmusError } from "../ground/errors.js";
import type { Model } from "../index.js";
import type { NamedSource } from "./hold-back.js";
import type { Report } from "./report.js";
import { compareWithStart, type Start, type StartReport } from "./verdict.js";

/** Bounds that keep the report within about a minute on two cores. */
const bounds = { pixels: 1_500_000, side: 768 };
const ownQualities = [0, 25, 50, 75, 100];
const rivalPoints = 4;
/** Slow: `isthmus bench` has it. */
const leftOut = ["jpeg-xl"];

/** Images that are compared whatever the time. */
const fewest = 2;

export interface HeldBackComparison {
  readonly comparison: ComparisonReport;
  /** Undefined where the start cannot code the images. */
  readonly start: StartReport | undefined;
}

/** Share of the time that the start takes after the comparison. */
const shareOfStart = 0.15;

/**
 * A quick comparison of a model with JPEG, WebP and AVIF on images that it was not trained on: on as many of them as there is time for until
 * `deadline`, in milliseconds of `performance.now`; then with its start on the same ones. Throws `aborted`.
 */
export async function compareOnHeldBack(
  model: Model,
  start: Start | undefined,
  images: readonly NamedSource[],
  report: Report,
  signal: AbortSignal,
  deadline = Number.POSITIVE_INFINITY,
): Promise<HeldBackComparison> {
  const { fixedSize } = model.configuration;
  const crop = fixedSize ? Number.POSITIVE_INFINITY : bounds.side;
  const largest = Math.max(...images.map(({ width, height }) => Math.min(width, crop) * Math.min(height, crop)));
  const chosen = spread(images, Math.max(fewest, Math.floor(bounds.pixels / largest)));
  const own = ownOf(model);
  const pool = new Pool(own, signal);
  const measured = new Map<string, boolean>();
  const now = performance.now();
  const end = start ? deadline - shareOfStart * Math.max(0, deadline - now) : deadline;
  let result: ComparisonReport;
  /** Images that there was no time for. */
  let leftOver = 0;
  try {
    const comparison = await compare(
      scattered(chosen).map(({ path }) => path),
      {
        own,
        qualities: ownQualities,
        points: rivalPoints,
        without: leftOut,
        ...(!fixedSize && { crop }),
        times: false,
        runTasks: noting(untilDeadline(pool.run, end), measured),
        signal,
        onSkip: (path, error) => {
          if (error === noTime) leftOver++;
          else report.warning(`skipped ${path}: ${error.message}`);
        },
        onProgress: (fraction, text) => report.progress.update(fraction, `comparing, ${text}`),
      },
    );
    const { images: all } = comparison;
    result = await reportOf({ ...comparison, images: { ...all, skipped: all.skipped - leftOver } }, own);
  } finally {
    await pool.close();
  }
  const paths = [...measured].filter(([, isWhole]) => isWhole).map(([path]) => path);
  const area = { paths, ...(!fixedSize && { crop }) };
  return { comparison: result, start: start && (await compareWithStart(start, model, result, area, signal)) };
}

/** Notes the paths of images, and whether every codec could code them: others are not compared. */
function noting(run: RunTasks, measured: Map<string, boolean>): RunTasks {
  return async (tasks, onDone) => {
    const results = await run(tasks, onDone);
    for (const [i, { path, quick }] of tasks.entries()) {
      if (quick) continue;
      measured.set(path, (measured.get(path) ?? true) && !(results[i] instanceof IsthmusError));
    }
    return results;
  };
}

/** Stands for the samples of images that there was no time for. */
const noTime = new IsthmusError("invalid-image", "There was no time for it");

/** Runs the tasks of a few images after those of others, and leaves the last ones out where their time would be over before they are done. */
function untilDeadline(run: RunTasks, deadline: number): RunTasks {
  return async (tasks, onDone) => {
    // What qualities are chosen by is small.
    if (tasks[0]?.quick) return run(tasks, onDone);
    const results: (Sample[] | IsthmusError)[] = [];
    let longest = 0;
    while (results.length < tasks.length) {
      const before = performance.now();
      const done = results.length;
      const next = tasksOfImages(tasks, done, fewest);
      const isLate = done > 0 && before + longest > deadline;
      results.push(...(isLate ? next.map(() => noTime) : await run(next, (some) => onDone(done + some))));
      longest = Math.max(longest, performance.now() - before);
    }
    return results;
  };
}

/** The tasks of so many images, which are one after the other. */
function tasksOfImages(tasks: readonly Task[], from: number, count: number): Task[] {
  const paths = new Set<string>();
  const end = tasks.findIndex(({ path }, i) => i >= from && paths.add(path).size > count);
  return tasks.slice(from, end === -1 ? tasks.length : end);
}

/** The items in an order in which the first few are spread over all, too. */
function scattered<Item>(items: readonly Item[]): Item[] {
  const left = new Set(items);
  return Array.from({ length: Math.ceil(Math.log2(items.length + 1)) }, (_, round) =>
    spread(items, 2 ** round).filter((item) => left.delete(item)),
  )
    .flat()
    .concat([...left]);
}
