import { tableText } from "../results.mjs";
import { facts, percent, times } from "./words.mjs";

export function kodakSection(kodak, kodakEfforts) {
  const { images, model, notes, versions } = kodak;
  const nameOf = ({ name, setting }) => (name === "Isthmus" ? name : `${name}, ${setting}`);
  const difference = ({ percent: value, reason }) => (value === null ? reason : percent(value));
  const efforts = [kodak, ...kodakEfforts];
  const rateRows = efforts.flatMap(({ effort, bdRates }) =>
    bdRates.map(({ name, psnr, msSsim }) => [
      `${name}, effort ${effort ?? 0}`,
      ...[psnr.setting, difference(psnr), msSsim.setting, difference(msSsim)],
    ]),
  );
  const curveRows = efforts
    .flatMap((results, i) => (i === 0 ? results.curves : results.curves.slice(0, 1)))
    .flatMap((curve) =>
      curve.points.map(({ quality, bpp, psnr, ssim, msSsim }) => [
        curve.name === "Isthmus" ? curve.setting.replace(/model \w+/, "Isthmus") : nameOf(curve),
        ...[String(Number(quality.toFixed(1))), bpp.toFixed(3), psnr.toFixed(2), ssim.toFixed(4), msSsim.toFixed(4)],
      ]),
    );
  const timeRows = kodak.times.map((row) => [
    nameOf(row),
    ...[row.encodeMs.toFixed(0), row.decodeMs.toFixed(0), times(row.encodeRatio), times(row.decodeRatio)],
  ]);
  const { sharp, mozjpeg, webp, aom } = versions;
  return [
    "## Kodak: the embedded model beside JPEG, WebP, AVIF and JPEG XL",
    efforts.map(facts).join(" "),
    `${images.count} photos that no model was trained or tuned on. Real bytes of whole files; means of bits a pixel, PSNR (RGB), SSIM and MS-SSIM (luma) over the images.
Model \`${model.id}\`, ${model.bytes.toLocaleString("en")} bytes. The others through sharp ${sharp} (mozjpeg ${mozjpeg}, libwebp ${webp}, aom ${aom}) and @jsquash/jxl ${versions["@jsquash/jxl"] ?? "(not installed)"}.
[COMPARISON.md](COMPARISON.md) says how each figure is made.`,
    ...notes.map((note) => `Note: ${note}.`),
    "![Rate and distortion](kodak.svg)",
    tableText(
      ["Isthmus against", "at its better setting", "BD-rate (PSNR)", "at its better setting", "BD-rate (MS-SSIM)"],
      rateRows,
    ),
    "Below zero Isthmus needs fewer bytes at equal likeness; above zero the other does.",
    tableText(["codec", "quality", "bpp", "PSNR dB", "SSIM", "MS-SSIM"], curveRows),
    "Times of a few of the photos, one codec after another, on one thread, each at about the PSNR of Isthmus at its middle quality:",
    tableText(["codec", "encode ms", "decode ms", "Isthmus encodes in", "decodes in"], timeRows),
  ];
}
