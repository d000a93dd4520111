import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(evidence) {
  const { digits, models, few } = evidence;
  const trained = ({ steps, batch, samples, images }) =>
    `${steps.toLocaleString("en")} steps of ${batch} digits with ${samples} sample${samples > 1 ? "s" : ""} each (${((steps * batch) / images).toFixed(0)} epochs)`;
  const last = ({ estimates }) => estimates.at(-1).logLikelihood;
  const [vae, iwae] = models;
  return [
    "## MNIST drawn black and white: ln p(x), 784-200-200-50",
    facts(evidence),
    `Each sample is black or white with its grey as the probability of white, drawn anew at every step. The VAE was trained for ${trained(vae.training)}. The importance-weighted model (IWAE) went on from it
for ${trained(few)} and ${trained(iwae.training)}. Means of ln p(x) in nats over ${digits === 10_000 ? "the" : "the first"}
${digits.toLocaleString("en")} test digits, by K importance samples; smaller K are means over disjoint parts of the 5000. The importance-weighted model is **${(last(iwae) - last(vae)).toFixed(2)}** nats better. It also had more training; the VAE took 24 minutes of one
core.
For comparison, Burda et al. (2016, table 1) report -86.76 for the VAE and -84.78 for the IWAE after 3280 epochs.`,
    tableText(
      ["ln p(x)", ...vae.estimates.map(({ K }) => `K = ${K.toLocaleString("en")}`), "error of the mean over digits"],
      models.map(({ name, estimates }) => [
        name,
        ...estimates.map(({ logLikelihood }) => logLikelihood.toFixed(2)),
        estimates.at(-1).standardError.toFixed(2),
      ]),
    ),
  ];
}
