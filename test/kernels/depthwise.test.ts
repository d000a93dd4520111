import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kernels } from "../../src/kernels/kernels.js";
import * as twin from "../reference/depthwise.js";
import { builds, strict } from "./builds.js";
import { callWith, dot, expectClose, samples, seeds } from "./harness.js";

const shapes = fc.record({
  B: fc.integer({ min: 1, max: 2 }),
  H: fc.integer({ min: 1, max: 5 }),
  W: fc.integer({ min: 1, max: 5 }),
  C: fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 13),
});

const cells = ({ B, H, W, C }: twin.GridShape) => B * H * W * C;
const exact: twin.Round = (x) => x;

function forShapes(
  check: (shape: twin.GridShape, input: Float32Array, weights: Float32Array, gradient: Float32Array) => void,
): void {
  fc.assert(
    fc.property(shapes, seeds, (shape, seed) =>
      check(shape, samples(cells(shape), seed), samples(9 * shape.C, seed + 1), samples(cells(shape), seed + 2)),
    ),
  );
}

function forward(
  kernels: Kernels,
  shape: twin.GridShape,
  input: Float32Array,
  weights: Float32Array,
  bias: Float32Array,
) {
  const { B, H, W, C } = shape;
  return callWith(kernels, [input, weights, bias, new Float32Array(cells(shape))], (call, from, by, plus, to) =>
    call.depthwise(B, H, W, C, from, by, plus, to),
  )[3];
}

function inputGradient(kernels: Kernels, shape: twin.GridShape, gradient: Float32Array, weights: Float32Array) {
  const { B, H, W, C } = shape;
  return callWith(kernels, [gradient, weights, new Float32Array(cells(shape))], (call, from, by, to) =>
    call.depthwiseInputGradient(B, H, W, C, from, by, to),
  )[2];
}

function weightGradient(
  kernels: Kernels,
  shape: twin.GridShape,
  input: Float32Array,
  gradient: Float32Array,
  start: Float32Array,
) {
  const { B, H, W, C } = shape;
  return callWith(kernels, [input, gradient, start], (call, from, by, to) =>
    call.depthwiseWeightGradient(B, H, W, C, from, by, to),
  )[2];
}

test("the strict forward pass equals its twin in every bit", () => {
  forShapes((shape, input, weights) => {
    const bias = samples(shape.C, 3);
    const wanted = twin.depthwise(shape, input, weights, bias, Math.fround);
    expect(forward(strict, shape, input, weights, bias)).toEqual(Float32Array.from(wanted));
  });
});

test("a bias of 0 means none", () => {
  forShapes((shape, input, weights) => {
    const { B, H, W, C } = shape;
    const [, , output] = callWith(strict, [input, weights, new Float32Array(cells(shape))], (call, from, by, to) =>
      call.depthwise(B, H, W, C, from, by, 0, to),
    );
    expect(output).toEqual(forward(strict, shape, input, weights, new Float32Array(C)));
  });
});

test("the gradients of the twin are the derivatives of its forward pass", () => {
  const shape = { B: 2, H: 3, W: 4, C: 2 };
  const input = samples(cells(shape), 1);
  const weights = samples(9 * shape.C, 2);
  const gradient = samples(cells(shape), 3);
  const loss = (x: ArrayLike<number>, w: ArrayLike<number>) =>
    dot(twin.depthwise(shape, x, w, [0, 0], exact), gradient);
  const moved = (values: Float32Array, i: number, by: number) =>
    Array.from(values, (value, k) => (k === i ? value + by : value));
  const byInput = Array.from(
    input,
    (_, i) => loss(moved(input, i, 0.5), weights) - loss(moved(input, i, -0.5), weights),
  );
  const byWeight = Array.from(
    weights,
    (_, i) => loss(input, moved(weights, i, 0.5)) - loss(input, moved(weights, i, -0.5)),
  );
  expectClose(twin.depthwiseInputGradient(shape, gradient, weights), byInput, { relative: 1e-9, absolute: 1e-12 });
  expectClose(twin.depthwiseWeightGradient(shape, input, gradient), byWeight, { relative: 1e-9, absolute: 1e-12 });
});

describe.each(builds)("$name build", ({ kernels }) => {
  const tolerance = { relative: 1e-5, absolute: 1e-5 };

  test("forward pass and gradients agree with their twins", () => {
    forShapes((shape, input, weights, gradient) => {
      const bias = samples(shape.C, 3);
      expectClose(
        forward(kernels, shape, input, weights, bias),
        twin.depthwise(shape, input, weights, bias, exact),
        tolerance,
      );
      expectClose(
        inputGradient(kernels, shape, gradient, weights),
        twin.depthwiseInputGradient(shape, gradient, weights),
        tolerance,
      );
      const none = new Float32Array(9 * shape.C);
      expectClose(
        weightGradient(kernels, shape, input, gradient, none),
        twin.depthwiseWeightGradient(shape, input, gradient),
        tolerance,
      );
    });
  });

  test("the weight gradient is added to what is there", () => {
    forShapes((shape, input, start, gradient) => {
      const none = new Float32Array(start.length);
      const wanted = weightGradient(kernels, shape, input, gradient, none).map((x, i) => x + start[i]);
      expectClose(weightGradient(kernels, shape, input, gradient, start), wanted, tolerance);
    });
  });

  test("an empty batch or grid does nothing", () => {
    const row = samples(9, 1);
    for (const [B, H, W, C] of [
      [0, 2, 2, 1],
      [1, 0, 2, 1],
      [1, 2, 0, 1],
      [1, 1, 1, 0],
    ]) {
      const [output, gradient] = callWith(kernels, [row, row], (call, to, add) => {
        call.depthwise(B, H, W, C, to, add, 0, to);
        call.depthwiseWeightGradient(B, H, W, C, to, to, add);
      });
      expect([output, gradient]).toEqual([row, row]);
    }
  });
});

test("a cell does not depend on the batch or the grid around its window", () => {
  const large = { B: 1, H: 7, W: 7, C: 5 };
  const small = { B: 1, H: 5, W: 5, C: 5 };
  const input = samples(cells(large), 1);
  const weights = samples(45, 2);
  const bias = samples(5, 3);
  const inner = Float32Array.from({ length: cells(small) }, (_, i) => {
    const [y, x, c] = [Math.floor(i / 25), Math.floor(i / 5) % 5, i % 5];
    return input[((y + 1) * 7 + x + 1) * 5 + c];
  });
  const ofLarge = forward(strict, large, input, weights, bias);
  const ofSmall = forward(strict, small, inner, weights, bias);
  for (let y = 1; y < 4; y++) {
    for (let x = 1; x < 4; x++) {
      const cell = ofLarge.slice(((y + 1) * 7 + x + 1) * 5, ((y + 1) * 7 + x + 2) * 5);
      expect(ofSmall.slice((y * 5 + x) * 5, (y * 5 + x + 1) * 5)).toEqual(cell);
    }
  }
});
