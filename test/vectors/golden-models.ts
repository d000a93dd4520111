import { finish } from "../../src/ground/steps.js";
import { clearGradients } from "../../src/nn/gradients.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { type ModelConfiguration } from "../../src/models/configuration.js";
import { photoConfiguration, vectorConfiguration } from "../../src/models/presets.js";
import { Model, roundToStorage } from "../../src/models/model.js";
import { Network } from "../../src/models/network.js";
import { type TableBank, tableStarts } from "../../src/models/tables.js";
import { Random } from "../../src/nn/random.js";
import { longScope } from "../../src/training/breath.js";
import { initialize } from "../../src/training/initialize.js";
import { prepared } from "../training/planned.js";
import { Optimiser } from "../../src/training/optimiser.js";
import { learningRateAt, StepSchedule } from "../../src/training/schedule.js";
import { forwardBackward } from "../../src/training/step.js";
import { makeTables } from "../../src/training/count-tables.js";
import { trainingPlanes, trainPlaneContexts } from "../../src/training/learn-plane-contexts.js";
import { train } from "../../src/training/train.js";
import { Sampler } from "../../src/training/training-set.js";
import { drawExactPicture } from "../reference/exact-pictures.js";

/**
 * The golden models: small ones of three kinds, which together go through every part of a decoder. They are trained for a moment,
 * in other shapes than those of the presets, so that their files stay small.
 */
const roundedAfterwards = { weightLevels: undefined };
const configurations: Record<string, ModelConfiguration> = {
  /** Colour, residual blocks, context prior. */
  photo: {
    ...photoConfiguration({ channels: 3, latents: 12, chroma: "full" }),
    ...roundedAfterwards,
    analysisMargin: 4,
    synthesisMargin: 3,
    analysis: { hidden: [], blocks: 1, blockHidden: 16 },
    synthesis: { hidden: [], blocks: 1, blockHidden: 16 },
    prior: { kind: "context", hidden: 16, groups: [1, 3, 8] },
  },
  /** Grey, patches of 4 x 4, nonlinear projections, static prior. */
  grey: {
    ...photoConfiguration({ channels: 1, latents: 6 }),
    ...roundedAfterwards,
    patch: { width: 4, height: 4 },
    analysisMargin: 3,
    synthesisMargin: 2,
    activation: "gelu",
    analysis: { hidden: [16], blocks: 1, blockHidden: 8 },
    synthesis: { hidden: [8, 12], blocks: 2, blockHidden: 8 },
    prior: { kind: "static" },
  },
  /** Grey, as small as can be; its contexts of planes are trained. */
  planes: {
    ...photoConfiguration({ channels: 1, latents: 4 }),
    ...roundedAfterwards,
    analysisMargin: 0,
    synthesisMargin: 1,
    analysis: { hidden: [], blocks: 0, blockHidden: 0 },
    synthesis: { hidden: [], blocks: 0, blockHidden: 0 },
    prior: { kind: "static" },
  },
  /** RGBA of one size, 11 x 7. */
  vector: {
    ...vectorConfiguration({ channels: 4, width: 11, height: 7, latents: 10 }),
    activation: "tanh",
    analysis: { hidden: [24, 16], blocks: 0, blockHidden: 0 },
    synthesis: { hidden: [16, 24], blocks: 0, blockHidden: 0 },
  },
  /** Grey, context prior, weights of 8 bits. */
  integers: {
    ...photoConfiguration({ channels: 1, latents: 8 }),
    ...roundedAfterwards,
    analysisMargin: 2,
    synthesisMargin: 2,
    activation: "leakyRelu",
    analysis: { hidden: [], blocks: 1, blockHidden: 8 },
    synthesis: { hidden: [], blocks: 1, blockHidden: 8 },
    prior: { kind: "context", hidden: 12, groups: [2, 6] },
  },
  /** Colour, context prior, weights of a few levels that training knew of. */
  levels: {
    ...photoConfiguration({ channels: 3, latents: 6, chroma: "full" }),
    analysisMargin: 2,
    synthesisMargin: 2,
    weightLevels: { layers: 9, projections: 30 },
    analysis: { hidden: [], blocks: 1, blockHidden: 8 },
    synthesis: { hidden: [], blocks: 1, blockHidden: 8 },
    prior: { kind: "context", hidden: 8, groups: [1, 5] },
  },
  /** Colour differences of half the resolution, windows whose side is no multiple of eight. */
  halved: {
    ...photoConfiguration({ channels: 3, latents: 7 }),
    analysisMargin: 2,
    synthesisMargin: 2,
    analysis: { hidden: [], blocks: 1, blockHidden: 8 },
    synthesis: { hidden: [], blocks: 1, blockHidden: 8 },
    prior: { kind: "context", hidden: 8, groups: [2, 5] },
  },
  /** Colour, three levels of latents, whose blocks look differently far. */
  coarser: {
    ...photoConfiguration({ channels: 3, latents: 6, chroma: "full" }),
    analysisMargin: 4,
    synthesisMargin: 3,
    weightLevels: { layers: 20, projections: 56 },
    analysis: { hidden: [], blocks: 1, blockHidden: 8 },
    synthesis: { hidden: [], blocks: 1, blockHidden: 8 },
    prior: { kind: "context", hidden: 8, groups: [1, 5] },
    coarser: [
      {
        patch: { width: 16, height: 16 },
        latents: 5,
        analysis: { hidden: [], blocks: 1, blockHidden: 8 },
        synthesis: { hidden: [], blocks: 2, blockHidden: 6 },
        prior: { kind: "context", hidden: 6, groups: [2, 3] },
      },
      {
        patch: { width: 32, height: 32 },
        latents: 3,
        analysis: { hidden: [], blocks: 0, blockHidden: 0 },
        synthesis: { hidden: [], blocks: 0, blockHidden: 0 },
        prior: { kind: "context", hidden: 6, groups: [3] },
      },
    ],
  },
};

