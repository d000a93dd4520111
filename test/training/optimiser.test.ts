import { describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { DifferentiableParameters, declareTensor } from "../../src/nn/differentiable-parameters.js";
import { trained } from "../../src/nn/parameters.js";
import { defaultOptimiser, Optimiser, type OptimiserOptions } from "../../src/training/optimiser.js";
import { expectClose, samples } from "../kernels/harness.js";
import { SoapTwin } from "../reference/soap.js";

const soap: OptimiserOptions = { ...defaultOptimiser, matrices: "soap", maxGradientNorm: Number.POSITIVE_INFINITY };
const rowsOf = (values: ArrayLike<number>, columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, k) => values[i * columns + k]),
  );

describe("SOAP", () => {
  it.each([
    ["two bases", 17, 20, { left: true, right: true }],
    ["more rows than columns", 30, 16, { left: true, right: true }],
    ["a side that is too long for one", 16, 520, { left: true, right: false }],
    ["the other side too long", 516, 17, { left: false, right: true }],
  ] as const)("follows its twin with %s", async (_, rows, columns, sides) => {
    const kernels = await loadKernels();
    const parameters = new DifferentiableParameters(kernels);
    const parameter = declareTensor(parameters, { name: "a.weight", ...trained([rows, columns]) });
    const start = samples(rows * columns, 1);
    parameters.write(parameter, start);
    const optimiser = new Optimiser(parameters, soap);
    const twin = new SoapTwin(defaultOptimiser, rowsOf(start, columns), sides, 0);
    for (let step = 0; step < 25; step++) {
      // Every direction has its own strength, so that none is taken for another.
      const gradient = samples(rows * columns, 100 + step).map(
        (value, i) => value * (1 + (i % columns) / columns) * (1 + Math.floor(i / columns) / rows) + 0.2,
      );
      kernels.memory.f32(parameter.gradient, gradient.length).set(gradient);
      optimiser.step(step, 1);
      twin.step(rowsOf(gradient, columns), step);
    }
    expectClose(parameters.read(parameter), twin.value.flat(), { relative: 0, absolute: 2e-4 });
    const moved = parameters.read(parameter).map((value, i) => value - start[i]);
    expect(Math.max(...moved)).toBeGreaterThan(4e-3);
  });

  it("is Adam for all but matrices, and where the sides are short", async () => {
    const kernels = await loadKernels();
    const shapes = [[40], [9, 32], [15, 40], [40, 15]];
    const values = [defaultOptimiser, { ...defaultOptimiser, matrices: "soap" } as const].map((options) => {
      const parameters = new DifferentiableParameters(kernels);
      shapes.forEach((shape, i) => {
        declareTensor(parameters, { name: `${i}`, ...trained(shape) });
      });
      const optimiser = new Optimiser(parameters, options);
      for (let step = 0; step < 12; step++) {
        for (const { gradient, count } of parameters.all) kernels.memory.f32(gradient, count).set(samples(count, step));
        optimiser.step(step, 1);
      }
      expect(optimiser.state).toEqual([]);
      return parameters.all.map((parameter) => parameters.read(parameter));
    });
    expect(values[1]).toEqual(values[0]);
  });

  it("leaves a matrix alone that has no gradient", async () => {
    const kernels = await loadKernels();
    const parameters = new DifferentiableParameters(kernels);
    const weight = declareTensor(parameters, { name: "weight", ...trained([20, 20]) });
    parameters.write(weight, samples(400, 1));
    const optimiser = new Optimiser(parameters, soap);
    for (let step = 0; step < 25; step++) optimiser.step(step, 1);
    expect(parameters.read(weight)).toEqual(samples(400, 1));
  });
});
