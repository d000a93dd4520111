import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(mnist) {
  const { coding, latents, testError, training } = mnist;
  const rivalText = (point) =>
    point ? `${point.bytes.toFixed(1)}${point.quality ? ` (${point.psnr.toFixed(1)} dB)` : ""}` : "";
  return [
    `## MNIST: the vector preset, ${latents} latents`,
    facts(mnist),
    `Trained on the canonical 60,000 digits for ${training.steps} steps in ${training.seconds} s; a model of ${training.modelBytes.toLocaleString("en")} bytes. Mean squared error of the ${testError.digits.toLocaleString("en")} test
digits (samples 0 to 1) before quantization: ${testError.isthmus.toFixed(5)}; of ${latents} principal components: ${testError.principalComponents.toFixed(5)}; ratio **${testError.ratio.toFixed(3)}**.`,
    `Bytes a digit over the first ${coding.digits.toLocaleString("en")} test digits, the others at the same PSNR (where they cannot go as low, at the PSNR in brackets). A bare frame is one whose receiver knows model and size.
PNG, lossless, takes ${coding.pngBytes.toFixed(1)}.`,
    tableText(
      ["quality", "PSNR dB", "bare frame", "file", ...coding.rivals.map(({ name }) => name)],
      coding.qualities.map(({ quality, psnr, bareBytes, fileBytes, rivals }) => [
        ...[String(quality), psnr.toFixed(2), bareBytes.toFixed(1), fileBytes.toFixed(1)],
        ...rivals.map(rivalText),
      ]),
    ),
  ];
}
