import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { bdRate, defaultModel } from "../../dist/index.js";
import { loadSource } from "../load-source.mjs";
import { giveUp } from "../results.mjs";
import { mean } from "../statistics.mjs";

const { Competitors, readPicture } = await loadSource();
const program = "butteraugli_main";
const norm = "3";

/**
 * The curves of a report of `isthmus bench` once more, by Butteraugli's 3-norm (0: equal; more is worse): every file is made again at the report's
 * qualities and judged by the program that Debian's libjxl-devtools brings. Gives up where that is not installed.
 */
export async function measureButteraugli({ curves, effort }, paths, modelFile) {
  const bytes = modelFile ? new Uint8Array(await readFile(modelFile)) : (await defaultModel()).bytes;
  const competitors = new Competitors({ bytes, effort: effort ?? undefined });
  const folder = await mkdtemp(join(tmpdir(), "butteraugli-"));
  try {
    const samples = [];
    for (const path of paths) samples.push(await samplesOf(path, curves, competitors, folder));
    const measured = curves
      .filter(({ lossless }) => !lossless)
      .map(({ id, name, setting, points }) => ({
        ...{ id, name, setting },
        points: points.map(({ quality }) => {
          const of = samples.map((image) => image.find((one) => one.id === id && one.quality === quality));
          return { quality, bpp: mean(of.map(({ bpp }) => bpp)), distance: mean(of.map(({ distance }) => distance)) };
        }),
      }));
    return { version: `${program} of libjxl`, images: paths.length, bdRates: differences(measured), curves: measured };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function samplesOf(path, curves, competitors, folder) {
  const image = await readPicture(path);
  const [original, decoded] = ["original.png", "decoded.png"].map((name) => join(folder, name));
  await writePng(image, original);
  const samples = [];
  for (const { id, points, lossless } of curves) {
    if (lossless) continue;
    const codec = await competitors.get(id);
    for (const { quality } of points) {
      const file = await codec.encode(image, quality);
      await writePng(await codec.decode(file), decoded);
      const bpp = (file.length * 8) / (image.width * image.height);
      samples.push({ id, quality, bpp, distance: await distanceOf(original, decoded) });
    }
  }
  return samples;
}

function writePng({ data, width, height, channels }, path) {
  // An alpha plane that says nothing would count as a difference.
  const picture = sharp(data, { raw: { width, height, channels } }).removeAlpha().toColourspace("srgb");
  return picture.png({ compressionLevel: 1 }).toFile(path);
}

async function distanceOf(original, decoded) {
  const { stdout } = await promisify(execFile)(program, [original, decoded, "--pnorm", norm]).catch((error) =>
    giveUp(
      error.code === "ENOENT"
        ? `Expected ${program} to be installed, which libjxl-devtools of Debian brings, but found none`
        : error.message,
    ),
  );
  return Number(/3-norm: ([\d.]+)/.exec(stdout)[1]);
}

/** BD-rates of the first curve against every other name, at the setting that serves it best. */
function differences([own, ...others]) {
  return [...new Set(others.map(({ name }) => name))].map((name) => {
    const settings = others.filter((curve) => curve.name === name);
    const all = settings.map((rival) => ({ name, setting: rival.setting, ...difference(own, rival) }));
    return all.reduce((best, one) => ((one.percent ?? -Infinity) > (best.percent ?? -Infinity) ? one : best));
  });
}

function difference(own, rival) {
  try {
    return { percent: bdRate(ascending(rival.points), ascending(own.points)) };
  } catch {
    return { percent: null, reason: "no overlap" };
  }
}

/** Points that no other beats in both rate and likeness; less distance is more likeness. */
function ascending(points) {
  const kept = [];
  for (const { bpp, distance } of [...points].sort((a, b) => a.bpp - b.bpp)) {
    if (kept.length === 0 || -distance > kept.at(-1).psnr) kept.push({ rate: bpp, psnr: -distance });
  }
  return kept;
}
