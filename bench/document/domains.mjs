import { tableText } from "../frame/results.mjs";
import { facts, percent } from "./words.mjs";

const rivals = ["JPEG (mozjpeg)", "WebP", "AVIF 4:4:4", "JPEG XL"];

export function section(domains) {
  const cell = (value, reason) => (value === null || value === undefined ? (reason ?? "") : percent(value));
  const rows = domains.results.map(
    ({ name, images, training, model, scoreBdRates, scoreReasons, bdRates, reasons, msSsimBdRates }) => [
      name,
      ...[
        String(images.count ?? images),
        String(training?.steps ?? ""),
        ((training?.seconds ?? 0) / 60).toFixed(1),
        model.bytes.toLocaleString("en"),
      ],
      ...rivals.map((rival) => cell(scoreBdRates?.[rival], scoreReasons?.[rival])),
      ...rivals.map((rival) => cell(bdRates[rival], reasons[rival])),
      cell(msSsimBdRates["AVIF 4:4:4"]),
    ],
  );
  const mean = ({ webp, avif }, name) =>
    `Geometric mean by ${name}, lossless files among them: ${percent(webp.percent)} against WebP (${webp.domains} kinds), ${percent(avif.percent)} against AVIF (${avif.domains} kinds).`;
  return [
    "## Models of one kind of image",
    `${facts(domains)} Each model was trained for the minutes given (X-rays anew, in patches of 16, the others from the embedded model), on one core of a machine that had other work to do, with a tenth of
the training folder held back; measured on whole files of the test folder. Those without a column by SSIMULACRA 2 are of an earlier build, for squared error, and the means are of the others. BD-rate (below zero Isthmus needs fewer bytes) by SSIMULACRA 2, then by PSNR, the last column by MS-SSIM; an empty cell is not measured yet.`,
    tableText(
      [
        ...["images", "test", "steps", "minutes", "model bytes"],
        ...["JPEG, SSIMULACRA 2", "WebP", "AVIF", "JPEG XL"],
        ...["JPEG, PSNR", "WebP", "AVIF", "JPEG XL", "AVIF, MS-SSIM"],
      ],
      rows,
    ),
    ...domains.results
      .filter(({ lossless }) => lossless)
      .map(
        ({ name, lossless }) =>
          `The streams of ${name} are lossless: a file takes ${lossless.isthmus.toFixed(1)} bytes, a lossless WebP ${lossless.webp.toFixed(1)}, PNG ${lossless.png.toFixed(1)}, a lossless AVIF ${lossless.avif.toFixed(1)}.`,
      ),
    ...(domains.scoreMeans ? [mean(domains.scoreMeans, "SSIMULACRA 2")] : []),
    mean(domains.means, "PSNR"),
  ];
}
