import { IsthmusError } from "../errors.js";
import { activationNumber } from "../kernels/interface.js";
import { isSparsity } from "../nn/sparsity.js";
import {
  likelihoods,
  type ModelConfiguration,
  maxLatents,
  presets,
  type ScoreConfiguration,
  type TransformConfiguration,
} from "./configuration.js";

function isScoring({ share, point }: ScoreConfiguration): boolean {
  const values = [point.low, point.middle, point.high];
  return share > 0 && share < 1 && values.every((value) => value > 0 && value < 1e6);
}

/** Checks a configuration that was read from a file, field by field. Throws `invalid-model`. */
export function checkConfiguration(value: unknown): ModelConfiguration {
  const c = value as ModelConfiguration;
  const integer = (number: unknown, low: number, high: number): boolean =>
    Number.isInteger(number) && (number as number) >= low && (number as number) <= high;
  const transform = (t: TransformConfiguration | undefined): boolean =>
    typeof t === "object" &&
    Array.isArray(t.hidden) &&
    t.hidden.length <= 8 &&
    t.hidden.every((width) => integer(width, 1, 65536)) &&
    integer(t.blocks, 0, 64) &&
    integer(t.blockHidden, t.blocks ? 1 : 0, 65536) &&
    (t.shortcut === undefined || t.shortcut === false);
  const prior = ({ prior, latents, restoration }: ModelConfiguration): boolean =>
    (prior.kind === "none") === (restoration !== undefined) &&
    (prior.kind === "none" ||
      prior.kind === "static" ||
      (prior.kind === "context" &&
        integer(prior.hidden, 1, 65536) &&
        Array.isArray(prior.groups) &&
        prior.groups.length <= 16 &&
        prior.groups.every((channels) => integer(channels, 1, latents)) &&
        prior.groups.reduce((sum, channels) => sum + channels, 0) === latents));
  const checks: [string, () => boolean][] = [
    ["preset", () => presets.includes(c.preset)],
    ["channels", () => [1, 3, 4].includes(c.channels)],
    ["fixedSize", () => typeof c.fixedSize === "boolean"],
    [
      "patch",
      () =>
        integer(c.patch.width, 1, 4096) &&
        integer(c.patch.height, 1, 4096) &&
        (c.fixedSize || c.patch.width === c.patch.height),
    ],
    ["analysisMargin", () => integer(c.analysisMargin, 0, c.fixedSize ? 0 : 256)],
    ["synthesisMargin", () => integer(c.synthesisMargin, 0, c.fixedSize ? 0 : 256)],
    ["latents", () => integer(c.latents, 1, maxLatents)],
    ["activation", () => Object.hasOwn(activationNumber, c.activation)],
    ["analysis", () => transform(c.analysis)],
    ["synthesis", () => transform(c.synthesis)],
    ["prior", () => prior(c)],
    ["likelihood", () => c.likelihood === undefined || (c.fixedSize && likelihoods.includes(c.likelihood))],
    ["sparsity", () => c.sparsity === undefined || (c.fixedSize && isSparsity(c.sparsity, c.latents))],
    [
      "posterior",
      () =>
        c.posterior === undefined ||
        (c.posterior === "gaussian" && c.fixedSize && c.analysis.shortcut === false && c.analysis.blocks === 0),
    ],
    [
      "restoration",
      () =>
        c.restoration === undefined ||
        (typeof c.restoration.corruption === "string" && integer(c.restoration.scale, 1, 8)),
    ],
    ["ssimulacra2", () => c.ssimulacra2 === undefined || (c.preset === "photo" && isScoring(c.ssimulacra2))],
    ["lambda", () => c.lambda.low > 0 && c.lambda.high >= c.lambda.low && Number.isFinite(c.lambda.high)],
  ];
  for (const [field, check] of checks) {
    let valid = false;
    try {
      valid = check();
    } catch {
      // a missing object is as invalid as a wrong one
    }
    if (!valid) throw new IsthmusError("invalid-model", `The model's configuration has no valid "${field}"`);
  }
  return c;
}
