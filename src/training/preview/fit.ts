import { Pacer } from "../../ground/pacer.js";
import type { Kernels } from "../../kernels/kernels.js";
import { DifferentiableParameters, declareTensor } from "../../nn/differentiable-parameters.js";
import { clearGradients } from "../../nn/gradients.js";
import { type Parameter, type ParameterState, trained } from "../../nn/parameters.js";
import { Random } from "../../nn/random.js";
import { leastBytes, mostBytes } from "../../preview/frame.js";
import { latents, type Weights } from "../../preview/preview-network.js";
import { searchSymbols } from "../../preview/search.js";
import { frequencies } from "../../preview/spectrum.js";
import { store, type TensorName, tensorNames, tensorTable, valuesOf, type Widths } from "../../preview/tensors.js";
import { defaultOptimiser, Optimiser } from "../optimiser.js";
import { type Example, priorPass, synthesisPass, type Tensors } from "./gradients.js";
import type { Sample } from "./samples.js";

export interface FitOptions extends Widths {
  readonly rounds: number;
  readonly steps: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { step: number; steps: number; bits: number }) => void) | undefined;
}

const batch = 64;
const usualBytes = 21;
/** Of the encoder's search. */
const trials = 6;
/** Half of the examples have the usual length, the others all lengths. */
const priorWeight = 0.01;
const synthesisWeight = 0.3;

/**
 * Fits the two networks to previews, round after round: the encoder makes previews of all samples with the networks as they are, then prior and synthesis learn from
 * its symbols by gradient descent. Both so see the rounding and the choices of the true encoder, which no noise stands in for (as in entropy-constrained vector
 * quantization; Chou, Lookabaugh & Gray 1989).
 */
export async function fitPreview(kernels: Kernels, samples: readonly Sample[], options: FitOptions): Promise<Weights> {
  const { priorHidden: H, synthesisHidden: S } = options;
  const random = new Random(kernels, options.seed);
  const parameters = new DifferentiableParameters(kernels);
  const declare = (name: "prior" | "synthesis") => {
    const of = (part: TensorName): Parameter =>
      declareTensor(parameters, { name: part, ...trained([tensorTable[part].count(options)]) });
    return {
      conditions: of(`${name}Conditions`),
      input: of(`${name}Input`),
      output: of(`${name}Output`),
      bias: of(`${name}Bias`),
    };
  };
  const prior = declare("prior");
  const synthesis = declare("synthesis");
  const initialize = (parameter: Parameter, bound: number): void =>
    parameters.write(
      parameter,
      random.uniforms(parameter.count).map((value) => (2 * value - 1) * bound),
    );
  for (const network of [prior, synthesis]) {
    initialize(network.conditions, 0.5);
    initialize(network.input, 0.4);
  }
  // Hardly more zeros than the logistic distribution has.
  parameters.write(
    prior.bias,
    Float32Array.from({ length: latents * 3 }, (_, i) => (i % 3 === 2 ? -2 : 0)),
  );

  let weights = initialWeights(samples, options);
  const take = (state: ParameterState): Weights => {
    const trained = parameters.all.map((parameter) => [
      parameter.name,
      rounded(parameter.name as TensorName, parameters.read(parameter, state)),
    ]);
    return { ...weights, ...Object.fromEntries(trained) };
  };
  weights = take("value");

  const optimiser = new Optimiser(parameters, { ...defaultOptimiser, learningRate: 2e-3, averageDecay: 0.995 });
  let step = 0;
  const perRound = Math.ceil(options.steps / options.rounds);
  const pacer = new Pacer({ signal: options.signal });
  const view = (state: "value" | "gradient", { conditions, input, output, bias }: typeof prior): Tensors => {
    const of = (parameter: Parameter): Float32Array => kernels.memory.f32(parameter[state], parameter.count);
    return { conditions: of(conditions), input: of(input), output: of(output), bias: of(bias) };
  };
  // Views that stay valid as long as nothing more is allocated.
  const ofPrior = [view("value", prior), view("gradient", prior)] as const;
  const ofSynthesis = [view("value", synthesis), view("gradient", synthesis)] as const;
  for (let round = 0; round < options.rounds; round++) {
    const examples = await encodeAll(weights, samples, random, pacer);
    weights = { ...weights, stepPrior: fitSteps(examples) };
    let bits = 0;
    const last = round === options.rounds - 1;
    for (let n = 0; n < perRound; n++, step++) {
      clearGradients(parameters);
      for (let k = 0; k < batch; k++) {
        const example = examples[random.integer(examples.length)];
        const { network } = example;
        const unit = network.stepOf[network.coded[network.coded.length - 1]];
        bits += priorPass(example, H, ...ofPrior, priorWeight / batch);
        synthesisPass(example, S, ...ofSynthesis, synthesisWeight / batch / unit ** 2);
      }
      const rate = last ? Math.min(1, 1.5 * (1 - n / perRound)) : Math.min(1, step / 50);
      optimiser.step(step, Math.max(0.02, rate));
      options.onProgress?.({ step: step + 1, steps: perRound * options.rounds, bits: bits / (n + 1) / batch });
      await pacer.breathe(0);
    }
    weights = take("average");
  }
  return weights;
}

