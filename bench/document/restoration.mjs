import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(restoration) {
  const { images, results } = restoration;
  const decibels = (value) => value.toFixed(2);
  return [
    "## Noise and blur taken from grey photos",
    facts(restoration),
    `Means of PSNR over the ${images} Kodak photos in grey, which no model was trained or tuned on. Each model was trained with one seed on ${results[0].training.images} other photos, on one core of a machine that had other
work to do; sharp's filter has the best of its settings on these very photos.`,
    tableText(
      [
        "corruption",
        "steps",
        "minutes",
        "model bytes",
        "damaged",
        "Isthmus",
        "gain",
        "sharp",
        "its gain",
        "its filter",
      ],
      results.map(({ corruption, damaged, restored, rival, training }) => [
        corruption,
        ...[training.steps.toLocaleString("en"), (training.seconds / 60).toFixed(0)],
        training.modelBytes.toLocaleString("en"),
        ...[damaged, restored, restored - damaged, rival.psnr, rival.psnr - damaged].map(decibels),
        rival.setting,
      ]),
    ),
    `Damaged photos are rounded and held within 0 to 255, as files are. Zhang et al. (2017, "Beyond a Gaussian Denoiser", table II) report 28.57 dB for BM3D and 29.23 dB for DnCNN at the same strength of noise on
BSD68: other photos, so that the figures do not compare with these.`,
  ];
}
