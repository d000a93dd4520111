import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { Distortion } from "../../src/distortion/distortion.js";
import { hiddenRuns } from "../../src/distortion/region.js";
import { pointOver, weightsAt } from "../../src/distortion/weights.js";
import { finish } from "../../src/ground/steps.js";
import { psnr } from "../../src/image/psnr.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { Random } from "../../src/nn/random.js";
import { train } from "../../src/training/train.js";
import { drawBars } from "../reference/bars.js";

const kernels = await loadKernels();
const { memory } = kernels;

const kinds = {
  "squared error": {},
  "cross-entropy": { likelihood: "bernoulli" },
  "SSIMULACRA 2": { ssimulacra2: { share: 0.9, point: { low: 1, middle: 1, high: 1 } } },
} as const satisfies Record<string, Partial<ModelConfiguration>>;

describe.each(Object.entries(kinds))("distortion, %s", (_, kind: Partial<ModelConfiguration>) => {
  const shape = { batch: 2, height: 9, width: 13, channels: 1 };
  const count = 2 * 9 * 13;
  const margin = kind.likelihood ? 0 : 2;
  const canvasShape = { ...shape, height: 9 + 2 * margin, width: 13 + 2 * margin };
  const weights = [
    { error: 0.07, score: kind.ssimulacra2 ? 2 : 0, means: kind.ssimulacra2 ? 0.4 : 0 },
    { error: 0.13, score: kind.ssimulacra2 ? 1 : 0, means: kind.ssimulacra2 ? 0.9 : 0 },
  ];
  const random = new Random(kernels, 1);
  const wanted = random.uniforms(count).map((u) => u - 0.5);
  const target = { ...shape, pointer: memory.place(wanted) };
  const values = random.uniforms(2 * canvasShape.height * canvasShape.width).map((u) => u - 0.5);
  const configuration = kind as ModelConfiguration;
  const distortion = new Distortion(kernels, configuration, { pixels: target, left: margin, top: margin });
  const place = (canvas: Float32Array) => ({ ...canvasShape, pointer: memory.place(canvas) });

  test("has the gradient of its costs", () => {
    const gradient = memory
      .f32(finish(distortion.judge(place(values), weights)).gradient.pointer, values.length)
      .slice();
    const size = Math.max(...gradient.map(Math.abs));
    gradient.forEach((slope, i) => {
      const moved = (by: number): number =>
        memory.scope(() =>
          finish(distortion.cost(place(values.map((value, j) => (i === j ? value + by : value))), weights)),
        );
      const quotient = (moved(5e-3) - moved(-5e-3)) / 1e-2;
      expect(Math.abs(slope - quotient)).toBeLessThan(0.05 * size);
    });
  });

  test("costs as much with its gradient as without", () => {
    const { costs } = finish(distortion.judge(place(values), weights));
    expect(finish(distortion.cost(place(values), weights))).toBeCloseTo(costs[0] + costs[1], 6);
  });

  test("tells the squared error of samples, and the score where it counts", () => {
    const judgement = finish(distortion.judge(place(values), weights));
    judgement.squaredErrors.forEach((found, image) => {
      let sum = 0;
      for (let y = 0; y < 9; y++) {
        for (let x = 0; x < 13; x++) {
          const value = values[((image * canvasShape.height + y + margin) * canvasShape.width + x + margin) | 0];
          const shown = kind.likelihood ? 1 / (1 + Math.exp(-value)) - 0.5 : value;
          sum += (shown - wanted[(image * 9 + y) * 13 + x]) ** 2;
        }
      }
      expect(found).toBeCloseTo((sum * 255 * 255) / (9 * 13), 1);
    });
    expect(judgement.scores?.length).toBe(kind.ssimulacra2 ? 2 : undefined);
  });
});

