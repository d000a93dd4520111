import { describe, expect, it } from "vitest";
import { finish } from "../../src/ground/steps.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { KernelExports, Kernels } from "../../src/kernels/kernels.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { Network } from "../../src/models/network.js";
import { photoConfiguration, vectorConfiguration } from "../../src/models/presets.js";
import { clearGradients } from "../../src/nn/gradients.js";
import { Random } from "../../src/nn/random.js";
import { initialize } from "../../src/training/initialize.js";
import { type Batch, forwardBackward } from "../../src/training/step.js";
import { Sampler } from "../../src/training/training-set.js";
import { drawPictures } from "../reference/pictures.js";
import { prepared } from "./planned.js";

/**
 * The slope along a direction may differ from the difference of losses by this share of the gradient's length: what 32-bit floats leave of losses
 * that are 1 % apart.
 */
const tolerance = 0.02;

const kernels = await loadKernels();

/**
 * Kernels whose rounding moves each latent by what it moved it by the first time, and whose centroids lie where they lay then. That is the function
 * whose gradient is taken: with rounding itself, differences would be those of stairs, and no gradient goes through the centroids' distribution. Slopes
 * of the rate are those where rounding has moved to, for the same reason.
 */
function heldRounding(): Kernels {
  let moved: Float32Array | undefined;
  let offsets: Float32Array | undefined;
  /** Latents whose steps were asked for since they were rounded: runs follow each other. */
  let stepped = 0;
  const { memory } = kernels;
  /** How many bits more a value half a step above where it was rounded to would take than one half a step below, were they on a line. */
  const stepsBy =
    (bits: "gaussianBits" | "logisticBits"): KernelExports["gaussianSteps"] =>
    (count, below, mean, logScale, up) =>
      memory.scope(() => {
        const held = memory.place(memory.f32(below, count).map((value, i) => value + 0.5 + moved![stepped + i]));
        stepped += count;
        const [byMean, byScale] = [memory.allocateFloats(count), memory.allocateFloats(count)];
        kernels.call[bits](count, held, mean, logScale, 1, up, byMean, byScale, memory.allocate(8));
      });
  const call = {
    ...kernels.call,
    roundNearest(count: number, from: number, to: number): void {
      stepped = 0;
      const values = memory.f32(from, count).slice();
      moved ??= values.map((value) => Math.round(value) - value);
      memory.f32(to, count).set(values.map((value, i) => value + moved![i]));
    },
    gaussianSteps: stepsBy("gaussianBits"),
    logisticSteps: stepsBy("logisticBits"),
    centroids(count: number, symbols: number, mean: number, logScale: number, to: number): void {
      if (!offsets) kernels.call.centroids(count, symbols, mean, logScale, to);
      offsets ??= memory.f32(to, count).slice();
      memory.f32(to, count).set(offsets);
    },
  };
  return Object.create(kernels, { call: { value: call } });
}

const smooth = {
  activation: "tanh",
  analysis: { hidden: [], blocks: 1, blockHidden: 6 },
  synthesis: { hidden: [], blocks: 1, blockHidden: 6 },
} as const;

const configurations: [string, ModelConfiguration][] = [
  [
    "photo, tuned for PSNR",
    {
      ...photoConfiguration({ channels: 3, latents: 8, tune: "psnr" }),
      weightLevels: undefined,
      ...smooth,
      prior: { kind: "context", hidden: 8, groups: [3, 5] },
    },
  ],
  [
    "photo, tuned for SSIMULACRA 2",
    {
      ...photoConfiguration({ channels: 3, latents: 8, tune: "ssimulacra2" }),
      weightLevels: undefined,
      ...smooth,
      prior: { kind: "context", hidden: 8, groups: [3, 5] },
    },
  ],
  ["vector", vectorConfiguration({ channels: 1, width: 16, height: 16, latents: 6, hidden: [5], activation: "tanh" })],
];

describe.each(configurations)("the whole step: %s", (_, configuration) => {
  it("has the gradient of its loss by every parameter", async () => {
    const held = heldRounding();
    const network = new Network(held, configuration, { training: true });
    const { parameters } = network;
    const random = new Random(held, 11);
    const side = configuration.fixedSize ? 16 : 48;
    const images = prepared(drawPictures(4, side, side, configuration.channels), configuration.channels);
    const sampler = new Sampler(held, configuration, images, { batch: 2, crop: side, augment: false });
    await initialize(network, sampler, random);
    for (const parameter of parameters.all) {
      const values = parameters.read(parameter);
      const noise = random.uniforms(parameter.count);
      parameters.write(
        parameter,
        values.map((value, i) => value + 0.02 * (noise[i] - 0.5)),
      );
    }
    network.prepare();
    const batch: Batch = await sampler.batch(random, [-0.3, 0.4]);
    const loss = (): number =>
      held.memory.scope(() => {
        clearGradients(parameters);
        network.prepare();
        random.reseed(5);
        return finish(forwardBackward(network, batch)).loss;
      });
    const first = loss();
    const gradients = new Map(
      parameters.all.map(({ name, gradient, count }) => [name, held.memory.f32(gradient, count).slice()]),
    );
    for (const parameter of parameters.all) {
      const gradient = gradients.get(parameter.name)!;
      const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
      // Along the gradient itself, mixed with a direction of its own.
      const noise = random.uniforms(parameter.count).map((value) => value - 0.5);
      const noiseLength = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0));
      const direction = gradient.map((value, i) => (length > 0 ? value / length : 0) + noise[i] / noiseLength);
      const values = parameters.read(parameter);
      const step = Math.min(0.005, (0.005 * Math.abs(first)) / Math.max(length, 1e-9));
      const at = (way: number): number => {
        parameters.write(
          parameter,
          values.map((value, i) => value + way * step * direction[i]),
        );
        return loss();
      };
      const difference = (at(1) - at(-1)) / (2 * step);
      parameters.write(parameter, values);
      const slope = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
      const least = (2e-6 * Math.abs(first)) / step;
      expect(Math.abs(slope - difference), `${parameter.name}: ${slope} ${difference}`).toBeLessThan(
        tolerance * length + least,
      );
    }
  });
});
