import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { type Grid, sizeOf } from "../../src/nn/grid.js";
import { Random } from "../../src/nn/random.js";
import { SparseCode, sparsePass } from "../../src/nn/sparse-code.js";
import { isSparsity, type Sparsity } from "../../src/nn/sparsity.js";

const kernels = await loadKernels();
const { memory } = kernels;
const random = new Random(kernels, 3);
const shape = { batch: 6, height: 1, width: 1, channels: 7 };
const count = sizeOf({ ...shape, pointer: 0 });
const place = (values: Float32Array): Grid => ({ ...shape, pointer: memory.place(values) });
const read = (grid: Grid): Float32Array => memory.f32(grid.pointer, count).slice();
const step = 1e-2;

const kinds: Sparsity[] = [
  { kind: "k", active: 3 },
  { kind: "l1", weight: 0.7 },
  { kind: "kl", activity: 0.1, weight: 1.3 },
];

describe.each(kinds)("a sparse code, $kind", (sparsity) => {
  const code = new SparseCode(kernels, sparsity);
  // Far enough from 0, and from each other, that no small step changes which units are active.
  const values = Float32Array.from({ length: count }, (_, i) => (((i * 11) % count) - count / 2 + 0.5) / 12);
  const direction = random.uniforms(count).map((u) => 2 * u - 1);
  const weight = 0.4;

  /** <code, direction> and the penalty. */
  const objective = (input: Float32Array): number => {
    const { output } = sparsePass(code, place(input));
    const penalty = code.addPenalty(output, place(new Float32Array(count)), weight);
    return read(output).reduce((sum, value, i) => sum + value * direction[i], penalty);
  };

  test("has the gradient of its output and its penalty", () => {
    const { output, backward } = sparsePass(code, place(values));
    const gradient = place(direction);
    code.addPenalty(output, gradient, weight);
    const analytic = read(backward(gradient));
    expect(analytic.some((slope) => slope !== 0)).toBe(true);
    analytic.forEach((slope, i) => {
      const moved = (by: number): number => objective(values.map((value, j) => (i === j ? value + by : value)));
      expect(slope).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 2);
    });
  });

  test("gives in steps, in place, what it gives at once", () => {
    const whole = read(code.infer(place(values)));
    const grid = place(values);
    for (const _ of code.steps(grid, grid));
    expect(read(grid)).toEqual(whole);
  });

  test("counts the units that are active", () => {
    const counts = code.countActive(code.infer(place(values)));
    const wanted = new Uint32Array(7);
    read(code.infer(place(values))).forEach((value, i) => {
      if (Math.abs(value) > (sparsity.kind === "kl" ? 0.1 : 0)) wanted[i % 7]++;
    });
    expect(counts).toEqual(wanted);
    if (sparsity.kind === "k") expect(counts.reduce((sum, images) => sum + images, 0)).toBe(3 * 6);
  });
});

test("more units stay at first, the wanted number from the middle on", () => {
  const code = new SparseCode(kernels, { kind: "k", active: 1 });
  const active = (done: number): number => {
    code.anneal(done);
    return code.countActive(code.infer(place(random.uniforms(count)))).reduce((sum, images) => sum + images, 0) / 6;
  };
  expect([0, 0.25, 0.5, 1].map(active)).toEqual([7, 5, 1, 1]);
});

test.each([
  [{ kind: "k", active: 0 }],
  [{ kind: "k", active: 8 }],
  [{ kind: "k", active: 2.5 }],
  [{ kind: "l1", weight: -1 }],
  [{ kind: "kl", activity: 1, weight: 1 }],
  [{ kind: "l0" }],
  [null],
])("%j is no sparsity of 7 units", (value) => {
  expect(isSparsity(value, 7)).toBe(false);
});
