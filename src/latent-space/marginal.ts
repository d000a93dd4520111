import { expected } from "../ground/errors.js";

/** What a latent with finitely many values says of an observation x. */
export interface DiscreteMarginal {
  /** p(x) = sum over z of p(x|z) p(z) */
  readonly marginal: number;
  /** p(z|x) = p(x|z) p(z) / p(x), Bayes' rule: one probability for each value of z; all NaN where p(x) is 0. */
  readonly posterior: Float64Array;
}

/** How far a prior's sum may lie from 1. */
const tolerance = 1e-9;

/**
 * The exact marginal probability of an observation x, and the posterior over a latent z with finitely many values. With pictures and
 * many latents the sum has too many terms, which is why `LatentSpace.logLikelihood` draws samples instead.
 *
 * @param likelihood p(x|z) for each value of z, at least 0 (densities may exceed 1)
 * @param prior p(z) for each value of z, at least 0 and 1 together; default: all alike
 * @throws IsthmusError `invalid-parameter`
 */
export function discreteMarginal(
  likelihood: ArrayLike<number>,
  prior: ArrayLike<number> = new Float64Array(likelihood?.length ?? 0).fill(1 / likelihood?.length),
): DiscreteMarginal {
  for (const [name, values] of Object.entries({ likelihood, prior })) {
    if (typeof values !== "object" || values === null) throw expected("an array of numbers", name, values);
  }
  if (!(likelihood.length > 0)) throw expected("at least one number", "likelihood", likelihood.length);
  if (prior.length !== likelihood.length) throw expected(`${likelihood.length} numbers`, "prior", prior.length);
  for (const [name, values] of Object.entries({ likelihood, prior })) {
    const wrong = Array.from(values).find((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (wrong !== undefined) throw expected("finite numbers of at least 0", name, wrong);
  }
  const total = Array.from(prior).reduce((sum, value) => sum + value, 0);
  if (Math.abs(total - 1) > tolerance) throw expected("numbers with the sum 1", "prior", total);
  const joint = Float64Array.from(likelihood, (value, z) => value * prior[z]);
  const marginal = joint.reduce((sum, value) => sum + value, 0);
  return { marginal, posterior: joint.map((value) => value / marginal) };
}
