import { loadSource } from "../frame/load-source.mjs";
import { tableText } from "../frame/results.mjs";
import { facts, percent, times } from "./words.mjs";

const { axes, metrics } = await loadSource();

export function section(kodak, kodakEfforts = []) {
  const { images, model, notes, versions, butteraugli } = kodak;
  const nameOf = ({ name, setting }) => (name === "Isthmus" ? name : `${name}, ${setting}`);
  const difference = ({ percent: value, reason } = { percent: null, reason: "not measured" }) =>
    value === null ? reason : percent(value);
  const shortOf = ({ setting } = {}) => setting?.replace("effort 4, ", "") ?? "";
  const efforts = [kodak, ...kodakEfforts];
  const rateRows = efforts.flatMap(({ effort, bdRates }) =>
    bdRates.map((rate) => [
      `${rate.name}, effort ${effort ?? 0}`,
      ...metrics.flatMap((metric) => [difference(rate[metric]), shortOf(rate[metric])]),
    ]),
  );
  const curveRows = efforts
    .flatMap((results, i) => (i === 0 ? results.curves : results.curves.slice(0, 1)))
    .flatMap((curve) =>
      curve.points.map(({ quality, bpp, ssimulacra2, psnr, ssim, msSsim }) => [
        curve.name === "Isthmus" ? curve.setting.replace(/model \w+/, "Isthmus") : nameOf(curve),
        ...[String(Number(quality.toFixed(1))), bpp.toFixed(3), ssimulacra2?.toFixed(1) ?? "not measured"],
        ...[psnr.toFixed(2), ssim.toFixed(4), msSsim.toFixed(4)],
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
    `${images.count} photos that no model was trained or tuned on. Real bytes of whole files; means of bits a pixel, SSIMULACRA 2, PSNR (RGB), SSIM and MS-SSIM (luma) over the images.
Model \`${model.id}\`, ${model.bytes.toLocaleString("en")} bytes. The others through sharp ${sharp} (mozjpeg ${mozjpeg}, libwebp ${webp}, aom ${aom}) and @jsquash/jxl ${versions["@jsquash/jxl"] ?? "(not installed)"}.
[COMPARISON.md](COMPARISON.md) says how each figure is made.`,
    ...notes.map((note) => `Note: ${note}.`),
    "![Rate and distortion](kodak.svg)",
    tableText(
      ["Isthmus against", ...metrics.flatMap((metric) => [`BD-rate (${axes[metric].name})`, "its setting"])],
      rateRows,
    ),
    "Below zero Isthmus needs fewer bytes at equal likeness; above zero the other does. Each metric counts the setting of the other that serves it best by that metric.",
    ...(butteraugli ? butteraugliParts(butteraugli) : []),
    tableText(["codec", "quality", "bpp", "SSIMULACRA 2", "PSNR dB", "SSIM", "MS-SSIM"], curveRows),
    "Times of a few of the photos, one codec after another, on one thread, each at about the SSIMULACRA 2 of Isthmus at its middle quality:",
    tableText(["codec", "encode ms", "decode ms", "Isthmus encodes in", "decodes in"], timeRows),
  ];
}

/** What `--butteraugli` adds. */
function butteraugliParts({ version, images, bdRates, curves }) {
  const rows = curves.flatMap(({ name, setting, points }) =>
    points.map(({ quality, bpp, distance }) => [
      name === "Isthmus" ? name : `${name}, ${setting}`,
      ...[String(Number(quality.toFixed(1))), bpp.toFixed(3), distance.toFixed(3)],
    ]),
  );
  return [
    `Butteraugli (${version}, 3-norm; 0 is equal), which nothing here was trained for, over ${images} of the photos:`,
    tableText(
      ["Isthmus against", "BD-rate (Butteraugli)", "its setting"],
      bdRates.map(({ name, percent: value, reason, setting }) => [
        name,
        value === null ? reason : percent(value),
        setting,
      ]),
    ),
    tableText(["codec", "quality", "bpp", "Butteraugli"], rows),
  ];
}
