import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { multiplierAt } from "../../src/distortion/multiplier.js";
import { finish } from "../../src/ground/steps.js";
import type { DecodedImage } from "../../src/image/image.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { Model } from "../../src/models/model.js";
import { Network } from "../../src/models/network.js";
import { Random } from "../../src/nn/random.js";
import { initialize } from "../../src/training/initialize.js";
import { forwardBackward, type StepResult } from "../../src/training/step.js";
import { train } from "../../src/training/train.js";
import type { TrainOptions } from "../../src/training/train-options.js";
import { Sampler } from "../../src/training/training-set.js";
import { configurationFrom, transferWeights } from "../../src/training/transfer.js";
import { drawPictures } from "../reference/pictures.js";
import { goldenPath } from "../vectors/golden-files.js";
import { prepared } from "./planned.js";

const colour = drawPictures(6, 48, 40, 3);
const grey = drawPictures(6, 48, 40, 1);
const small = { preset: "photo", tune: "psnr", latents: 24, crop: 32, batch: 4, seed: 5 } as const;

let trained: Model;
beforeAll(async () => {
  trained = await train(colour, { ...small, steps: 120 });
});

const golden = (name: string): Model => Model.read(readFileSync(goldenPath(`${name}.isthm`)));

/** One pass of a network that goes on from `trained`, over crops at the qualities that have these lambdas. */
async function pass(
  configuration: ModelConfiguration,
  lambdas: readonly number[],
  images: readonly DecodedImage[] = colour,
  model = trained,
): Promise<StepResult> {
  const kernels = await loadKernels();
  const network = new Network(kernels, configuration, { training: true });
  const random = new Random(kernels, 9);
  const shown = prepared(images, configuration.channels);
  const sampler = new Sampler(kernels, configuration, shown, { batch: lambdas.length, crop: 32, augment: false });
  await initialize(network, sampler, random);
  transferWeights(model, network);
  random.reseed(9, 1);
  const qualities = lambdas.map((lambda) => qualityOf(configuration, lambda));
  return finish(forwardBackward(network, await sampler.batch(random, qualities)));
}

/** The inverse of `multiplierAt`. */
const qualityOf = ({ lambda: { low, high } }: ModelConfiguration, lambda: number): number =>
  (2 * Math.log(lambda / low)) / Math.log(high / low) - 1;

/** Few symbols, if any, round to another side; the rest differs in last bits. */
function expectSame(result: StepResult, wanted: StepResult): void {
  expect(Math.abs(result.bitsPerPixel / wanted.bitsPerPixel - 1)).toBeLessThan(1e-3);
  expect(Math.abs(result.meanSquaredError / wanted.meanSquaredError - 1)).toBeLessThan(1e-3);
  expect(Math.abs(result.loss / wanted.loss - 1)).toBeLessThan(1e-3);
}

describe("a network that takes over a model's weights", () => {
  const lambdas = [0.003, 0.007, 0.02, 0.04];

  it.each([
    ["a wider", { low: 0.0003, high: 0.3 }],
    ["a narrower", { low: 0.002, high: 0.05 }],
    ["another", { low: 0.003, high: 1 }],
  ])("gives the same rate and distortion at the same lambda in %s range of qualities", async (_, lambda) => {
    const own = trained.configuration;
    const wider = configurationFrom(trained, { ...own, lambda });
    expect(wider).toEqual({ ...own, lambda });
    for (const value of lambdas) expect(multiplierAt(wider.lambda, qualityOf(wider, value))).toBeCloseTo(value, 10);
    expectSame(await pass(wider, lambdas), await pass(own, lambdas));
    // The quality of a lambda is another one, so that weights taken over as they are would show.
    expect(Math.abs(qualityOf(wider, lambdas[0]) - qualityOf(own, lambdas[0]))).toBeGreaterThan(0.1);
  });

  it("gives the same bits with more residual blocks before the neck", async () => {
    const own = trained.configuration;
    const wanted = { ...own, analysis: { ...own.analysis, blocks: own.analysis.blocks + 2 } };
    const deeper = configurationFrom(trained, wanted);
    expect(deeper).toEqual(wanted);
    expect(await pass(deeper, lambdas)).toEqual(await pass(own, lambdas));
  });

  it.each([
    ["windows of red, green and blue", () => trained],
    ["colour differences of half the resolution", () => golden("halved")],
  ])("does with grey pictures in one channel what a model of %s does with them in three", async (_, modelOf) => {
    const model = modelOf();
    // Rounding would not be the same of sums of weights.
    const own = { ...model.configuration, weightLevels: undefined };
    const one = configurationFrom(model, { ...own, channels: 1, chroma: undefined });
    expect([one.channels, one.chroma]).toEqual([1, undefined]);
    const [result, wanted] = [await pass(one, lambdas, grey, model), await pass(own, lambdas, grey, model)];
    expect(Math.abs(result.bitsPerPixel / wanted.bitsPerPixel - 1)).toBeLessThan(1e-3);
    // What is wrong with the colours of grey pictures is gone.
    expect(result.meanSquaredError).toBeLessThan(wanted.meanSquaredError);
    expect(result.meanSquaredError).toBeGreaterThan(0.5 * wanted.meanSquaredError);
  });

  it("shows nearly the same in windows whose colour differences have half the resolution", async () => {
    const rgb = golden("photo");
    const full = { ...rgb.configuration, weightLevels: undefined };
    const half = configurationFrom(rgb, { ...full, chroma: "half" });
    expect([full.chroma, half.chroma]).toEqual([undefined, "half"]);
    const [result, wanted] = [await pass(half, lambdas, colour, rgb), await pass(full, lambdas, colour, rgb)];
    expect(Math.abs(result.bitsPerPixel / wanted.bitsPerPixel - 1)).toBeLessThan(0.05);
    expect(Math.abs(result.meanSquaredError / wanted.meanSquaredError - 1)).toBeLessThan(0.3);
  });

  it("keeps colour differences of half the resolution where those of the wanted graph have all", () => {
    const halved = golden("halved");
    expect(configurationFrom(halved, { ...halved.configuration, chroma: undefined }).chroma).toBe("half");
  });

  it("keeps the model's own graph where the wanted one is another", () => {
    const own = trained.configuration;
    const lambda = { low: 0.01, high: 0.02 };
    const other = { ...own, lambda, latents: 32, analysis: { ...own.analysis, blocks: 9 } };
    expect(configurationFrom(trained, other)).toEqual({ ...own, lambda });
    const shallower = { ...own, lambda, analysis: { ...own.analysis, blocks: 1 } };
    expect(configurationFrom(trained, shallower)).toEqual({ ...own, lambda });
  });

  it("starts its averages at the weights, which are what a finished model holds", async () => {
    const kernels = await loadKernels();
    const network = new Network(kernels, trained.configuration, { training: true });
    transferWeights(trained, network);
    const weights = trained.weights();
    for (const parameter of network.parameters.all) {
      for (const state of ["value", "average"] as const) {
        expect(network.parameters.read(parameter, state)).toEqual(weights.get(parameter.name));
      }
    }
  });
});