export const goldenModelNames = [...Object.keys(configurations), "variational"];

const steps = 60;
const batch = 8;
/** Symbols further away are left to the escape, for small files and for the escape's sake. */
const widestMagnitude = 9;

/** Trains a golden model; the same bytes on machines of one kind. */
export async function trainGoldenModel(name: string): Promise<Model> {
  if (name === "variational") return trainVariationalModel();
  const configuration = configurations[name];
  const { channels, fixedSize, patch } = configuration;
  const size = fixedSize ? patch : { width: 64, height: 48 };
  const pictures = Array.from({ length: 12 }, (_, seed) =>
    drawExactPicture({ ...size, channels, kind: "scene", seed }),
  );
  const network = new Network(await loadKernels(), configuration, { training: true });
  const { kernels, parameters } = network;
  const random = new Random(kernels, 1);
  const sampler = new Sampler(kernels, configuration, prepared(pictures, channels), {
    batch,
    crop: 32,
    augment: !fixedSize,
  });
  await initialize(network, sampler, random);
  const optimiser = new Optimiser(parameters);
  const schedule = new StepSchedule(steps);
  for (let step = 0; step < steps; step++) {
    await longScope(kernels.memory, async () => {
      clearGradients(parameters);
      finish(forwardBackward(network, await sampler.batch(random)));
      optimiser.step(step, learningRateAt(schedule, step));
      network.prepare();
    });
  }
  roundToStorage(network);
  const { tables: counted } = await makeTables(network, sampler, random, (crops) => crops < 4);
  const tables = narrowed(counted);
  const planes =
    name === "planes" ? await trainPlaneContexts(kernels, await trainingPlanes(planePictures(), channels)) : undefined;
  const facts = {
    name: `golden ${name}`,
    images: pictures.length,
    steps,
    seed: 1,
    batch,
    crop: 32,
    seconds: 0,
    date: "2000-01-01",
    loss: 0,
    bitsPerPixel: 0,
    psnr: 0,
    licence: "MIT",
  };
  return Model.write(network, tables, facts, planes);
}

/** Grey, 12 x 10; its canvas holds logits and its projections have no shortcut. */
function trainVariationalModel(): Promise<Model> {
  const pictures = Array.from({ length: 12 }, (_, seed) =>
    drawExactPicture({ width: 12, height: 10, channels: 1, kind: "scene", seed }),
  );
  return train(pictures, { preset: "variational", latents: 5, hidden: [16], steps, batch, seed: 1, name: "golden variational", licence: "MIT" });
}

/** Pictures whose grey and whose alpha are planes. */
const planePictures = () =>
  Array.from({ length: 12 }, (_, seed) =>
    drawExactPicture({ width: 64, height: 48, channels: 2, kind: seed % 2 ? "ink" : "scene", seed }),
  );

/** Tables of -widestMagnitude .. widestMagnitude at most; the escape takes over what is cut off. */
function narrowed(bank: TableBank): TableBank {
  const starts = tableStarts(bank);
  const tables = Array.from(bank.size, (size, t) => {
    const cut = Math.max(0, (size - 1) / 2 - widestMagnitude);
    const kept = Array.from(bank.frequencies.subarray(starts[t] + cut, starts[t] + size - cut));
    const rest = 65536 - kept.reduce((sum, frequency) => sum + frequency);
    return { minimum: bank.minimum[t] + cut, size: kept.length, frequencies: [...kept, rest] };
  });
  return {
    minimum: Int32Array.from(tables, ({ minimum }) => minimum),
    size: Int32Array.from(tables, ({ size }) => size),
    frequencies: Uint16Array.from(tables.flatMap(({ frequencies }) => frequencies)),
  };
}
