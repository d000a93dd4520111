import { expected } from "../ground/errors.js";
import { analysisWindow, levelsOf, type ModelConfiguration, synthesisWindow } from "../models/configuration.js";
import { Model } from "../models/model.js";
import { expectedTensors, type Network } from "../models/network.js";
import { nameOf } from "../models/receiver-network.js";
import { storedTensors } from "../models/storage.js";
import { halvedAnalysis, halvedSynthesis } from "./halve-chroma.js";

/**
 * The configuration in which training goes on from a trained model: the wanted one where it only adds to the model's (more residual
 * blocks, another range of qualities), otherwise the model's own with the wanted range. Throws `invalid-parameter` for a model of another kind.
 */
export function configurationFrom(model: Model, wanted: ModelConfiguration): ModelConfiguration {
  if (!(model instanceof Model)) throw expected("a Model", "from", model);
  // The scale of qualities is found anew.
  const own = { ...model.configuration, qualityScale: undefined };
  if (model.part !== "all") throw expected("a whole model", "from", "the receiver's half of one");
  const sameChannels = own.channels === wanted.channels || turnsGrey(own, wanted);
  const sameTask = !own.restoration === !wanted.restoration && own.sparsity?.kind === wanted.sparsity?.kind;
  if (own.preset !== wanted.preset || !sameChannels || !samePatch(own, wanted) || !sameTask) {
    throw expected(`a model of ${describe(wanted)}`, "from", `one of ${describe(own)}`);
  }
  // Colour differences may lose resolution, but never gain it, and nothing is left of them in grey.
  const chroma = wanted.channels === 3 ? (own.chroma ?? wanted.chroma) : undefined;
  const grown = {
    ...own,
    chroma,
    channels: wanted.channels,
    analysis: { ...own.analysis, blocks: Math.max(own.analysis.blocks, wanted.analysis.blocks) },
    lambda: wanted.lambda,
    ssimulacra2: wanted.ssimulacra2,
    weightLevels: wanted.weightLevels,
  };
  const { channels, lambda, ssimulacra2, weightLevels, restoration, sparsity } = wanted;
  const asked = {
    ...own,
    ...(channels === 1 && { chroma: undefined }),
    channels,
    lambda,
    ssimulacra2,
    weightLevels,
    ...(restoration && { restoration }),
    ...(sparsity && { sparsity }),
  };
  return sameShape(grown, { ...wanted, chroma }) ? { ...wanted, chroma } : asked;
}

/**
 * Writes a trained model's weights into a network that `configurationFrom` describes, and into its averages. The network then computes what the
 * model did, at the same lambda: blocks that the model lacks start as the identity, and quality is counted in the new range.
 */
export function transferWeights(model: Model, network: Network): void {
  const { parameters } = network;
  const weights = model.weights();
  countQualityAnew(weights, model.configuration, network.configuration);
  if (turnsGrey(model.configuration, network.configuration)) turnGrey(weights, model.configuration);
  else if (network.configuration.chroma && !model.configuration.chroma) halveChroma(weights, model.configuration);
  for (const parameter of parameters.all) {
    const values = weights.get(parameter.name) ?? parameters.read(parameter);
    parameters.write(parameter, values);
    parameters.write(parameter, values, "average");
  }
  network.prepare();
}

/** What a model that is begun from another becomes the difference to: that one, or what that is a difference to, so that receivers need one parent only. */
export const rootOf = (from: Model): Model => (from.parent instanceof Model ? rootOf(from.parent) : from);

/** Whether a model of this configuration can be a difference to the root of a model: it stores the same tensors. */
export function isParentOf(from: Model, configuration: ModelConfiguration): boolean {
  const root = rootOf(from);
  const tensors = root.tensorsOf("all");
  return (
    root.part === "all" &&
    expectedTensors(configuration, "all").every((expected) =>
      storedTensors(expected, new Float32Array(expected.count)).every(([name, { dtype, shape }]) => {
        const found = tensors.get(name);
        return found?.dtype === dtype && String(found.shape) === String(shape);
      }),
    )
  );
}

/**
 * Everything that depends on quality is linear in q before an exponential or an activation. Lambda is log-linear in q, so the old q of a
 * lambda is a linear function of the new one: old = shift + stretch * new.
 */
