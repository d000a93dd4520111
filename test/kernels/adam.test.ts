import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kernels } from "../../src/kernels/kernels.js";
import * as twin from "../reference/adam.js";
import { builds } from "./builds.js";
import { callWith, counts, expectClose, samples, seeds } from "./harness.js";

const settings: twin.AdamSettings = { learningRate: 1e-2, beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05 };

interface Parameters {
  readonly value: Float32Array;
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
}

function step(kernels: Kernels, at: Parameters, gradient: Float32Array, number: number, gradientScale = 1): Parameters {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = settings;
  const [value, , moment1, moment2] = callWith(
    kernels,
    [at.value, gradient, at.moment1, at.moment2],
    (call, v, g, first, second) =>
      call.adam(
        ...([gradient.length, v, g, first, second, learningRate, beta1, beta2, epsilon, weightDecay] as const),
        ...([1 - beta1 ** number, 1 - beta2 ** number, gradientScale] as const),
      ),
  );
  return { value, moment1, moment2 };
}

const fresh = (value: Float32Array): Parameters => ({
  value,
  moment1: new Float32Array(value.length),
  moment2: new Float32Array(value.length),
});

describe.each(builds)("adam, $name build", ({ kernels }) => {
  test("follows its twin over several steps", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        let actual = fresh(samples(count, seed));
        let wanted = Array.from(actual.value, (value) => ({ value, moment1: 0, moment2: 0 }));
        for (let number = 1; number <= 5; number++) {
          const gradient = samples(count, seed + number);
          actual = step(kernels, actual, gradient, number);
          wanted = wanted.map((state, i) => twin.adam(settings, state, gradient[i], number));
        }
        for (const key of ["value", "moment1", "moment2"] as const) {
          expectClose(
            actual[key],
            wanted.map((state) => state[key]),
            { relative: 1e-5, absolute: 1e-6 },
          );
        }
      }),
    );
  });

  test("scales the gradient first", () => {
    const start = fresh(samples(13, 1));
    const gradient = samples(13, 2);
    const scaled = step(kernels, start, gradient, 1, 0.25);
    expect(scaled).toEqual(
      step(
        kernels,
        start,
        gradient.map((x) => x * 0.25),
        1,
      ),
    );
  });

  test("its first step has the length of the learning rate", () => {
    const zero = fresh(new Float32Array(4));
    const { value } = step(kernels, zero, Float32Array.of(1e-3, -1e-3, 50, 0), 1);
    expectClose(value, [-1e-2, 1e-2, -1e-2, 0], { relative: 1e-4 });
  });

  test("without a gradient only the weight decay moves a value", () => {
    const { value } = step(kernels, fresh(Float32Array.of(2, -4)), new Float32Array(2), 1);
    const kept = 1 - settings.learningRate * settings.weightDecay;
    expectClose(value, [2 * kept, -4 * kept], { relative: 1e-7 });
  });
});

test("finds the minimum of a bowl", () => {
  const { kernels } = builds[0];
  const goal = samples(7, 3);
  let at = fresh(new Float32Array(7));
  for (let number = 1; number <= 400; number++) {
    const current = at.value;
    at = step(
      kernels,
      at,
      current.map((x, i) => x - goal[i]),
      number,
    );
  }
  // Weight decay pulls a little towards zero.
  expectClose(at.value, goal, { relative: 0.1, absolute: 0.05 });
  expect(at.moment2.every((x) => x >= 0)).toBe(true);
});
