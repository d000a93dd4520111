import { expected } from "../errors.js";
import type { ModelConfiguration } from "../models/configuration.js";
import type { Model } from "../models/model.js";
import type { Network } from "../models/network.js";

/**
 * The configuration in which training goes on from a trained model: the wanted one where it only adds to the model's (more residual
 * blocks, another range of qualities), otherwise the model's own with the wanted range. Throws `invalid-parameter` for a model of another kind.
 */
export function configurationFrom(model: Model, wanted: ModelConfiguration): ModelConfiguration {
  const own = model.configuration;
  if (model.part !== "all") throw expected("a whole model", "from", "the receiver's half of one");
  if (own.preset !== wanted.preset || own.channels !== wanted.channels || !samePatch(own, wanted)) {
    throw expected(`a model of ${describe(wanted)}`, "from", `one of ${describe(own)}`);
  }
  const grown = {
    ...own,
    analysis: { ...own.analysis, blocks: Math.max(own.analysis.blocks, wanted.analysis.blocks) },
    lambda: wanted.lambda,
  };
  return sameShape(grown, wanted) ? wanted : { ...own, lambda: wanted.lambda };
}

/**
 * Writes a trained model's weights into a network that `configurationFrom` describes, and into its averages. The network then computes what the
 * model did, at the same lambda: blocks that the model lacks start as the identity, and quality is counted in the new range.
 */
export function transferWeights(model: Model, network: Network): void {
  const { parameters } = network;
  const weights = model.weights();
  countQualityAnew(weights, model.configuration, network.configuration);
  for (const parameter of parameters.all) {
    const values = weights.get(parameter.name) ?? parameters.read(parameter);
    parameters.write(parameter, values);
    parameters.write(parameter, values, "average");
  }
  network.prepare();
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
  change(weights.get("gain.offset"), weights.get("gain.slope"));
  change(weights.get("inverseGain.offset"), weights.get("inverseGain.slope"));
  change(weights.get("prior.logScale"), weights.get("prior.slope"));
  // The context prior's last input is the quality.
  const bias = weights.get("prior.context.bias");
  change(bias, bias && weights.get("prior.context.weight")?.subarray(-bias.length));
}

const samePatch = (a: ModelConfiguration, b: ModelConfiguration): boolean =>
  a.patch.width === b.patch.width && a.patch.height === b.patch.height;

const sameShape = (a: ModelConfiguration, b: ModelConfiguration): boolean => JSON.stringify(a) === JSON.stringify(b);

const describe = ({ preset, channels, patch }: ModelConfiguration): string =>
  `preset ${preset}, ${channels} channel${channels === 1 ? "" : "s"}, patches of ${patch.width} x ${patch.height}`;