function countQualityAnew(weights: Map<string, Float32Array>, from: ModelConfiguration, to: ModelConfiguration): void {
  const centre = ({ lambda }: ModelConfiguration): number => (Math.log(lambda.high) + Math.log(lambda.low)) / 2;
  const half = ({ lambda }: ModelConfiguration): number => (Math.log(lambda.high) - Math.log(lambda.low)) / 2;
  if (half(from) === 0) return;
  const shift = (centre(to) - centre(from)) / half(from);
  const stretch = half(to) / half(from);
  const change = (offset: Float32Array | undefined, slope: Float32Array | undefined): void =>
    slope?.forEach((value, i) => {
      if (offset) offset[i] += shift * value;
      slope[i] = stretch * value;
    });
  for (const level of levelsOf(from).keys()) {
    const of = (name: string) => weights.get(nameOf(level) + name);
    change(of("gain.offset"), of("gain.slope"));
    change(of("inverseGain.offset"), of("inverseGain.slope"));
    change(of("prior.logScale"), of("prior.slope"));
    // The context prior's last input is the quality.
    const bias = of("prior.context.bias");
    change(bias, bias && of("prior.context.weight")?.subarray(-bias.length));
  }
}

/** A model of colour can go on with grey pictures alone. */
const turnsGrey = (from: ModelConfiguration, to: ModelConfiguration): boolean =>
  from.channels === 3 &&
  to.channels === 1 &&
  levelsOf(from).every(({ analysis, synthesis }) => analysis.hidden.length + synthesis.hidden.length === 0);

/** What a model of colour does with a grey picture: a sum over the channels where pixels come in, their mean where they come out; of halved windows, their luma. */
function turnGrey(weights: Map<string, Float32Array>, from: ModelConfiguration): void {
  const change = (name: string, columns: number, factor: number): void => {
    const colour = weights.get(name);
    if (!colour) return;
    const grey = new Float32Array(colour.length / 3);
    for (let i = 0; i < grey.length; i++) {
      const at = 3 * (i - (i % columns)) + (i % columns);
      grey[i] = factor * (colour[at] + colour[at + columns] + colour[at + 2 * columns]);
    }
    weights.set(name, grey);
  };
  const cut = (name: string, columns: number): void => {
    const halved = weights.get(name);
    if (!halved) return;
    const luma = (2 * columns) / 3;
    weights.set(
      name,
      halved.filter((_, i) => i % columns < luma),
    );
  };
  levelsOf(from).forEach((c, level) => {
    const [analysis, synthesis] = projectionsOf(level);
    if (from.chroma) {
      cut(`${analysis}.weight`, analysisWindow(c) * c.latents);
      for (const part of ["weight", "bias"]) cut(`${synthesis}.${part}`, synthesisWindow(c));
      return;
    }
    change(`${analysis}.weight`, c.latents, 1);
    for (const part of ["weight", "bias"]) change(`${synthesis}.${part}`, 1, 1 / 3);
  });
}

/** Halves the resolution of the colour differences that projections see. */
function halveChroma(weights: Map<string, Float32Array>, from: ModelConfiguration): void {
  levelsOf(from).forEach((c, level) => {
    const [analysis, synthesis] = projectionsOf(level);
    const change = (name: string, halved: (values: Float32Array) => Float32Array): void => {
      const values = weights.get(name);
      if (values) weights.set(name, halved(values));
    };
    const side = c.patch.width + 2 * c.synthesisMargin;
    change(`${analysis}.weight`, (values) => halvedAnalysis(values, c.latents));
    for (const part of ["weight", "bias"]) change(`${synthesis}.${part}`, (values) => halvedSynthesis(values, side));
  });
}

const projectionsOf = (level: number) =>
  ["analysis", "synthesis"].map((transform) => `${nameOf(level)}${transform}.projection.linear`);

const samePatch = (a: ModelConfiguration, b: ModelConfiguration): boolean =>
  a.patch.width === b.patch.width && a.patch.height === b.patch.height;

/** In whatever order the fields stand. */
const sameShape = (a: ModelConfiguration, b: ModelConfiguration): boolean => sorted(a) === sorted(b);

const sorted = (configuration: ModelConfiguration): string =>
  JSON.stringify(
    Object.entries(configuration)
      .filter(([, value]) => value !== undefined)
      .sort(),
  );

const describe = ({ preset, channels, patch, restoration }: ModelConfiguration): string =>
  `preset ${preset}${restoration ? " to restore" : ""}, ${channels} channel${channels === 1 ? "" : "s"}, patches of ${patch.width} x ${patch.height}`;
