import { beforeAll, describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { Random } from "../../src/nn/random.js";
import { latents, newDistribution, PreviewNetwork, type Weights } from "../../src/preview/preview-network.js";
import { store, type TensorName, tensorNames, tensorTable, valuesOf } from "../../src/preview/tensors.js";
import { type Example, priorPass, synthesisPass, type Tensors } from "../../src/training/preview/gradients.js";

const widths = { priorHidden: 3, synthesisHidden: 4 };
let example: Example;
let values: Record<TensorName, Float32Array>;

beforeAll(async () => {
  const random = new Random(await loadKernels(), 3);
  const draw = (count: number, size: number): number[] =>
    Array.from({ length: count }, () => (2 * random.uniform() - 1) * size);
  const tensors = Object.fromEntries(
    tensorNames.map((name) => [name, valuesOf(store(name, draw(tensorTable[name].count(widths), 0.5)))]),
  );
  const weights = {
    ...widths,
    ...tensors,
    order: Float64Array.from({ length: latents }, (_, i) => latents - 1 - i),
    deviation: new Float64Array(latents).fill(0.1),
  } as Weights;
  values = Object.fromEntries(tensorNames.map((name) => [name, Float32Array.from(weights[name])])) as typeof values;
  const symbols = new Int8Array(latents);
  for (let i = 0; i < latents; i += 5) symbols[i] = random.integer(5) - 2;
  example = {
    network: new PreviewNetwork(weights, { transparent: true, aspect: 1.5, step: 7, bytes: 21 }),
    symbols,
    coefficients: Float64Array.from(draw(latents, 0.2)),
  };
});

const tensorsOf = (name: "prior" | "synthesis", of: Record<string, Float32Array>): Tensors => ({
  conditions: of[`${name}Conditions`],
  input: of[`${name}Input`],
  output: of[`${name}Output`],
  bias: of[`${name}Bias`],
});
const zeros = () => Object.fromEntries(tensorNames.map((name) => [name, new Float32Array(values[name].length)]));

describe.each([
  ["prior", priorPass, widths.priorHidden],
  ["synthesis", synthesisPass, widths.synthesisHidden],
] as const)("the gradient of the %s", (name, pass, hidden) => {
  it("is what finite differences say", () => {
    const gradients = zeros();
    const loss = (): number => pass(example, hidden, tensorsOf(name, values), tensorsOf(name, zeros()), 1);
    pass(example, hidden, tensorsOf(name, values), tensorsOf(name, gradients), 1);
    let compared = 0;
    for (const part of ["Conditions", "Input", "Output", "Bias"] as const) {
      const tensor = `${name}${part}` as TensorName;
      for (let i = 0; i < values[tensor].length; i += Math.ceil(values[tensor].length / 40)) {
        const kept = values[tensor][i];
        const step = 0.002;
        values[tensor][i] = kept + step;
        const above = loss();
        values[tensor][i] = kept - step;
        const below = loss();
        values[tensor][i] = kept;
        const difference = (above - below) / (2 * step);
        expect(Math.abs(gradients[tensor][i] - difference)).toBeLessThan(0.02 * Math.abs(difference) + 0.003);
        if (Math.abs(difference) > 0.003) compared++;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });
});

describe("the prior in training", () => {
  it("charges what the coder will charge", () => {
    const { network, symbols } = example;
    const state = network.startPrior();
    const distribution = newDistribution();
    let bits = 0;
    for (const i of network.coded) {
      network.predict(state, i, distribution);
      const edge = (at: number): number =>
        (1 - distribution.zero) / (1 + Math.exp(-(at - distribution.location) / distribution.scale));
      const probability = edge(symbols[i] + 0.5) - edge(symbols[i] - 0.5) + (symbols[i] === 0 ? distribution.zero : 0);
      bits -= Math.log2(Math.max(1 / 65536, probability));
      network.observe(state, i, symbols[i]);
    }
    const charged = priorPass(example, widths.priorHidden, tensorsOf("prior", values), tensorsOf("prior", zeros()), 1);
    expect(Math.abs(charged / bits - 1)).toBeLessThan(1e-5);
  });
});
