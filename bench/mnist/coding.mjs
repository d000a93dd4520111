import sharp from "sharp";
import { loadCodec } from "../../dist/index.js";
import { loadSource } from "../frame/load-source.mjs";
import { mean } from "../frame/statistics.mjs";

const { rivals } = await loadSource();

const rivalQualities = [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/** Mean bytes of a digit as a bare frame and as a whole file, and the PSNR of all digits together, at each quality. */
export async function codeDigits(model, digits, qualities) {
  const codec = await loadCodec({ model });
  const points = [];
  for (const quality of qualities) {
    const coded = [];
    for (const digit of digits) {
      const file = await codec.encode(digit, { quality });
      const frame = await codec.encode(digit, { quality, bare: true });
      const decoded = await codec.decode(frame, { bare: { ...digit, grey: true } });
      coded.push({ bare: frame.length, file: file.length, error: squaredError(digit.data, decoded.data) });
    }
    const column = (key) => mean(coded.map((result) => result[key]));
    points.push({ quality, bareBytes: column("bare"), fileBytes: column("file"), psnr: decibels(column("error")) });
  }
  return points;
}

/** Mean bytes of a digit as a lossless grey PNG at its strongest setting. */
export async function pngBytes(digits) {
  const sizes = digits.map(async (digit) => {
    const png = await rawPicture(digit).png({ compressionLevel: 9 }).toBuffer();
    return png.length;
  });
  return mean(await Promise.all(sizes));
}

/** Curves of the lossy rivals over the same digits: mean bytes of whole files and the PSNR of all digits together. */
export async function rivalCurves(digits, names) {
  const curves = [];
  for (const { name, settings } of rivals.filter((rival) => names.includes(rival.name))) {
    const [setting] = settings;
    const points = [];
    for (const quality of rivalQualities) {
      const coded = [];
      for (const digit of digits) {
        const bytes = await setting.apply(rawPicture(digit), quality).toBuffer();
        const decoded = await sharp(bytes).extractChannel(0).raw().toBuffer();
        coded.push({ bytes: bytes.length, error: squaredError(digit.data, decoded) });
      }
      const column = (key) => mean(coded.map((result) => result[key]));
      points.push({ quality, bytes: column("bytes"), psnr: decibels(column("error")) });
    }
    curves.push({ name, setting: setting.name, points });
  }
  return curves;
}

/** Where a curve passes a PSNR, interpolated; or its coarsest point where even that is better. */
export function atPsnr(points, psnr) {
  const sorted = [...points].sort((a, b) => a.psnr - b.psnr);
  const above = sorted.findIndex((point) => point.psnr >= psnr);
  if (above === 0) return sorted[0];
  if (above < 0) return undefined;
  const [low, high] = [sorted[above - 1], sorted[above]];
  const part = (psnr - low.psnr) / (high.psnr - low.psnr);
  return { bytes: low.bytes * (high.bytes / low.bytes) ** part, psnr };
}

/** Grey all the way: by default sharp would write three equal channels. */
const rawPicture = ({ data, width, height, channels }) =>
  sharp(data, { raw: { width, height, channels } }).toColourspace("b-w");

function squaredError(a, b) {
  return a.reduce((sum, sample, i) => sum + (sample - b[i]) ** 2, 0) / a.length;
}

const decibels = (error) => 10 * Math.log10(255 ** 2 / error);
