// The curve of the embedded model at a higher effort beside the rivals' curves of bench/results/kodak.json (of the same photos):
//   npm run bench:efforts -- [--effort 6] [--images FOLDER] [--limit N]
// The photos are shared out among processes. Writes bench/results/kodak-effort-N.json and prints the BD-rates.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { loadCodec } from "../dist/index.js";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { mean } from "./statistics.mjs";

const { axes, differences, metrics, percentText, readOpaque, score, spread } = await loadSource();
const text = { type: "string" };
const { values: options } = parseArgs({
  options: { effort: { ...text, default: "6" }, images: text, limit: text, part: text },
});
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const effort = Number(options.effort);
const qualities = [0, 25, 50, 75, 100];
const all = (
  await readdir(folder).catch(() => giveUp(`Expected photos in ${folder}: name another folder by --images`))
).sort();
// The same photos as `isthmus bench --limit`.
const names = spread(all, Number(options.limit ?? all.length));

if (options.part) console.log(JSON.stringify(await measurePart(Number(options.part))));
else await measureAll();

async function measureAll() {
  const parts = Array.from({ length: availableParallelism() }, (_, part) =>
    promisify(execFile)(process.execPath, [
      fileURLToPath(import.meta.url),
      "--part",
      String(part),
      "--effort",
      options.effort,
      "--images",
      folder,
      ...(options.limit ? ["--limit", options.limit] : []),
    ]),
  );
  const results = (await Promise.all(parts)).flatMap(({ stdout }) => JSON.parse(stdout));
  const kodak = JSON.parse(await readFile(new URL("results/kodak.json", import.meta.url), "utf8"));
  const own = kodak.curves.find(({ id }) => id === "isthmus");
  const points = qualities.map((quality) => {
    const these = results.filter((result) => result.quality === quality);
    const meanOf = (key) => mean(these.map((result) => result[key]));
    return {
      quality,
      bytes: meanOf("bytes"),
      bpp: meanOf("bpp"),
      ssimulacra2: meanOf("ssimulacra2"),
      psnr: meanOf("psnr"),
      ssim: meanOf("ssim"),
      msSsim: meanOf("msSsim"),
    };
  });
  const { model } = await loadCodec();
  if (model.id !== kodak.model.id)
    giveUp(`Expected kodak.json of model ${model.id} but received that of ${kodak.model.id}: npm run bench:kodak`);
  const curve = { ...own, setting: `model ${model.id}, effort ${effort}`, points };
  const rivals = kodak.curves.filter(({ id, lossless }) => id !== "isthmus" && !lossless);
  const bdRates = differences(curve, [...rivals, { ...own, name: "Isthmus, effort 0" }], undefined);
  const { versions, images } = kodak;
  if (images.count !== names.length)
    giveUp(`Expected kodak.json of ${names.length} photos but received one of ${images.count}: npm run bench:kodak`);
  await writeResults(
    `kodak-effort-${effort}`,
    {
      model: kodak.model,
      versions,
      effort,
      images,
      notes: [],
      bdRates,
      curves: [curve],
      secondsPerPhoto: mean(results.map(({ seconds }) => seconds)),
    },
    { command: "npm run bench:efforts" },
  );
  printTable(
    [`effort ${effort} against`, ...metrics.map((metric) => `BD-rate (${axes[metric].name})`)],
    bdRates.map((rate) => [rate.name, ...metrics.map((metric) => percentOf(rate[metric]))]),
  );
}

function percentOf({ percent, reason }) {
  return percent === null ? reason : percentText(percent);
}

async function measurePart(part) {
  const codec = await loadCodec();
  const { signal } = new AbortController();
  const results = [];
  for (const name of names.filter((_, i) => i % availableParallelism() === part)) {
    const image = await readOpaque(join(folder, name), signal);
    for (const quality of qualities) {
      const start = performance.now();
      const stream = await codec.encode(image, { quality, effort });
      const seconds = (performance.now() - start) / 1000;
      const scores = await score(image, await codec.decode(stream));
      results.push({
        name,
        quality,
        bytes: stream.length,
        bpp: (stream.length * 8) / (image.width * image.height),
        ...scores,
        seconds,
      });
    }
  }
  return results;
}
