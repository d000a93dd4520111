import fc from "fast-check";
import { expect, test } from "vitest";
import { finish } from "../../src/ground/steps.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Activation } from "../../src/kernels/interface.js";
import { Dense, denseParts } from "../../src/nn/dense.js";
import type { Grid } from "../../src/nn/grid.js";
import { IntegerProduct } from "../../src/nn/integer-product.js";
import { Parameters } from "../../src/nn/parameters.js";
import { samples } from "../kernels/harness.js";
import { activations } from "../reference/decoder/dense.js";
import { multiply } from "../reference/gemm.js";
import { multiplyIntegers, roundColumns, roundRows } from "../reference/integer-gemm.js";

const kernels = await loadKernels();
const { memory } = kernels;

function product(
  rows: number,
  inputs: number,
  outputs: number,
  seed: number,
  largest: number,
  { activation = "identity" as Activation, sparse = false } = {},
) {
  const input = samples(rows * inputs, seed);
  const weight = samples(inputs * outputs, seed + 1);
  const bias = samples(outputs, seed + 2);
  const layer = new IntegerProduct(kernels, inputs, outputs, largest, memory.place(bias), sparse);
  finish(layer.prepare(memory.place(weight)));
  const grid = (values: Float32Array, channels: number): Grid => {
    return { pointer: memory.place(values), batch: 1, height: 1, width: values.length / channels, channels };
  };
  const result = (values: Float32Array): Float32Array =>
    memory.scope(() => {
      const output = grid(new Float32Array((values.length / inputs) * outputs), outputs);
      layer.multiply(grid(values, inputs), activation, output);
      return memory.f32(output.pointer, output.width * outputs).slice();
    });
  return { input, weight, bias, result };
}

test("agrees bit for bit with what the format says", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(1e6),
      (rows, inputs, outputs, seed) => {
        const { input, weight, bias, result } = product(rows, inputs, outputs, seed, 127);
        const wanted = multiplyIntegers(
          rows,
          outputs,
          inputs,
          roundRows(rows, inputs, input, 32767),
          roundColumns(inputs, outputs, weight, 127),
          bias,
        );
        expect(result(input)).toEqual(wanted);
      },
    ),
  );
});

test.each(["hardSwish", "leakyRelu"] as const)("%s comes last, whether zeros are passed over or not", (activation) => {
  const [rows, inputs, outputs] = [21, 40, 19];
  const identity = product(rows, inputs, outputs, 9, 127);
  const wanted = identity.result(identity.input).map(activations[activation]);
  expect(Math.min(...wanted)).toBeLessThan(0);
  for (const sparse of [false, true]) {
    const { input, result } = product(rows, inputs, outputs, 9, 127, { activation, sparse });
    expect(result(input)).toEqual(wanted);
  }
});

test.each([
  [3000, 203, false],
  [3000, 203, true],
  [40_000, 17, false],
])("layers of %d x %d weights are packed in steps, and are the same product", (inputs, outputs, sparse) => {
  const [input, weight] = [samples(2 * inputs, 4), samples(inputs * outputs, 5)];
  const packed: number[] = [];
  const packIntegers: typeof kernels.call.packIntegers = (K, M, ...others) => {
    packed.push(K * M);
    kernels.call.packIntegers(K, M, ...others);
  };
  const watched = { ...kernels, call: { ...kernels.call, packIntegers } };
  const layer = new IntegerProduct(watched, inputs, outputs, 127, memory.place(new Float32Array(outputs)), sparse);
  const steps = [...layer.prepare(memory.place(weight))];
  expect(steps.length).toBe(packed.length);
  expect(packed.reduce((sum, count) => sum + count)).toBe(inputs * outputs);
  expect(Math.max(...packed)).toBeLessThan(inputs * outputs);
  const grid = { pointer: memory.place(input), batch: 1, height: 1, width: 2, channels: inputs };
  const output: Grid = { ...grid, pointer: memory.allocateFloats(2 * outputs), channels: outputs };
  layer.multiply(grid, "identity", output);
  const largest = Math.min(32767, Math.floor((2 ** 31 - 1) / (inputs * 127)));
  const rows = roundRows(2, inputs, input, largest);
  const columns = roundColumns(inputs, outputs, weight, 127);
  const wanted = multiplyIntegers(2, outputs, inputs, rows, columns, new Float32Array(outputs));
  expect(memory.f32(output.pointer, 2 * outputs)).toEqual(wanted);
});

test("a layer of floats is packed in steps, too, and is the same product", () => {
  const [inputs, outputs] = [700, 901];
  const packed: number[] = [];
  const packMatrix: typeof kernels.call.packMatrix = (K, M, ...others) => {
    packed.push(K * M);
    kernels.call.packMatrix(K, M, ...others);
  };
  const parameters = new Parameters({ ...kernels, call: { ...kernels.call, packMatrix } });
  const layer = new Dense(parameters, parameters.place(denseParts(inputs, outputs)));
  const [input, weight, bias] = [samples(inputs, 6), samples(inputs * outputs, 7), samples(outputs, 8)];
  parameters.write(layer.weight, weight);
  parameters.write(layer.bias, bias);
  expect([...layer.packing()].length).toBe(packed.length);
  expect(Math.max(...packed)).toBeLessThan(inputs * outputs);
  const grid = { pointer: memory.place(input), batch: 1, height: 1, width: 1, channels: inputs };
  const { pointer } = layer.infer(grid);
  const [left, right] = [
    { data: input, stride: inputs },
    { data: weight, stride: outputs },
  ];
  const wanted = multiply(1, outputs, inputs, left, right, (_, m) => bias[m]);
  expect(memory.f32(pointer, outputs)).toEqual(Float32Array.from(wanted));
});

test("a row's result does not depend on the rows around it", () => {
  const { input, result } = product(11, 24, 10, 7, 127);
  const all = result(input);
  for (let row = 0; row < 11; row++)
    expect(result(input.slice(row * 24, (row + 1) * 24))).toEqual(all.slice(row * 10, (row + 1) * 10));
});

test.each([
  [127, 0.01],
  [2047, 0.001],
])("with weights of up to %d it is near the product in floats", (largest, tolerance) => {
  const [rows, inputs, outputs] = [5, 96, 30];
  const { input, weight, bias, result } = product(rows, inputs, outputs, 3, largest);
  const actual = result(input);
  let error = 0;
  let power = 0;
  for (let i = 0; i < actual.length; i++) {
    let wanted = bias[i % outputs];
    for (let k = 0; k < inputs; k++)
      wanted += input[Math.floor(i / outputs) * inputs + k] * weight[k * outputs + (i % outputs)];
    error += (actual[i] - wanted) ** 2;
    power += wanted ** 2;
  }
  expect(Math.sqrt(error / power)).toBeLessThan(tolerance);
});

test("inputs get coarser where sums would overflow", () => {
  const inputs = 40_000;
  const layer = new IntegerProduct(kernels, inputs, 1, 2047, memory.place(new Float32Array(1)));
  finish(layer.prepare(memory.place(new Float32Array(inputs).fill(1))));
  const input: Grid = {
    pointer: memory.place(new Float32Array(inputs).fill(3)),
    batch: 1,
    height: 1,
    width: 1,
    channels: inputs,
  };
  const output: Grid = { ...input, pointer: memory.allocateFloats(1), channels: 1 };
  layer.multiply(input, "identity", output);
  expect(memory.f32(output.pointer, 1)[0] / (3 * inputs)).toBeCloseTo(1, 5);
});
