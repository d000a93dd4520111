// Optimisers of photo training against each other, from the same start, by the loss on photos that are held out, at equal processor time:
//   npm run bench:optimisers -- PHOTOS --run adam,rate=1e-3,seed=0 [--run soap,..] [--cpu-minutes 6] [--tune psnr] [--from MODEL]
// A run is what matrices are trained by, then its peak rate, seed, batch and crop, options of the optimiser (averageDecay=.99, beta2=.95, ..) and multipliers
// of rates by the beginning of a name (x.gain=2). Its schedule follows the processor time of the process,
// evaluations not counted; one thread. Adds the curves to bench/results/optimisers.json, in the place of those of the same command.
import { readFile } from "node:fs/promises";
import { readImages } from "../dist/node.js";
import { loadSource } from "./frame/load-source.mjs";
import { many, optionsOf } from "./frame/options.mjs";
import { printTable, readResults, writeResults } from "./frame/results.mjs";
import { processorTime } from "./frame/turns.mjs";

const { run, cpuMinutes, evaluations, tune, every, ...options } = optionsOf({
  ...{ run: many("adam", "soap"), cpuMinutes: 6, evaluations: 4, tune: "psnr", from: undefined, every: 1 },
});
const source = await loadSource();
const { Breath, Gallery, initialize, initializeBlocks, loadKernels, Model, Network, Optimiser, defaultOptimiser } =
  source;
const { planTraining, Random, relaxedSimdSupported, Sampler, StairSchedule, learningRateAt, Team, transferWeights } =
  source;

const all = (await readImages(options.words[0])).filter((_, i) => i % every === 0);
const heldOutEvery = 12;
const isHeldOut = (_, i) => i % heldOutEvery === heldOutEvery - 1;
const [learnt, kept] = [all.filter((image, i) => !isHeldOut(image, i)), all.filter(isHeldOut)];
const prepared = (images) => Gallery.of(images.map((image) => source.prepareImage(source.checkImage(image), 3)));
const [galleryLearnt, galleryKept] = [prepared(learnt), prepared(kept)];
const batches = 12;
/** Of every run, whatever it trains with. */
const judged = { batch: 4, crop: 192 };
const from = options.from && Model.read(await readFile(options.from));

const training = `${options.from ? `from ${options.from}` : "from scratch"}, tune ${tune}, ${cpuMinutes} minutes`;
const command = ["npm run bench:optimisers --", ...process.argv.slice(2).map((word) => word.split("/").pop())].join(
  " ",
);
const { results: earlier } = await readResults("optimisers").catch(() => ({ results: [] }));
const runs = [];
for (const one of run) {
  runs.push(await train(one));
  const others = earlier.filter((group) => group.command !== command);
  const group = { training, command, images: learnt.length, heldOut: kept.length, runs };
  await writeResults("optimisers", { results: [...others, group] });
}
printTable(
  ["run", "steps", "ms a step", "of these the optimiser's", "loss", "bits a pixel", "dB"],
  runs.map(({ run, steps, stepMs, optimiserMs, curve }) => {
    const { loss, bitsPerPixel, psnr } = curve.at(-1);
    return [
      run,
      String(steps),
      stepMs.toFixed(1),
      optimiserMs.toFixed(1),
      loss.toFixed(5),
      bitsPerPixel.toFixed(4),
      psnr.toFixed(3),
    ];
  }),
);

async function train(run) {
  const [matrices, ...words] = run.split(",");
  const given = Object.fromEntries(words.map((word) => [word.split("=")[0], Number(word.split("=")[1])]));
  const { rate = 1e-3, seed = 0, batch, crop, ...others } = given;
  const kernels = await loadKernels({ relaxed: relaxedSimdSupported() });
  const facts = { sizes: galleryLearnt.sizes, grey: false, alpha: false, patchSide: 8, variance: 1 };
  const options = {
    preset: "photo",
    tune,
    learningRate: rate,
    seed,
    minutes: cpuMinutes,
    ...(from && { from }),
    batch,
    crop,
  };
  const plan = planTraining(facts, options);
  const network = new Network(kernels, plan.configuration, { training: true });
  for (const parameter of network.parameters.all) {
    const scale = Object.entries(others).find(
      ([name]) => name.startsWith("x.") && parameter.name.startsWith(name.slice(2)),
    );
    if (scale) parameter.learningRateMultiplier *= scale[1];
  }
  const breath = new Breath();
  const sampler = new Sampler(kernels, plan.configuration, galleryLearnt, plan);
  const judge = new Sampler(kernels, plan.configuration, galleryKept, { ...plan, ...judged, augment: false });
  const random = new Random(kernels, seed);
  random.reseed(seed, -1);
  if (from) {
    initializeBlocks(network, random);
    transferWeights(from, network);
  } else await initialize(network, sampler, random, plan.start, breath);
  network.prepare();
  const optimiser = new Optimiser(network.parameters, { ...defaultOptimiser, ...others, matrices });
  const team = new Team(network, plan, [], breath);
  const schedule = new StairSchedule([]);
  const budget = cpuMinutes * 60_000;
  let [spent, inOptimiser, step] = [0, 0, 0];
  const curve = [];
  let before = processorTime();
  while (spent < budget) {
    schedule.climb(step, spent / budget);
    const share = schedule.shareAt(step);
    if (share * evaluations >= curve.length + 1) await evaluate();
    await team.pass(() => draw(step), { step, share });
    const started = processorTime();
    optimiser.step(step, plan.peak * learningRateAt(schedule, step));
    inOptimiser += processorTime() - started;
    network.prepare();
    step++;
    spent += processorTime() - before;
    before = processorTime();
  }
  await evaluate();
  return { run, steps: step, stepMs: spent / step, optimiserMs: inOptimiser / step, curve };

  function draw(number) {
    random.reseed(seed, number);
    return sampler.batch(random);
  }
  async function evaluate() {
    const found = await meansOf();
    curve.push({ minutes: spent / 60_000, step, ...found });
    console.error(run, JSON.stringify(curve.at(-1)));
    before = processorTime();
  }
  async function meansOf() {
    const sums = [0, 0, 0];
    const evaluated = await source.withAverages(network, async () => {
      for (let batch = 0; batch < batches; batch++) {
        await source.longScope(kernels.memory, async () => {
          random.reseed(77, batch);
          const drawn = await judge.batch(random);
          const noise = new Random(kernels, 5);
          noise.reseed(5, batch);
          source.clearGradients(network.parameters);
          const pass = source.passThrough(network, plan, drawn, noise, { step: batch, share: 1 });
          const result = await new source.Breath().through(pass);
          sums[0] += result.loss / batches;
          sums[1] += result.bitsPerPixel / batches;
          sums[2] += (10 * Math.log10(255 ** 2 / result.meanSquaredError)) / batches;
        });
      }
      return sums;
    });
    const [loss, bitsPerPixel, psnr] = evaluated;
    return { loss, bitsPerPixel, psnr };
  }
}
