import { tableText } from "../frame/results.mjs";
import { facts, times } from "./words.mjs";

export function section(decoders) {
  const { images, rounds, milliseconds: ms, ratios, quality, psnr } = decoders;
  const row = (what, own, other, ratio) => [what, ms[own].toFixed(0), ms[other].toFixed(0), times(ratio)];
  return [
    "## Times beside AVIF and WebP",
    `${facts(decoders)} ${images} Kodak photos, one thread, milliseconds of processor time, medians of ${rounds} rounds; every photo is timed with every codec in turn, and
the ratio is the median of the photos' ratios. Isthmus at quality ${quality.isthmus} (${psnr.isthmus.toFixed(2)} dB), AVIF 4:4:4 at ${quality.avif} (${psnr.avif.toFixed(2)} dB), WebP at
${quality.webp} (${psnr.webp.toFixed(2)} dB).`,
    tableText(
      ["", "Isthmus, ms", "other, ms", "ratio"],
      [
        row("decode, beside @jsquash/avif (WebAssembly)", "isthmusDecode", "avifDecode", ratios.decode),
        row("encode at effort 0, beside @jsquash/webp, its defaults", "isthmusEncode", "webpEncode", ratios.webp),
        row(
          "encode at effort 0, beside @jsquash/webp, method 6",
          "isthmusEncode",
          "webpEncodeMethod6",
          ratios.webpMethod6,
        ),
        row("encode at effort 0, beside sharp's AVIF at effort 4", "isthmusEncode", "avifEncode", ratios.encode),
      ],
    ),
  ];
}
