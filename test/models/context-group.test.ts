import fc from "fast-check";
import { expect, test } from "vitest";
import { ContextGroup, groupParts, initializeGroup } from "../../src/models/context-group.js";
import { byteWeights } from "../../src/nn/dense.js";
import { Parameters } from "../../src/nn/parameters.js";
import { Random } from "../../src/nn/random.js";
import { strict as kernels } from "../kernels/builds.js";
import { callWith, samples, seeds } from "../kernels/harness.js";
import { predictSymbols } from "../reference/context.js";
import { activations } from "../reference/decoder/dense.js";
import { multiplyIntegers, roundColumns, roundRows } from "../reference/integer-gemm.js";

const choice = { lowest: -2.2, density: 6.1, scales: 40, fractions: 5 };
const hidden = 9;

/** A group of `channels` channels from channel `first` on, and its layers in plain TypeScript. */
function groupOf(first: number, channels: number, activation: "hardSwish" | "leakyRelu") {
  const parameters = new Parameters(kernels);
  const group = new ContextGroup(
    parameters,
    parameters.place(groupParts(first, channels, { hidden, activation, weights: byteWeights() })),
  );
  initializeGroup(group, new Random(kernels, first + channels));
  parameters.write(group.out.bias, samples(2 * channels, 5));
  const layer = ({ inputs, outputs, weight, bias }: typeof group.inner, rows: Float32Array): Float32Array => {
    const N = rows.length / inputs;
    const columns = roundColumns(inputs, outputs, parameters.read(weight), 127);
    return multiplyIntegers(N, outputs, inputs, roundRows(N, inputs, rows, 32767), columns, parameters.read(bias));
  };
  const act = (rows: Float32Array): Float32Array => rows.map(activations[activation]);
  const outputs = (context: Float32Array, before: Float32Array): Float32Array => {
    const own = group.own && layer(group.own, before);
    const sum = own ? own.map((value, i) => context[i] + value) : context;
    return layer(group.out, act(layer(group.inner, act(sum))));
  };
  return { group, outputs };
}

test.each([
  { first: 0, channels: 3, activation: "hardSwish" },
  { first: 5, channels: 2, activation: "hardSwish" },
  { first: 11, channels: 12, activation: "leakyRelu" },
] as const)("predicts what its layers in plain TypeScript do: $first, $channels, $activation", (shape) => {
  kernels.memory.scope(() => {
    const { first, channels } = shape;
    const { group, outputs } = groupOf(first, channels, shape.activation);
    const { description } = group.describe();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), seeds, (N, seed) => {
        const stride = first + channels + 1;
        const places = 2 * N;
        const grid = samples(places * stride, seed).map((x) => (x > 0.5 ? x : 0));
        // Every other place, from the last to the first.
        const cells = Int32Array.from({ length: N }, (_, n) => places - 1 - 2 * n);
        const context = samples(N * hidden, seed + 1, 2);
        const [inverse, offset] = [samples(channels, seed + 2, 3), samples(channels, seed + 3)];
        const count = N * channels;
        const floats = () => new Float32Array(count + 3);
        const [, , , , , , mean, tables] = callWith(
          kernels,
          [
            ...([context, cells, grid, inverse, offset] as const),
            new Uint8Array(kernels.call.groupWorkBytes(N, description)),
            ...([floats(), new Uint8Array(count + 3)] as const),
          ],
          (call, context, cells, grid, inverse, offset, ...to) => {
            const { lowest, density, scales, fractions } = choice;
            const from = [context, cells, grid, stride, inverse, offset] as const;
            call.predictGroup(N, description, ...from, lowest, density, scales, fractions, ...to);
          },
        );
        const before = Float32Array.from({ length: N * first }, (_, i) => {
          return grid[cells[Math.floor(i / first)] * stride + (i % first)];
        });
        const wanted = predictSymbols(N, channels, outputs(context, before), inverse, offset, choice);
        const written = {
          mean: mean.slice(0, count),
          tables: tables.slice(0, count),
        };
        expect(written).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });
});