async function encodeAll(
  weights: Weights,
  samples: readonly Sample[],
  random: Random,
  pacer: Pacer,
): Promise<Example[]> {
  const examples: Example[] = [];
  for (const sample of samples) {
    const bytes =
      random.uniform() < 0.5 ? usualBytes : Math.round(leastBytes * (mostBytes / leastBytes) ** random.uniform());
    const { network, symbols } = searchSymbols(weights, sample.coefficients, { ...sample, bytes, spare: 0, trials });
    examples.push({ network, symbols, coefficients: sample.coefficients });
    await pacer.breathe(0);
  }
  return examples;
}

/** What the model file will hold. */
const rounded = (name: TensorName, values: ArrayLike<number>): Float64Array => valuesOf(store(name, values));

function initialWeights(samples: readonly Sample[], widths: Widths): Weights {
  const mean = new Float64Array(latents);
  const deviation = new Float64Array(latents);
  for (let i = 0; i < latents; i++) {
    // Of alpha only where there is any.
    const values = samples
      .filter(({ transparent }) => transparent || frequencies[i].plane < 3)
      .map(({ coefficients }) => coefficients[i]);
    const average = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / Math.max(1, values.length);
    mean[i] = average;
    deviation[i] = Math.max(1e-3, Math.sqrt(variance));
  }
  const order = Float64Array.from({ length: latents }, (_, i) => i).sort((a, b) => deviation[b] - deviation[a]);
  const zeros = Object.fromEntries(
    tensorNames.map((name) => [name, new Float64Array(tensorTable[name].count(widths))]),
  );
  return {
    ...(zeros as Record<TensorName, Float64Array>),
    priorHidden: widths.priorHidden,
    synthesisHidden: widths.synthesisHidden,
    order,
    mean: rounded(
      "mean",
      order.map((i) => mean[i]),
    ),
    deviation: rounded(
      "deviation",
      order.map((i) => deviation[i]),
    ),
    stepPrior: Float64Array.of(9, 3, 1.5),
  };
}

/** A line through the steps by the logarithm of the bytes, and the spread around it. */
function fitSteps(examples: readonly Example[]): Float64Array {
  const points = examples.map(({ network: { conditions } }) => [
    Math.log2(conditions.bytes / 21),
    conditions.step + 0.5,
  ]);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([value]) => value));
  const y = mean(points.map(([, value]) => value));
  const slope =
    mean(points.map(([a, b]) => (a - x) * (b - y))) / Math.max(1e-6, mean(points.map(([a]) => (a - x) ** 2)));
  const start = y - slope * x;
  const spread = Math.sqrt(mean(points.map(([a, b]) => (b - start - slope * a) ** 2)));
  return rounded("stepPrior", [start, slope, Math.max(0.3, (spread * Math.sqrt(3)) / Math.PI)]);
}
