import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { psnr } from "../../src/image/psnr.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Likelihood } from "../../src/models/configuration.js";
import type { Network } from "../../src/models/network.js";
import { Random } from "../../src/nn/random.js";
import { distortionOf } from "../../src/training/distortion.js";
import { train } from "../../src/training/train.js";
import { drawBars } from "../reference/bars.js";

const kernels = await loadKernels();
const { memory } = kernels;

/** What the distortion looks at of a network of one cell. */
const networkOf = (likelihood: Likelihood) =>
  ({ kernels, configuration: { likelihood, channels: 1, synthesisMargin: 0 } }) as unknown as Network;

describe.each(["gaussian", "bernoulli"] as const)("distortion, %s", (likelihood) => {
  const shape = { batch: 2, height: 3, width: 5, channels: 1 };
  const weights = [0.7, 1.3];
  const random = new Random(kernels, 1);
  const values = random.uniforms(30).map((u) => 2 * u - 1);
  const target = { ...shape, pointer: memory.place(random.uniforms(30).map((u) => u - 0.5)) };
  const distortion = (prediction: Float32Array) =>
    distortionOf(networkOf(likelihood), { ...shape, pointer: memory.place(prediction) }, target, weights);
  const weighted = (prediction: Float32Array): number =>
    distortion(prediction).costs.reduce((sum, cost, image) => sum + cost * weights[image], 0);

  test("has the gradient of its weighted costs", () => {
    const gradient = memory.f32(distortion(values).gradient.pointer, 30).slice();
    gradient.forEach((slope, i) => {
      const moved = (by: number): number => weighted(values.map((value, j) => (i === j ? value + by : value)));
      expect(slope).toBeCloseTo((moved(1e-2) - moved(-1e-2)) / 2e-2, 3);
    });
  });

  test("tells the squared error of samples", () => {
    const wanted = memory.f32(target.pointer, 30).slice();
    const shown = values.map((value) => (likelihood === "bernoulli" ? 1 / (1 + Math.exp(-value)) - 0.5 : value));
    const errors = [0, 0];
    shown.forEach((value, i) => {
      errors[Math.floor(i / 15)] += (value - wanted[i]) ** 2;
    });
    distortion(values).squaredErrors.forEach((error, image) => {
      expect(error).toBeCloseTo(errors[image], 4);
    });
  });
});

describe("a model of logits", () => {
  const images = drawBars(40);
  const options = { preset: "vector", latents: 6, hidden: [24], activation: "tanh", steps: 400, seed: 2 } as const;

  test("codes pictures, at every effort, and its receiver decodes the same pixels", async () => {
    const model = await train(images, { ...options, likelihood: "bernoulli" });
    expect(model.configuration).toMatchObject({
      likelihood: "bernoulli",
      activation: "tanh",
      analysis: { hidden: [24] },
    });
    const codec = await Codec.create(model);
    const receiver = await Codec.create(model.receiver());
    for (const effort of [0, 3]) {
      const bytes = await codec.encode(images[4], { quality: 90, effort });
      const decoded = await codec.decode(bytes);
      expect(await receiver.decode(bytes)).toEqual(decoded);
      expect(psnr(images[4], decoded)).toBeGreaterThan(17);
    }
  });

  test("is what the default is not, whose file does not mention a likelihood", async () => {
    const model = await train(images, { ...options, steps: 2 });
    expect(model.configuration).not.toHaveProperty("likelihood");
    const named = await train(images, { ...options, steps: 2, likelihood: "gaussian" });
    expect(named.id).toBe(model.id);
  });

  test.each([
    ["an unknown likelihood", { likelihood: "poisson" as "gaussian" }],
    ["a hidden layer without units", { hidden: [0] }],
    ["an unknown activation", { activation: "swish" as "relu" }],
    ["logits for photos", { preset: "photo", likelihood: "bernoulli" } as const],
  ])("refuses %s", async (_, wrong) => {
    await expect(train(images, { ...options, ...wrong })).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});
