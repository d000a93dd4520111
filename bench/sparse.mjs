// Sparse codes of handwritten digits: 1000 units of which the 25 largest stay (Makhzani & Frey 2013), beside undercomplete codes of 25 latents after
// as many steps: reconstruction error of the test digits, active units, and the errors of a linear classifier on the frozen codes. Writes
// bench/results/sparse.json:
//   npm run bench:sparse -- [--steps N] [--epochs 10]
import { train } from "../dist/index.js";
import { mean, optionsOf, report } from "./frame/index.mjs";
import { testDigits, testLabels, trainingDigits, trainingLabels } from "./mnist/digits.mjs";
import { codesOf, linearError, modelError, sparse } from "./mnist/reconstruction.mjs";
import { chooseAndTrain } from "./sparse/softmax.mjs";

const [units, active] = [1000, 25];
const heldOut = 10_000;

const { steps, epochs } = optionsOf({ steps: 2000, epochs: 10 });
const settings = [0.1, 0.3, 1, 3].map((rate) => ({ rate, epochs }));
const [training, test] = [await trainingDigits(), await testDigits()];
const [labels, wantedLabels] = [await trainingLabels(), await testLabels()];
const common = { steps, batch: 128, seed: 1 };
// The undercomplete models restore digits from themselves: squared error is all that counts, as in the sparse one.
const undercomplete = { ...common, preset: "vector", latents: active, inputs: training };
const models = {
  [`sparse, ${active} of ${units} units`]: {
    ...common,
    ...{ preset: "sparse", latents: units, sparsity: { kind: "k", active } },
  },
  [`undercomplete, ${active} latents, linear`]: { ...undercomplete, hidden: [] },
  [`undercomplete, ${active} latents, hidden layers`]: undercomplete,
};

const results = [];
for (const [name, options] of Object.entries(models)) {
  const model = await train(training, options);
  const testCodes = await codesOf(model.bytes, test);
  results.push({
    name,
    meanSquaredError: await modelError(model.bytes, test),
    unitsAtATime: mean(testCodes.map((code) => code.units.length)),
    unitsEver: new Set(testCodes.flatMap((code) => [...code.units])).size,
    ...classify(model.latents, await codesOf(model.bytes, training), testCodes),
    training: { ...model.training, modelBytes: model.bytes.length, hidden: model.configuration.analysis.hidden },
  });
}
const principalComponents = await linearError(training, test, active);
const pixelsOf = ({ data }) => sparse(Float32Array.from(data, (sample) => sample / 255));
const pixels = classify(training[0].data.length, training.map(pixelsOf), test.map(pixelsOf));
await report("sparse", { units, active, heldOut, results, principalComponents, pixels });

/** The errors of a linear classifier, its rate chosen on training digits that were held out. */
function classify(features, codes, testCodes) {
  const { classifier, setting } = chooseAndTrain(features, codes, labels, { heldOut, settings });
  return { testError: classifier.error(testCodes, wantedLabels), classifier: setting };
}
