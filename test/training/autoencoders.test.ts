import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { Restorer } from "../../src/codec/restorer.js";
import type { DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { Model } from "../../src/models/model.js";
import { Random } from "../../src/nn/random.js";
import { longScope } from "../../src/training/breath.js";
import { principalComponents } from "../../src/training/principal-components.js";
import { train } from "../../src/training/train.js";

const kernels = await loadKernels();
const side = 8;
const dimensions = side * side;

/** Sums of a few waves of random strength and a little noise: six directions with most of the variance, all others with some. */
function waves(count: number): DecodedImage[] {
  const random = new Random(kernels, 9);
  return Array.from({ length: count }, () => {
    const strengths = random.normals(12);
    const grain = random.normals(dimensions);
    const data = Uint8Array.from({ length: dimensions }, (_, i) => {
      const [x, y] = [i % side, i >> 3];
      let value = 128 + 5 * grain[i];
      for (let k = 0; k < 10; k++) {
        value +=
          (k < 6 ? 26 - 2 * k : 4) *
          strengths[k] *
          Math.cos(((x + 0.5) * (k % 4) * Math.PI) / side) *
          Math.cos(((y + 0.5) * (k >> 2) * Math.PI) / side);
      }
      return Math.max(0, Math.min(255, Math.round(value)));
    });
    return { data, width: side, height: side, channels: 1 as const };
  });
}

const images = waves(400);

/** Mean squared error (0 .. 255) of the images behind so many principal components. */
function principalError(count: number): Promise<number> {
  return longScope(kernels.memory, async () => {
    const rows = Float32Array.from(images.flatMap(({ data }) => [...data]));
    const pointer = kernels.memory.place(rows);
    const grid = { pointer, batch: images.length, height: 1, width: 1, channels: dimensions };
    const { variances } = await principalComponents(kernels, grid, dimensions);
    return variances.subarray(count).reduce((sum, variance) => sum + variance, 0) / dimensions;
  });
}

async function restoredError(model: Model): Promise<number> {
  const restorer = await Restorer.create(model);
  return errorOf((image) => restorer.restore(image));
}

async function codedError(model: Model): Promise<number> {
  const codec = await Codec.create(model);
  return errorOf(async (image) => codec.decode(await codec.encode(image, { quality: 100 })));
}

/** Mean squared error of what becomes of the images. */
async function errorOf(become: (image: DecodedImage) => Promise<DecodedImage>): Promise<number> {
  let sum = 0;
  for (const image of images) {
    const decoded = await become(image);
    sum += image.data.reduce((total, value, i) => total + (value - decoded.data[i]) ** 2, 0) / dimensions;
  }
  return sum / images.length;
}

describe("an undercomplete autoencoder", () => {
  test("without hidden layers finds the subspace of the principal components from random directions", async () => {
    // Each image is restored from itself: squared error is all that counts.
    const options = { preset: "vector", hidden: [], latents: 6, inputs: images, seed: 3, start: "random" } as const;
    const roundingError = 1 / 12;
    const best = (await principalError(6)) + roundingError;
    const start = await restoredError(await train(images, { ...options, steps: 1 }));
    expect(start).toBeGreaterThan(2 * best);
    const error = await restoredError(await train(images, { ...options, steps: 3000 }));
    expect(error / best).toBeLessThan(1.01);
    // Nothing linear can be better, on the images that it was trained on.
    expect(error / best).toBeGreaterThan(0.995);
  });

  test("takes any number of layers, any width and activation", async () => {
    const hidden = [24, 16, 9];
    const model = await train(images, { preset: "vector", hidden, activation: "tanh", latents: 5, steps: 3 });
    const shapes = [...model.weights()].filter(([name]) => /^analysis.*branch.*weight$/.test(name));
    expect(shapes.map(([, { length }]) => length)).toEqual([64 * 24, 24 * 16, 16 * 9, 9 * 5]);
    expect(model.configuration).toMatchObject({ activation: "tanh", synthesis: { hidden: [9, 16, 24] } });
  });

  test("may have more latents than its pictures have samples, though nobody would call it undercomplete", async () => {
    const model = await train(images, { preset: "vector", latents: 70, hidden: [], steps: 2 });
    expect(model.latents).toBe(70);
    expect(await codedError(model)).toBeLessThan(await principalError(6));
  });
});

describe("a sparse autoencoder", () => {
  const sparse = { preset: "sparse", latents: 96, seed: 2 } as const;

  test("has no more active units than was asked for, tells how many, and codes pictures", async () => {
    const model = await train(images, { ...sparse, sparsity: { kind: "k", active: 6 }, steps: 400 });
    const { activity } = Model.read(model.bytes).training!;
    expect(activity!.unitsAtATime).toBeLessThanOrEqual(6);
    expect(activity!.unitsEver).toBeGreaterThan(12);
    const error = await codedError(model);
    expect(error).toBeLessThan(await principalError(3));
    const codec = await Codec.create(model);
    const receiver = await Codec.create(model.receiver());
    const streams = await Promise.all([0, 100].map((quality) => codec.encode(images[0], { quality })));
    expect(streams[0].length).toBeLessThan(streams[1].length);
    const decoded = await receiver.decode(streams[1]);
    expect(decoded).toEqual(await codec.decode(streams[1]));
    expect(psnr(images[0], decoded)).toBeGreaterThan(20);
  });

  test("spends next to nothing on units that are not active", async () => {
    const sizes = await Promise.all(
      [96, 768].map(async (latents) => {
        const model = await train(images, { ...sparse, latents, sparsity: { kind: "k", active: 4 }, steps: 200 });
        const codec = await Codec.create(model);
        const frames = await Promise.all(images.slice(0, 50).map((image) => codec.encode(image, { bare: true })));
        return frames.reduce((sum, { length }) => sum + length, 0) / frames.length;
      }),
    );
    // Four of 768 units take 12 bits more to name than four of 96, and 672 silent ones would take 84 bytes at a bit each.
    expect(sizes[1] - sizes[0]).toBeLessThan(6);
  });

  test.each([
    ["l1", { kind: "l1", weight: 0.003 }, { kind: "l1", weight: 0.3 }],
    ["kl", { kind: "kl", activity: 0.4, weight: 1 }, { kind: "kl", activity: 0.02, weight: 1 }],
  ] as const)("is the sparser, the more weight its penalty has: %s", async (_, weak, strong) => {
    const active = async (sparsity: typeof weak | typeof strong): Promise<number> => {
      const model = await train(images, { ...sparse, sparsity, steps: 300 });
      return model.training!.activity!.unitsAtATime;
    };
    expect(await active(strong)).toBeLessThan(0.7 * (await active(weak)));
  });

  test.each([
    ["more active units than units", { ...sparse, sparsity: { kind: "k", active: 97 } }],
    ["an activity of 1", { ...sparse, sparsity: { kind: "kl", activity: 1, weight: 1 } }],
    ["a penalty below 0", { ...sparse, sparsity: { kind: "l1", weight: -1 } }],
    ["another preset", { preset: "vector", sparsity: { kind: "k", active: 3 } }],
    ["a start that is none", { ...sparse, start: "zero" }],
  ])("refuses %s", async (_, options) => {
    await expect(train(images, { ...(options as object), steps: 1 })).rejects.toMatchObject({
      code: "invalid-parameter",
    });
  });
});
