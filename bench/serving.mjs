// What serving pictures costs and gains: warm requests a second beside static files on the same server; a page of 60 new pictures at each visit over a line as
// phones have it, beside AVIF and WebP of the same SSIMULACRA 2; and what the service worker's answers cost.
//   npm run bench:serving -- [--images FOLDER] [--seconds N] [--rounds N] [--visits N] [--only load|page|answers] [--busy]
// Writes bench/results/serving.json; with --only it prints alone. --busy: other programs take a part of the processor, which is told beside the times.
import { fork } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { loadCodec, ssimulacra2 } from "../dist/index.js";
import { readImage } from "../dist/node.js";
import { launchChromium } from "./frame/chromium.mjs";
import { loadSource } from "./frame/load-source.mjs";
import { optionsOf } from "./frame/options.mjs";
import { kodak, photosIn } from "./frame/photos.mjs";
import { giveUp, report } from "./frame/results.mjs";
import { mean, median } from "./frame/statistics.mjs";
import { timeAnswers } from "./serving/answers.mjs";
import { slowLine } from "./serving/slow-line.mjs";
import { visitsOf } from "./serving/visits.mjs";

const { images, seconds, rounds, visits, only, busy } = optionsOf({
  ...{ images: kodak, seconds: 5, rounds: 5, visits: 4, only: undefined, busy: false },
});
const photos = await photosIn(images);
/** Of streams; those of others are found by likeness. */
const quality = 75;
const side = 384;
const pictureCount = 60;
/** 9 Mbit/s less a tenth, and the round trip, of "Fast 4G" in Chromium's tools. */
const line = { bitsPerSecond: 8_100_000, roundTrip: 165 };
const streamHeaders = { accept: "image/x-isthmus,image/avif,*/*;q=0.8" };

const root = await mkdtemp(join(tmpdir(), "isthmus-serving-"));
const children = [];
const browser = await launchChromium();
try {
  const pictures = await cutPictures();
  const works = { load: measureLoad, page: measurePages, answers: measureAnswers };
  const figures = {};
  for (const [name, work] of Object.entries(works)) {
    if (!only || only === name) figures[name] = await work(pictures);
  }
  if (only) console.log(figures);
  else await report("serving", { pictures: { count: pictureCount, side }, line, quality, busy, ...figures });
} finally {
  await browser.close();
  for (const child of children) child.kill();
  await rm(root, { recursive: true, force: true });
}

/** Squares from the left, the middle and the right of photos. */
async function cutPictures() {
  const folder = join(root, "pictures");
  await mkdir(folder);
  for (let i = 0; i < pictureCount; i++) {
    const photo = sharp(photos[Math.floor(i / 3) % photos.length]);
    const { width, height } = await photo.metadata();
    const place = { left: Math.round(((width - side) * (i % 3)) / 2), top: Math.round((height - side) / 2) };
    await photo
      .extract({ ...place, width: side, height: side })
      .png()
      .toFile(join(folder, `picture-${i}.png`));
  }
  return folder;
}

async function startServer(options) {
  const child = fork(new URL("serving/server.mjs", import.meta.url));
  children.push(child);
  child.send(options);
  const [{ ports }] = await new Promise((resolve) => child.once("message", (...message) => resolve(message)));
  return ports;
}

/** Requests a second of warm streams, and of the same bytes as static files, in turns on the same server. */
async function measureLoad(folder) {
  const autocannon = createRequire(new URL("node_modules/", import.meta.url))("autocannon");
  const kept = join(root, "kept");
  await mkdir(kept);
  const ports = await startServer({ folder, kept, cacheFolder: join(root, "cache-load"), quality: { isth: quality } });
  let bytes = 0;
  for (let i = 0; i < pictureCount; i++) {
    const answer = await fetch(`http://localhost:${ports.express}/photos/picture-${i}.png`, { headers: streamHeaders });
    const stream = Buffer.from(await answer.arrayBuffer());
    bytes += stream.length;
    await writeFile(join(kept, `picture-${i}.isth`), stream);
  }
  const ask = async (server, path) => {
    const requests = Array.from({ length: pictureCount }, (_, i) => ({ path: path(i), headers: streamHeaders }));
    const result = await autocannon({
      url: `http://localhost:${ports[server]}`,
      connections: 10,
      duration: seconds,
      requests,
    });
    if (result.non2xx + result.errors > 0)
      giveUp(`Expected answers of 200 from ${server} but ${result.non2xx} were others`);
    return { perSecond: result.requests.average, p99: result.latency.p99 };
  };
  const figures = {};
  for (const server of ["express", "hono"]) {
    const all = { warm: [], fixed: [] };
    for (let round = -1; round < rounds; round++) {
      const fixed = await ask(server, (i) => `/kept/picture-${i}.isth`);
      const warm = await ask(server, (i) => `/photos/picture-${i}.png`);
      if (round < 0) continue;
      all.fixed.push(fixed);
      all.warm.push(warm);
    }
    const of = (which, what) => median(all[which].map((result) => result[what]));
    figures[server] = {
      warm: { perSecond: of("warm", "perSecond"), p99: of("warm", "p99") },
      static: { perSecond: of("fixed", "perSecond"), p99: of("fixed", "p99") },
      ratio: median(all.warm.map(({ perSecond }, i) => perSecond / all.fixed[i].perSecond)),
    };
  }
  return { rounds, seconds, connections: 10, meanBytes: bytes / pictureCount, ...figures };
}

