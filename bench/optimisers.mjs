// Optimisers of photo training against each other, from the same start, by the loss on photos that are held out, at equal processor time:
//   npm run bench:optimisers -- PHOTOS --run adam,rate=1e-3,seed=0 [--run soap,..] [--cpu-minutes 6] [--tune psnr] [--from MODEL]
// A run is what matrices are trained by, then its peak rate, seed, batch and crop, options of the optimiser (averageDecay=.99, beta2=.95, ..) and multipliers
// of rates by the beginning of a name (x.gain=2). Its schedule follows the processor time of the process,
// evaluations not counted; one thread. Adds the curves to bench/results/optimisers.json, in the place of those of the same command.
import { basename } from "node:path";
import { readImages } from "../dist/node.js";
import {
  bytesAt,
  fixed,
  loadSource,
  many,
  optionsOf,
  printTable,
  processorTime,
  readResults,
  writeResults,
} from "./frame/index.mjs";

const { run, cpuMinutes, evaluations, tune, every, ...options } = optionsOf({
  ...{ run: many("adam", "soap"), cpuMinutes: 6, evaluations: 4, tune: "psnr", from: undefined, every: 1 },
});
const source = await loadSource();
const { Gallery, Model, Random, Sampler } = source;

const all = (await readImages(options.words[0])).filter((_, i) => i % every === 0);
const heldOutEvery = 12;
const isHeldOut = (_, i) => i % heldOutEvery === heldOutEvery - 1;
const galleryOf = (images) => Gallery.of(images.map((image) => source.prepareImage(source.checkImage(image), 3)));
const learnt = galleryOf(all.filter((image, i) => !isHeldOut(image, i)));
const kept = galleryOf(all.filter(isHeldOut));
/** Of every run, whatever it trains with. */
const judged = { batch: 4, crop: 192, augment: false };
const judgedBatches = 12;
const from = options.from && Model.read(await bytesAt(options.from));

const training = `${options.from ? `from ${options.from}` : "from scratch"}, tune ${tune}, ${cpuMinutes} minutes`;
const command = ["npm run bench:optimisers --", ...process.argv.slice(2).map((word) => basename(word))].join(" ");
const { results: earlier } = await readResults("optimisers").catch(() => ({ results: [] }));
const others = earlier.filter((group) => group.command !== command);
const runs = [];
for (const one of run) {
  runs.push(await train(one));
  const group = { training, command, images: learnt.count, heldOut: kept.count, runs };
  await writeResults("optimisers", { results: [...others, group] });
}
printTable(
  runs.map(({ curve, ...one }) => ({ ...one, ...curve.at(-1) })),
  ["run", "run"],
  ["steps", "steps"],
  ["ms a step", "stepMs", fixed(1)],
  ["of these the optimiser's", "optimiserMs", fixed(1)],
  ["loss", "loss", fixed(5)],
  ["bits a pixel", "bitsPerPixel", fixed(4)],
  ["dB", "psnr", fixed(3)],
);

async function train(run) {
  const [matrices, ...words] = run.split(",");
  const given = Object.fromEntries(words.map((word) => [word.split("=")[0], Number(word.split("=")[1])]));
  const { rate: learningRate = 1e-3, seed = 0, batch, crop, ...others } = given;
  const kernels = await source.loadKernels({ relaxed: source.relaxedSimdSupported() });
  const facts = { sizes: learnt.sizes, grey: false, alpha: false, patchSide: 8, variance: 1 };
  const start = { preset: "photo", tune, learningRate, seed, minutes: cpuMinutes, ...(from && { from }), batch, crop };
  const plan = source.planTraining(facts, start);
  const network = new source.Network(kernels, plan.configuration, { training: true });
  for (const [name, factor] of Object.entries(others).filter(([name]) => name.startsWith("x."))) {
    const slowed = network.parameters.all.filter((parameter) => parameter.name.startsWith(name.slice(2)));
    for (const parameter of slowed) parameter.learningRateMultiplier *= factor;
  }
  const breath = new source.Breath();
  const sampler = new Sampler(kernels, plan.configuration, learnt, plan);
  const random = new Random(kernels, seed);
  random.reseed(seed, -1);
  if (from) {
    source.initializeBlocks(network, random);
    source.transferWeights(from, network);
  } else await source.initialize(network, sampler, random, plan.start, breath);
  network.prepare();
  const optimiser = new source.Optimiser(network.parameters, { ...source.defaultOptimiser, ...others, matrices });
  const team = new source.Team(network, plan, [], breath);
  const schedule = new source.StairSchedule([]);
  const draw = (step) => {
    random.reseed(seed, step);
    return sampler.batch(random);
  };
  const evaluate = judgeOf(kernels, network, plan);
  const budget = cpuMinutes * 60_000;
  let [spent, inOptimiser, step] = [0, 0, 0];
  const curve = [];
  const look = async () => {
    curve.push({ minutes: spent / 60_000, step, ...(await evaluate()) });
    console.error(run, JSON.stringify(curve.at(-1)));
  };
  while (spent < budget) {
    schedule.climb(step, spent / budget);
    const share = schedule.shareAt(step);
    if (share * evaluations >= curve.length + 1) await look();
    const before = processorTime();
    await team.pass(() => draw(step), { step, share });
    const between = processorTime();
    optimiser.step(step, plan.peak * source.learningRateAt(schedule, step));
    inOptimiser += processorTime() - between;
    network.prepare();
    step++;
    spent += processorTime() - before;
  }
  await look();
  return { run, steps: step, stepMs: spent / step, optimiserMs: inOptimiser / step, curve };
}

/** Loss, bits a pixel and decibels of the averaged weights over the same crops of photos that are held out. */
function judgeOf(kernels, network, plan) {
  const judge = new Sampler(kernels, plan.configuration, kept, { ...plan, ...judged });
  const random = new Random(kernels, 0);
  return async () => {
    const sums = { loss: 0, bitsPerPixel: 0, psnr: 0 };
    await source.withAverages(network, async () => {
      for (let batch = 0; batch < judgedBatches; batch++) {
        await source.longScope(kernels.memory, async () => {
          random.reseed(77, batch);
          const drawn = await judge.batch(random);
          const noise = new Random(kernels, 5);
          noise.reseed(5, batch);
          source.clearGradients(network.parameters);
          const pass = source.passThrough(network, plan, drawn, noise, { step: batch, share: 1 });
          const result = await new source.Breath().through(pass);
          sums.loss += result.loss / judgedBatches;
          sums.bitsPerPixel += result.bitsPerPixel / judgedBatches;
          sums.psnr += (10 * Math.log10(255 ** 2 / result.meanSquaredError)) / judgedBatches;
        });
      }
    });
    return sums;
  };
}