describe("train from a model", () => {
  it("starts better than principal components do, and counts only its own steps", async () => {
    const { latents: _, ...rest } = small;
    const fresh = await train(colour, { ...small, steps: 3 });
    const continued = await train(colour, { ...rest, from: trained, steps: 3 });
    expect(continued.training!.loss).toBeLessThan(0.95 * fresh.training!.loss);
    expect(continued.training!.steps).toBe(3);
    expect(continued.latents).toBe(24);
    expect(continued.id).not.toBe(trained.id);
  });

  it("takes preset and graph from the model, and the range of qualities from the options", async () => {
    const lambda = { low: 0.002, high: 0.01 };
    const model = await train(drawPictures(2, 16, 16, 3), { from: trained, steps: 1, batch: 2, lambda });
    expect(model.configuration).toEqual({ ...trained.configuration, lambda });
  });

  it("resumes to exactly the weights of an undisturbed run", async () => {
    const options = { crop: 32, batch: 4, from: trained, steps: 8 } as const;
    const controller = new AbortController();
    const checkpoints: Uint8Array[] = [];
    const interrupted = train(colour, {
      ...options,
      signal: controller.signal,
      onCheckpoint: (bytes) => void checkpoints.push(bytes),
      onProgress: ({ step }) => {
        if (step >= 1) controller.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: "aborted" });
    const resumed = await train(colour, { resume: checkpoints[0] });
    expect(resumed.id).toBe((await train(colour, options)).id);
  });

  describe("refuses", () => {
    const vector = (): Promise<Model> => train(drawPictures(3, 5, 4, 3), { preset: "vector", latents: 4, steps: 1 });
    const refusals: [string, DecodedImage[], () => Promise<TrainOptions>, RegExp][] = [
      [
        "the receiver's half of a model",
        colour,
        async () => ({ from: Model.read(trained.receiver()) }),
        /^Expected a whole model for from but received "the receiver's half of one"$/,
      ],
      [
        "a model of another preset",
        colour,
        async () => ({ from: await vector(), preset: "photo" }),
        /^Expected a model of preset photo, 3 channels, patches of 8 x 8 for from but received "one of preset vector, 3 channels, patches of 5 x 4"$/,
      ],
      [
        "a model of grey for images of colour",
        colour,
        async () => ({ from: await train(grey, { ...small, latents: 8, steps: 1 }) }),
        /^Expected a model of preset photo, 3 channels, .* but received "one of preset photo, 1 channel, /,
      ],
      [
        "a model of images of another size",
        drawPictures(3, 4, 5, 3),
        async () => ({ from: await vector() }),
        /^Expected a model of .* patches of 4 x 5 for from but received .* patches of 5 x 4"$/,
      ],
      [
        "another number of latents",
        colour,
        async () => ({ from: trained, latents: 32 }),
        /^Expected 24, as in the model to start from, for latents but received 32 of type number$/,
      ],
      [
        "bytes in place of a model",
        colour,
        async () => ({ from: trained.bytes as never }),
        /^Expected a Model for from but received an object \(Uint8Array\)$/,
      ],
    ];
    it.each(refusals)("%s", async (_, images, options, message) => {
      await expect(train(images, { steps: 1, ...(await options()) })).rejects.toMatchObject({
        name: "IsthmusError",
        code: "invalid-parameter",
        message: expect.stringMatching(message),
      });
    });
  });
});
