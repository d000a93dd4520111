// Steps a second of training on one thread and on several, one after the other in rounds:
//   npm run bench:training -- [--rounds N] [--threads 1,2] [--photo-steps N] [--variational-steps N]
// Speed depends on the sizes of pictures alone, so that drawn ones do. Writes bench/results/training.json and prints its section.
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { defaultModel } from "../dist/index.js";
import { train } from "../dist/node.js";
import { optionsOf } from "./frame/options.mjs";
import { report } from "./frame/results.mjs";
import { median } from "./frame/statistics.mjs";
import { mapValues, processorTime } from "./frame/turns.mjs";

const { threads, photoSteps, variationalSteps, ...options } = optionsOf({
  ...{ rounds: 5, threads: [1, 2], photoSteps: 24, variationalSteps: 300 },
});
const tasks = [
  // From a model, since finding the principal components takes longer than these steps.
  ["photo", drawPictures(8, 256, 256, 3), { preset: "photo", from: await defaultModel(), steps: photoSteps }],
  ["variational", drawPictures(1000, 28, 28, 1), { preset: "variational", steps: variationalSteps }],
];

const results = [];
for (const [preset, pictures, settings] of tasks) {
  const rounds = [];
  for (let round = 0; round < options.rounds; round++) {
    const runs = [];
    for (const count of threads) runs.push(await measure(pictures, { ...settings, threads: count }));
    rounds.push(runs);
  }
  const [{ batch, crop }] = rounds[0];
  const of = (value) => threads.map((_, i) => median(rounds.map((runs) => value(runs[i], runs[0]))));
  const columns = {
    stepsPerSecond: of((run) => run.stepsPerSecond),
    ratio: of((run, first) => run.stepsPerSecond / first.stepsPerSecond),
    processorMs: of((run) => run.processorMs),
    leaderMs: of((run) => run.leaderMs),
  };
  const measured = threads.map((count, i) => ({
    threads: count,
    ...mapValues(columns, (values) => values[i]),
  }));
  results.push({ preset, batch, crop, steps: settings.steps, measured });
}
await report("training", {
  ...{ rounds: options.rounds, cores: availableParallelism(), load: loadavg()[0], results },
});

/** Speed and processor time of the steps after the first few, during which kernels are still being compiled. */
async function measure(pictures, options) {
  let first;
  let last;
  const model = await train(pictures, {
    ...options,
    onProgress({ phase, step }) {
      if (phase !== "train" || step < 3) return;
      last = { step, time: performance.now(), processor: processorTime(), leader: leaderTime() };
      first ??= last;
    },
  });
  const steps = last.step - first.step;
  return {
    stepsPerSecond: (1000 * steps) / (last.time - first.time),
    processorMs: (last.processor - first.processor) / steps,
    leaderMs: (last.leader - first.leader) / steps,
    batch: model.training.batch,
    crop: model.training.crop,
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

function drawPictures(count, width, height, channels) {
  return Array.from({ length: count }, (_, seed) => {
    const shade = (_, i) => {
      const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
      return 128 + 60 * Math.sin(x / 17 + seed + (i % channels)) + 50 * Math.cos(y / (20 + seed));
    };
    return { data: Uint8Array.from({ length: width * height * channels }, shade), width, height, channels };
  });
}
