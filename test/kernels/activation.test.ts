import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Activation, activationNumber } from "../../src/kernels/interface.js";
import { activations } from "../reference/activation.js";
import { strict } from "./builds.js";
import { callWith, counts, differenceQuotient, expectClose, samples, seeds, spaced } from "./harness.js";

const names = Object.keys(activationNumber) as Activation[];

function activate(name: Activation, input: Float32Array): Float32Array {
  const run = [input, new Float32Array(input.length)];
  return callWith(strict, run, (call, from, to) => call.activate(activationNumber[name], input.length, from, to))[1];
}

function activateGradient(name: Activation, input: Float32Array, gradient: Float32Array): Float32Array {
  const run = [input, gradient, new Float32Array(input.length)];
  return callWith(strict, run, (call, at, from, to) =>
    call.activateGradient(activationNumber[name], input.length, at, from, to),
  )[2];
}

describe.each(names)("%s", (name) => {
  const twin = activations[name];

  test("agrees with its twin at any length", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const input = samples(count, seed, 3);
        expectClose(activate(name, input), Array.from(input, twin.value), { relative: 3e-6, absolute: 1e-13 });
      }),
    );
  });

  test("slope of the twin is the derivative of its value", () => {
    for (let x = -6.03; x < 6; x += 0.11) {
      expect(twin.slope(x)).toBeCloseTo(differenceQuotient(twin.value, x), 7);
    }
  });

  test("gradient agrees with its twin at any length", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const input = samples(count, seed, 3);
        const gradient = samples(count, seed + 1);
        const wanted = Array.from(input, (x, i) => gradient[i] * twin.slope(x));
        expectClose(activateGradient(name, input, gradient), wanted, { relative: 2e-6, absolute: 1e-6 });
      }),
    );
  });

  test("gives an element the same bits wherever it stands", () => {
    const input = samples(64, 7, 3);
    const whole = activate(name, input);
    for (const length of [1, 2, 3]) {
      for (let i = 0; i + length <= input.length; i++) {
        expect(activate(name, input.slice(i, i + length))).toEqual(whole.slice(i, i + length));
      }
    }
  });

  test("works in place", () => {
    const input = samples(37, 11, 3);
    const [values] = callWith(strict, [input], (call, at) => call.activate(activationNumber[name], 37, at, at));
    expect(values).toEqual(activate(name, input));
    const gradient = samples(37, 12);
    const [, gradients] = callWith(strict, [input, gradient], (call, at, to) =>
      call.activateGradient(activationNumber[name], 37, at, to, to),
    );
    expect(gradients).toEqual(activateGradient(name, input, gradient));
  });

  test("stays finite for huge arguments and passes NaN on", () => {
    const huge = Float32Array.of(-1e4, 1e4, Number.NaN);
    const values = activate(name, huge);
    expectClose(values.slice(0, 2), [twin.value(-1e4), twin.value(1e4)], { absolute: 1e-30 });
    expect(values[2]).toBeNaN();
  });
});

test("an unknown number is the identity", () => {
  const input = spaced(9, -4, 4);
  const [, output] = callWith(strict, [input, new Float32Array(9)], (call, from, to) => call.activate(99, 9, from, to));
  expect(output).toEqual(input);
});
