// What serving pictures costs and gains: warm requests a second beside static files on the same server; a page of 60 new pictures at each visit over a line as
// phones have it, beside AVIF and WebP of the same SSIMULACRA 2; and what the service worker's answers cost.
//   npm run bench:serving -- [--images FOLDER] [--seconds N] [--rounds N] [--visits N] [--only load|page|answers] [--busy]
// Writes bench/results/serving.json; with --only it prints alone. --busy: other programs take a part of the processor, which is told beside the times.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import sharp from "sharp";
import { readImage } from "../dist/node.js";
import {
  giveUp,
  inFolder,
  kodak,
  loadSource,
  median,
  optionsOf,
  photosIn,
  place,
  report,
  sum,
} from "./frame/index.mjs";
import { timeAnswers } from "./serving/answers.mjs";
import { equalQualities } from "./serving/equal-qualities.mjs";
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
const pictures = Array.from({ length: pictureCount }, (_, i) => `picture-${i}`);
/** 9 Mbit/s less a tenth, and the round trip, of "Fast 4G" in Chromium's tools. */
const line = { bitsPerSecond: 8_100_000, roundTrip: 165 };
const streamHeaders = { accept: "image/x-isthmus,image/avif,*/*;q=0.8" };

const children = [];
const { launchChromium, searchQuality } = await loadSource();
const browser = await launchChromium();
await inFolder("serving", async (root) => {
  try {
    const folder = await cutPictures(join(root, "pictures"));
    const works = { load: measureLoad, page: measurePages, answers: measureAnswers };
    const figures = {};
    for (const [name, work] of Object.entries(works)) {
      if (!only || only === name) figures[name] = await work(root, folder);
    }
    if (only) console.log(figures);
    else await report("serving", { pictures: { count: pictureCount, side }, line, quality, busy, ...figures });
  } finally {
    await browser.close();
    for (const child of children) child.kill();
  }
});

/** Squares from the left, the middle and the right of photos. */
async function cutPictures(folder) {
  await mkdir(folder);
  for (const [i, name] of pictures.entries()) {
    const photo = sharp(photos[Math.floor(i / 3) % photos.length]);
    const { width, height } = await photo.metadata();
    const spot = { left: Math.round(((width - side) * (i % 3)) / 2), top: Math.round((height - side) / 2) };
    const square = photo.extract({ ...spot, width: side, height: side });
    await square.png().toFile(join(folder, `${name}.png`));
  }
  return folder;
}

async function startServer(options) {
  const child = fork(place("bench/serving/server.mjs"));
  children.push(child);
  child.send(options);
  const [{ ports }] = await once(child, "message");
  return ports;
}

async function answerOf(port, name, accept) {
  const answer = await fetch(`http://localhost:${port}/photos/${name}.png`, { headers: { accept } });
  return Buffer.from(await answer.arrayBuffer());
}

/** Requests a second of warm streams, and of the same bytes as static files, in turns on the same server. */
async function measureLoad(root, folder) {
  const autocannon = createRequire(new URL("node_modules/", import.meta.url))("autocannon");
  const kept = join(root, "kept");
  await mkdir(kept);
  const ports = await startServer({ folder, kept, cacheFolder: join(root, "cache-load"), quality: { isth: quality } });
  const lengths = [];
  for (const name of pictures) {
    const stream = await answerOf(ports.express, name, streamHeaders.accept);
    lengths.push(stream.length);
    await writeFile(join(kept, `${name}.isth`), stream);
  }
  const ask = async (server, path) => {
    const requests = pictures.map((name) => ({ path: path(name), headers: streamHeaders }));
    const url = `http://localhost:${ports[server]}`;
    const result = await autocannon({ url, connections: 10, duration: seconds, requests });
    if (result.non2xx + result.errors > 0)
      giveUp(`Expected answers of 200 from ${server} but ${result.non2xx} were others`);
    return { perSecond: result.requests.average, p99: result.latency.p99 };
  };
  const figures = {};
  for (const server of ["express", "hono"]) {
    const all = { warm: [], static: [] };
    for (let round = -1; round < rounds; round++) {
      const fixed = await ask(server, (name) => `/kept/${name}.isth`);
      const warm = await ask(server, (name) => `/photos/${name}.png`);
      if (round < 0) continue;
      all.static.push(fixed);
      all.warm.push(warm);
    }
    const of = (which, what) => median(all[which].map((result) => result[what]));
    const medians = (which) => ({ perSecond: of(which, "perSecond"), p99: of(which, "p99") });
    const ratio = median(all.warm.map(({ perSecond }, i) => perSecond / all.static[i].perSecond));
    figures[server] = { warm: medians("warm"), static: medians("static"), ratio };
  }
  return { rounds, seconds, connections: 10, meanBytes: sum(lengths) / pictureCount, ...figures };
}

/** Bytes and times of visits with the service worker, and of AVIF and WebP alone, at the same mean SSIMULACRA 2. */
async function measurePages(root, folder) {
  const sample = pictures.filter((_, i) => i % 5 === 0);
  const images = await Promise.all(sample.map((name) => readImage(join(folder, `${name}.png`))));
  const scores = await equalQualities(images, quality, searchQuality);
  console.log(scores);
  const shown = pictures.map((name) => `<img src="/photos/${name}.png?visit=VISIT" width="192" height="192">`).join("");
  const head = '<!doctype html><meta charset="utf-8"><title>Pictures</title><link rel="icon" href="data:,">';
  const worker = `<script>addEventListener("load", () => navigator.serviceWorker.register("/photos/service-worker.js", { scope: "/" }));</script>`;
  const contenders = {
    isthmus: { formats: ["isth", "avif"], page: head + worker + shown, needsWorker: true },
    avif: { formats: ["avif"], page: head + shown, needsWorker: false },
    webp: { formats: ["webp"], page: head + shown, needsWorker: false },
  };
  const qualities = { isth: quality, avif: scores.avif.quality, webp: scores.webp.quality };
  const figures = {};
  for (const [name, { formats, page, needsWorker }] of Object.entries(contenders)) {
    const cacheFolder = join(root, `cache-${name}`);
    const { node: port } = await startServer({ folder, formats, quality: qualities, cacheFolder, page });
    for (const picture of pictures) {
      for (const accept of ["image/avif,image/webp,*/*", streamHeaders.accept]) await answerOf(port, picture, accept);
    }
    const way = await slowLine(port, line);
    figures[name] = await visitsOf(browser, way, { visits, needsWorker });
    way.close();
  }
  // Further visits are taken to be as the last one.
  const bytesUntil = (name, last) =>
    sum(Array.from({ length: last }, (_, i) => figures[name][Math.min(i, visits - 1)].bytes));
  const aheadOf = (name) => {
    for (let visit = 1; visit <= 1000; visit++)
      if (bytesUntil("isthmus", visit) < bytesUntil(name, visit)) return visit;
    return null;
  };
  return { scores, visits: figures, aheadInAllBytes: { avif: aheadOf("avif"), webp: aheadOf("webp") } };
}

async function measureAnswers() {
  const image = await readImage(photos[0]);
  return { width: image.width, height: image.height, rounds: 15, ...(await timeAnswers(browser, image, 15)) };
}