test("slow errors are those of the means of blocks of 8 and of 32 pixels, cut off at the borders", () => {
  const [width, height] = [45, 37];
  const shape = { batch: 1, height, width, channels: 3 };
  const random = new Random(kernels, 2);
  const [wanted, shown] = [0, 1].map(() => random.uniforms(width * height * 3).map((u) => u - 0.5));
  const region = { pixels: { ...shape, pointer: memory.place(wanted) }, left: 0, top: 0 };
  const distortion = new Distortion(kernels, {}, region);
  const judge = (means: number) =>
    finish(distortion.judge({ ...shape, pointer: memory.place(shown) }, [{ error: 0.01, score: 0, means }])).costs[0];
  let sum = 0;
  for (const side of [8, 32]) {
    for (let top = 0; top < height; top += side) {
      for (let left = 0; left < width; left += side) {
        for (let channel = 0; channel < 3; channel++) {
          const differences: number[] = [];
          for (let y = top; y < Math.min(height, top + side); y++) {
            for (let x = left; x < Math.min(width, left + side); x++) {
              const at = (y * width + x) * 3 + channel;
              differences.push(255 * (shown[at] - wanted[at]));
            }
          }
          const mean = differences.reduce((total, value) => total + value, 0) / differences.length;
          sum += differences.length * mean * mean;
        }
      }
    }
  }
  expect((judge(0.5) - judge(0)) / 0.5).toBeCloseTo(sum / (width * height * 3), 2);
});

test("hidden pixels cost nothing and have no slope, whatever they are", () => {
  const shape = { batch: 1, height: 8, width: 8, channels: 1 };
  const ssimulacra2 = { share: 0.9, point: { low: 1, middle: 1, high: 1 } };
  const wanted = Float32Array.from({ length: 64 }, (_, i) => ((i * 29) % 64) / 64 - 0.5);
  const alpha = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 3 ? 0 : 255));
  const pixels = { ...shape, pointer: memory.place(wanted) };
  const region = { pixels, left: 0, top: 0, hidden: hiddenRuns(alpha, 8, 8) };
  const distortion = new Distortion(kernels, { ssimulacra2 }, region);
  const judge = (behind: number) => {
    const canvas = wanted.map((value, i) => (alpha[i] ? value * 0.8 : behind));
    const weights = [{ error: 1, score: 1, means: 1 }];
    const { costs, gradient } = finish(distortion.judge({ ...shape, pointer: memory.place(canvas) }, weights));
    const cost = finish(distortion.cost({ ...shape, pointer: memory.place(canvas) }, weights));
    return { costs, cost, slopes: Array.from(memory.f32(gradient.pointer, 64)) };
  };
  const [one, other] = [judge(0.4), judge(-0.3)];
  expect(other).toEqual(one);
  expect(one.cost).toBeGreaterThan(0);
  expect(one.slopes.every((slope, i) => (slope === 0) === (alpha[i] === 0))).toBe(true);
});

describe("the weights of distortion", () => {
  const lambda = { low: 0.001, high: 0.25 };
  const ssimulacra2 = { share: 0.9, point: { low: 0.004, middle: 0.013, high: 0.15 }, means: 2 };

  test("are lambda alone for squared error", () => {
    expect(weightsAt({ lambda }, -1)).toEqual({ error: 0.001, score: 0, means: 0 });
    expect(weightsAt({ lambda }, 1)).toEqual({ error: 0.25, score: 0, means: 0 });
  });

  test.each([
    [-1, 0.004],
    [0, 0.013],
    [1, 0.15],
  ])("go through what a point is worth, at quality %f", (q, point) => {
    const weights = weightsAt({ lambda, ssimulacra2 }, q);
    expect(weights.score).toBeCloseTo(0.9 * point, 9);
    expect(weights.error).toBeCloseTo(0.1 * 0.001 * 250 ** ((q + 1) / 2), 9);
    expect(weights.means).toBeCloseTo(2 * 0.001 * 250 ** ((q + 1) / 2), 9);
  });
});

test("a point keeps its worth at each lambda where coordinates run over another range", () => {
  const lambda = { low: 0.001, high: 0.25 };
  const ssimulacra2 = { share: 0.9, point: { low: 0.004, middle: 0.013, high: 0.15 } };
  const other = { low: 0.002, high: 0.1 };
  const moved = { ...ssimulacra2, point: pointOver(ssimulacra2.point, lambda, other) };
  for (const q of [-1, -0.4, 0, 0.7, 1]) {
    const { error, score } = weightsAt({ lambda: other, ssimulacra2: moved }, q);
    const before = (2 * Math.log(error / (0.1 * lambda.low))) / Math.log(lambda.high / lambda.low) - 1;
    expect(score / weightsAt({ lambda, ssimulacra2 }, before).score).toBeCloseTo(1, 3);
  }
  expect(pointOver(ssimulacra2.point, lambda, lambda)).toEqual(ssimulacra2.point);
  // Beyond its ends the parabola goes on.
  expect(pointOver(ssimulacra2.point, lambda, { low: 0.001, high: 0.5 }).high).toBeGreaterThan(0.2);
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
