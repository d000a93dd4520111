import { writeBytes } from "../../node/output-file.js";
import type { NamedImage } from "../../node/read-images.js";
import { previewPsnr } from "../../preview/likeness.js";
import type { PreviewModel } from "../../preview/preview-network.js";
import { trainPreview } from "../../training/preview/train-preview.js";
import type { OptionsOf } from "../command-options.js";
import { exitCodes, UsageError } from "../exit.js";
import { bytesText, round } from "../format.js";
import type { TrainingSet } from "../hold-back.js";
import { writing } from "../output.js";
import type { Report } from "../report.js";
import { previewWarnings } from "../verdict.js";

/** Options of `train` that mean nothing for previews. */
const foreign = [
  "corrupt",
  "target",
  "sparsity",
  "minutes",
  "repeat",
  "threads",
  "imageMemory",
  "latents",
  "from",
  "resume",
  "hidden",
  "activation",
  "likelihood",
  "tune",
  "beta",
  "warmUp",
  "samples",
  "learningRate",
] as const;

/** `isthmus train --preset preview`: a model of previews, compared with the embedded one on the images held back. */
export async function trainPreviewModel(
  { training, validation }: TrainingSet<NamedImage>,
  output: string,
  options: OptionsOf<"train">,
  report: Report,
  signal: AbortSignal,
): Promise<number> {
  const { name, licence, steps, seed, force } = options;
  const model = await trainPreview(training, {
    seed,
    ...(steps !== undefined && { steps }),
    ...(name !== undefined && { name }),
    ...(licence !== undefined && { licence }),
    signal,
    onProgress: ({ step, steps: all, bits }) =>
      report.progress.update(step / all, `step ${step} of ${all}, ${bits.toFixed(1)} bits a preview`),
  });
  await writeBytes(output, model.bytes, writing(report, force, signal));
  report.remark(`${output}: preview model ${model.id}, ${bytesText(model.bytes.length)}`);
  const psnrOf = (of?: PreviewModel): number =>
    validation.reduce((sum, image) => sum + previewPsnr(image, of && { model: of }), 0) / validation.length;
  const heldBack =
    validation.length > 0 ? { images: validation.length, psnr: psnrOf(model), embeddedPsnr: psnrOf() } : null;
  const warnings = heldBack ? previewWarnings(heldBack) : [];
  const facts = { warnings, output, id: model.id, preset: "preview", bytes: model.bytes.length, heldBack };
  const comparison =
    heldBack &&
    `your images, ${heldBack.images} held back, 21 bytes: ${round(heldBack.psnr, 2)} dB with this model, ${round(heldBack.embeddedPsnr, 2)} dB with the embedded one`;
  report.done(facts, comparison ?? "");
  for (const warning of warnings) report.remark(`isthmus: ${warning}`);
  return exitCodes.ok;
}

/** Refuses what other presets know and this one does not. */
export function checkPreviewOptions(options: OptionsOf<"train">): void {
  for (const name of foreign) {
    const value = options[name];
    if (value !== undefined && value !== false) {
      throw new UsageError(`Expected no --${name} with --preset preview (--steps sets the length of training)`);
    }
  }
}
