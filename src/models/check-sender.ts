import { isSparsity } from "../nn/sparsity.js";
import { checkFields, checkReceiverConfiguration, isMargin, isTransform } from "./check-configuration.js";
import { levelsOf, type ModelConfiguration, presets, type ScoreConfiguration } from "./configuration.js";

/** As in check-configuration.ts. */
const mostAnalysisOverlap = 8;

/** Checks a whole configuration that was read from a file, field by field. Throws `invalid-model`. */
export function checkConfiguration(value: unknown): ModelConfiguration {
  const c = checkReceiverConfiguration(value);
  checkFields({
    preset: () => presets.includes(c.preset),
    analysisMargin: () => isMargin(c, c.analysisMargin, mostAnalysisOverlap),
    analysis: () => levelsOf(c).every(({ analysis }) => isTransform(analysis)),
    chroma: () => c.chroma === undefined || levelsOf(c).every(({ analysis }) => analysis.hidden.length === 0),
    sparsity: () => c.sparsity === undefined || (c.fixedSize && isSparsity(c.sparsity, c.latents)),
    posterior: () =>
      c.posterior === undefined ||
      (c.posterior === "gaussian" && c.fixedSize && c.analysis.shortcut === false && c.analysis.blocks === 0),
    ssimulacra2: () => c.ssimulacra2 === undefined || (c.preset === "photo" && isScoring(c.ssimulacra2)),
    lambda: () => c.lambda.low > 0 && c.lambda.high >= c.lambda.low && Number.isFinite(c.lambda.high),
  });
  return c;
}

function isScoring({ share, point, means = 1 }: ScoreConfiguration): boolean {
  const values = [point.low, point.middle, point.high, means];
  return share > 0 && share < 1 && values.every((value) => value > 0 && value < 1e6);
}
