// Steps a second of training on one thread and on several, one after the other in rounds:
//   npm run bench:training -- [--rounds N] [--threads 1,2] [--photo-steps N] [--variational-steps N]
// Speed depends on the sizes of pictures alone, so that drawn ones do. Writes bench/results/training.json and prints its section.
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { defaultModel } from "../dist/index.js";
import { train } from "../dist/node.js";
import { loadSource, mapValues, median, optionsOf, processorTime, report } from "./frame/index.mjs";

const { threads, photoSteps, variationalSteps, ...options } = optionsOf({
  ...{ rounds: 5, threads: [1, 2], photoSteps: 24, variationalSteps: 300 },
});
const { drawPictures } = await loadSource();
const tasks = [
  // From a model, since finding the principal components takes longer than these steps.
  [drawPictures(8, 256, 256, 3), { preset: "photo", from: await defaultModel(), steps: photoSteps }],
  [drawPictures(1000, 28, 28, 1), { preset: "variational", steps: variationalSteps }],
];

const results = [];
for (const [pictures, settings] of tasks) {
  const runs = threads.map(() => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [i, count] of threads.entries()) runs[i].push(await measure(pictures, { ...settings, threads: count }));
  }
  const measured = threads.map((count, i) => {
    const of = (key) => median(runs[i].map((run) => run[key]));
    const ratio = median(runs[i].map((run, round) => run.stepsPerSecond / runs[0][round].stepsPerSecond));
    return {
      threads: count,
      ratio,
      ...mapValues({ stepsPerSecond: 0, processorMs: 0, leaderMs: 0 }, (_, key) => of(key)),
    };
  });
  const [{ batch, crop }] = runs[0];
  results.push({ preset: settings.preset, batch, crop, steps: settings.steps, measured });
}
await report("training", {
  ...{ rounds: options.rounds, cores: availableParallelism(), load: loadavg()[0], results },
});

/** Speed and processor time of the steps after the first few, during which kernels are still being compiled. */
async function measure(pictures, options) {
  let first;
  let last;
  const { training } = await train(pictures, {
    ...options,
    onProgress({ phase, step }) {
      if (phase !== "train" || step < 3) return;
      last = { step, time: performance.now(), processor: processorTime(), leader: leaderTime() };
      first ??= last;
    },
  });
  const { step, ...taken } = mapValues(last, (value, key) => value - first[key]);
  return {
    ...{
      stepsPerSecond: (1000 * step) / taken.time,
      processorMs: taken.processor / step,
      leaderMs: taken.leader / step,
    },
    ...{ batch: training.batch, crop: training.crop },
  };
}

/** Milliseconds that this thread, which leads, has had a processor (Linux); elsewhere those of all threads. */
function leaderTime() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return processorTime();
  }
}
