import { readFile } from "node:fs/promises";
import { bdRate, defaultModel } from "../../dist/index.js";
import { distancesFrom, program } from "../butteraugli/distance.mjs";
import { loadSource } from "../frame/load-source.mjs";
import { inFolder } from "../frame/places.mjs";
import { mean } from "../frame/statistics.mjs";

const { Competitors, readPicture } = await loadSource();

/**
 * The curves of a report of `isthmus bench` once more, by Butteraugli's 3-norm (0: equal; more is worse): every file is made again at the report's
 * qualities and judged by the program that Debian's libjxl-devtools brings. Gives up where that is not installed.
 */
export async function measureButteraugli({ curves, effort }, paths, modelFile) {
  const bytes = modelFile ? new Uint8Array(await readFile(modelFile)) : (await defaultModel()).bytes;
  const competitors = new Competitors({ bytes, effort: effort ?? undefined });
  const samples = [];
  await inFolder("butteraugli", async (folder) => {
    for (const path of paths) samples.push(await samplesOf(path, curves, competitors, folder));
  });
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
}

async function samplesOf(path, curves, competitors, folder) {
  const image = await readPicture(path);
  const distanceOf = await distancesFrom(image, folder);
  const samples = [];
  for (const { id, points, lossless } of curves) {
    if (lossless) continue;
    const codec = await competitors.get(id);
    for (const { quality } of points) {
      const file = await codec.encode(image, quality);
      const bpp = (file.length * 8) / (image.width * image.height);
      samples.push({ id, quality, bpp, distance: await distanceOf(await codec.decode(file)) });
    }
  }
  return samples;
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
