import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../reference/random.js";
import { strict } from "./builds.js";
import { callWith, counts, expectClose, seeds } from "./harness.js";

type Draw = "randomUniform" | "randomNormal";

function seeded(seed: number): Int32Array {
  return callWith(strict, [new Int32Array(16)], (call, state) => call.seedRandom(seed, state))[0];
}

function draw(kind: Draw, count: number, state: Int32Array): { values: Float32Array; state: Int32Array } {
  const [after, values] = callWith(strict, [state, new Float32Array(count)], (call, at, to) =>
    call[kind](count, at, to),
  );
  return { values, state: after };
}

/** Mean of the powers 1, 2, 3 and 4. */
const moments = (values: Float32Array): number[] =>
  [1, 2, 3, 4].map((power) => values.reduce((sum, x) => sum + x ** power, 0) / values.length);

describe("random numbers", () => {
  test("uniform numbers equal those of the twin", () => {
    fc.assert(
      fc.property(counts, fc.integer(), (count, seed) => {
        const { values } = draw("randomUniform", count, seeded(seed));
        expect(Array.from(values)).toEqual(new Random(seed).uniform(count));
      }),
    );
  });

  test("normal numbers agree with those of the twin", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const { values } = draw("randomNormal", count, seeded(seed));
        expectClose(values, new Random(seed).normal(count), { relative: 1e-6, absolute: 2e-6 });
      }),
    );
  });

  test.each(["randomUniform", "randomNormal"] as const)("%s goes on from a saved state, in fours", (kind) => {
    const whole = draw(kind, 40, seeded(3)).values;
    const first = draw(kind, 12, seeded(3));
    const second = draw(kind, 5, first.state);
    const third = draw(kind, 20, second.state);
    expect(first.values).toEqual(whole.slice(0, 12));
    expect(second.values).toEqual(whole.slice(12, 17));
    expect(third.values).toEqual(whole.slice(20, 40));
  });

  test("the same seed repeats itself, another seed differs in every lane", () => {
    expect(seeded(5)).toEqual(seeded(5));
    const near = seeded(6);
    expect(seeded(5).every((word, i) => word !== near[i])).toBe(true);
  });

  test("uniform numbers have the moments of the uniform distribution", () => {
    const { values } = draw("randomUniform", 100_000, seeded(1));
    expectClose(moments(values), [1 / 2, 1 / 3, 1 / 4, 1 / 5], { absolute: 0.004 });
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(values.every((x) => x < 1)).toBe(true);
  });

  test("normal numbers have the moments of the normal distribution, in every lane", () => {
    const { values } = draw("randomNormal", 200_000, seeded(2));
    for (const lane of [0, 1, 2, 3]) {
      const ofLane = values.filter((_, i) => i % 4 === lane);
      const variances = [1, 2, 15, 96]; // of the powers 1 to 4
      moments(ofLane).forEach((moment, i) => {
        const deviation = Math.sqrt(variances[i] / ofLane.length);
        expectClose([moment], [[0, 1, 0, 3][i]], { absolute: 4 * deviation });
      });
    }
    expect(values.every(Number.isFinite)).toBe(true);
  });

  test("neighbours are not correlated", () => {
    const { values } = draw("randomNormal", 200_000, seeded(4));
    for (const distance of [1, 2, 3, 4]) {
      const products = values.subarray(distance).map((x, i) => x * values[i]);
      expectClose([moments(products)[0]], [0], { absolute: 0.01 });
    }
  });
});
