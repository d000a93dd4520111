import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(masking) {
  const { corruption, images, damaged, filled, restored, training } = masking;
  const [, side, share] = /^mask:(\d+),([\d.]+)$/.exec(corruption);
  return [
    "## Fashion-MNIST: missing blocks filled in",
    facts(masking),
    `Blocks of ${side} x ${side} pixels, ${(100 * share).toFixed(0)} % of the picture or as near as whole blocks come, are grey. A model (\`preset: "vector"\`) was trained for ${training.steps.toLocaleString("en")} steps on ${training.images.toLocaleString("en")} pictures; means of PSNR over
${images.toLocaleString("en")} others. To lay the mean training picture into the blocks one must know where they are, which the model has to find.`,
    tableText(
      ["", "PSNR dB", "gain"],
      [
        ["damaged", damaged],
        ["the mean picture in the blocks", filled],
        ["restored", restored],
      ].map(([name, value]) => [name, value.toFixed(2), (value - damaged).toFixed(2)]),
    ),
    "Rows: pictures, the same damaged, restored.",
    "![Pictures with missing blocks, restored](masking.png)",
  ];
}