/** Bytes and times of visits with the service worker, and of AVIF and WebP alone, at the same mean SSIMULACRA 2. */
async function measurePages(folder) {
  const found = await equalQualities(folder);
  console.log(found);
  const images = Array.from(
    { length: pictureCount },
    (_, i) => `<img src="/photos/picture-${i}.png?visit=VISIT" width="192" height="192">`,
  );
  const head = '<!doctype html><meta charset="utf-8"><title>Pictures</title><link rel="icon" href="data:,">';
  const worker = `<script>addEventListener("load", () => navigator.serviceWorker.register("/photos/service-worker.js", { scope: "/" }));</script>`;
  const contenders = {
    isthmus: { formats: ["isth", "avif"], head: head + worker, needsWorker: true },
    avif: { formats: ["avif"], head },
    webp: { formats: ["webp"], head },
  };
  const qualities = { isth: quality, avif: found.avif.quality, webp: found.webp.quality };
  const figures = {};
  for (const [name, { formats, head, needsWorker = false }] of Object.entries(contenders)) {
    const options = {
      folder,
      formats,
      quality: qualities,
      cacheFolder: join(root, `cache-${name}`),
      page: head + images.join(""),
    };
    const { node: port } = await startServer(options);
    for (let i = 0; i < pictureCount; i++) {
      for (const accept of ["image/avif,image/webp,*/*", streamHeaders.accept]) {
        await (await fetch(`http://localhost:${port}/photos/picture-${i}.png`, { headers: { accept } })).arrayBuffer();
      }
    }
    const way = await slowLine(port, line);
    figures[name] = await visitsOf(browser, way, { visits, needsWorker });
    way.close();
  }
  // Further visits are taken to be as the last one.
  const sum = (name, last) =>
    Array.from({ length: last }, (_, i) => figures[name][Math.min(i, visits - 1)].bytes).reduce(
      (total, bytes) => total + bytes,
      0,
    );
  const aheadOf = (name) => {
    for (let visit = 1; visit <= 1000; visit++) if (sum("isthmus", visit) < sum(name, visit)) return visit;
    return null;
  };
  return { scores: found, visits: figures, aheadInAllBytes: { avif: aheadOf("avif"), webp: aheadOf("webp") } };
}

/** The qualities of AVIF, WebP and JPEG whose mean score of every fifth picture is the nearest to that of the streams. */
async function equalQualities(folder) {
  const codec = await loadCodec();
  const sample = [];
  for (let i = 0; i < pictureCount; i += 5) sample.push(await readImage(join(folder, `picture-${i}.png`)));
  const scoreOf = async (code) =>
    mean(await Promise.all(sample.map(async (image) => ssimulacra2(image, await code(image)))));
  const isth = await scoreOf(async (image) => codec.decode(await codec.encode(image, { quality })));
  const { searchQuality } = await loadSource();
  const found = { isth: { quality, score: isth } };
  for (const format of ["avif", "webp", "jpeg"]) {
    const at = (quality) =>
      scoreOf(async (image) => {
        const { data, width, height, channels } = image;
        const picture = sharp(data, { raw: { width, height, channels } });
        const file = await picture
          .toFormat(format, { quality, ...(format === "jpeg" && { mozjpeg: true }) })
          .toBuffer();
        return { ...image, data: await sharp(file).removeAlpha().raw().toBuffer() };
      });
    const trial = async (contender) => ({ contender, value: await at(contender.quality) });
    const { contender, value } = await searchQuality(
      (quality) => ({ quality }),
      trial,
      isth,
      new AbortController().signal,
    );
    found[format] = { quality: contender.quality, score: value };
  }
  return found;
}

async function measureAnswers() {
  const image = await readImage(photos[0]);
  return { width: image.width, height: image.height, rounds: 15, ...(await timeAnswers(browser, image, 15)) };
}
