import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(sparse) {
  const { units, active, results, principalComponents, pixels } = sparse;
  const { steps, batch, images } = results[0].training;
  const share = (value) => `${(100 * value).toFixed(2)} %`;
  return [
    `## MNIST: sparse codes, ${active} of ${units.toLocaleString("en")} units`,
    facts(sparse),
    `All models after ${steps.toLocaleString("en")} steps of ${batch} digits, ${((steps * batch) / images).toFixed(1)} epochs, one seed. Mean squared error of the 10,000 test digits (samples 0 to 1) before quantization; units
that are active in a test digit, and in any; test errors of a linear softmax classifier on the frozen codes, its rate chosen on ${sparse.heldOut.toLocaleString("en")} training digits. The sparse code is one linear map into the
code and one out of it; naming its active units costs bytes that the undercomplete codes do not need.`,
    tableText(
      ["", "MSE", "active at a time", "ever active", "classifier's errors"],
      [
        ...results.map(({ name, meanSquaredError, unitsAtATime, unitsEver, testError }) => [
          name,
          ...[meanSquaredError.toFixed(5), unitsAtATime.toFixed(1), String(unitsEver), share(testError)],
        ]),
        [`${active} principal components`, principalComponents.toFixed(5), "", "", ""],
        ["pixels", "", "", "", share(pixels.testError)],
      ],
    ),
    `Makhzani & Frey (2013) report 1.35 % with ${units.toLocaleString("en")} units and k = 25, and 7.20 % for pixels: the code here is far from theirs, and most of its
units are never active ([decision 0014](decisions/0014-sparse-codes.md) tells what was tried). By squared error the sparse code beats every linear one of 25 latents, and loses to the undercomplete model with hidden
layers.`,
  ];
}
