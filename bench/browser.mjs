// Chromium beside Node: the times of encoding and decoding a whole photo, how long a page is held up by a worker's work, the time to the first
// picture, and whether every engine gives the same bytes and pixels.
//   npm run bench:browser -- [--images FOLDER] [--image NAME] [--rounds N]
// Writes bench/results/browser.json and prints its section.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { loadCodec } from "../dist/index.js";
import { readImage } from "../dist/node.js";
import { launchChromium } from "./frame/chromium.mjs";
import { optionsOf } from "./frame/options.mjs";
import { kodak } from "./frame/photos.mjs";
import { newerNodes, runProgram } from "./frame/programs.mjs";
import { report } from "./frame/results.mjs";
import { median } from "./frame/statistics.mjs";
import { mapValues, ratioOf } from "./frame/turns.mjs";

const { images: folder, image: name, rounds } = optionsOf({ images: kodak, image: "kodim05.webp", rounds: 15 });
/** Engines translate what is called often once more, and better: their first rounds do not count. */
const warmingRounds = 2;
const root = new URL("../", import.meta.url);
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
const photo = await readImage(join(folder, name));
const codec = await loadCodec();
const stream = await codec.encode(photo);
const { model } = codec;

const page = `<!doctype html><title>Isthmus</title><link rel="icon" href="data:,"><canvas></canvas><script type="module">
import { loadDecoder } from "/dist/index.js";
import { drawTo } from "/dist/browser.js";
const bytesAt = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
const [model, stream] = await Promise.all(["/receiver.isthm", "/photo.isth"].map(bytesAt));
drawTo(document.querySelector("canvas"), await (await loadDecoder({ model })).decode(stream));
globalThis.firstPicture = performance.now();
</script>`;
const made = { "/": page, "/receiver.isthm": model.receiver(), "/photo.isth": stream, "/photo.raw": photo.data };
const server = createServer(async (request, response) => {
  const bytes = made[request.url] ?? (await readFile(new URL(`.${request.url}`, root)).catch(() => undefined));
  if (!bytes) return response.writeHead(404).end();
  response.setHeader(
    "content-type",
    request.url === "/" ? "text/html" : request.url.endsWith(".js") ? "text/javascript" : "application/octet-stream",
  );
  response.end(bytes);
});
await new Promise((resolve) => server.listen(0, resolve));
const url = `http://localhost:${server.address().port}/`;
const browser = await launchChromium();
try {
  const visits = [];
  for (let i = 0; i < 3; i++) {
    const visitor = await browser.newPage();
    await visitor.goto(url);
    visits.push(await (await visitor.waitForFunction(() => globalThis.firstPicture)).jsonValue());
    await visitor.close();
  }
  const tab = await browser.newPage();
  await tab.goto(url);
  await tab.evaluate(prepareTab, { width: photo.width, height: photo.height, channels: photo.channels });
  /** Milliseconds of each round, of encoding and of decoding. */
  const times = { encode: { node: [], page: [], worker: [] }, decode: { node: [], page: [], worker: [] } };
  const digests = { worker: undefined, page: undefined };
  // One after another in each round, so that whatever else the machine does meets all alike.
  for (let round = -warmingRounds; round < rounds; round++) {
    const keep = (where, taken) => {
      if (round < 0) return;
      for (const what of ["encode", "decode"]) times[what][where].push(taken[what]);
    };
    keep("node", await timed(codec));
    for (const where of ["page", "worker"]) {
      const result = await tab.evaluate((name) => globalThis.timed(name), where);
      digests[where] = [result.stream, result.samples];
      keep(where, result);
    }
  }
  const longestBlock = await tab.evaluate(() => globalThis.longestBlock());
  const here = [digest(stream), digest((await codec.decode(stream)).data)];
  const newerNode = newerNodes.at(-1);
  const engines = {
    [`Node ${process.version}`]: here,
    ...(existsSync(newerNode) && (await digestsOn(newerNode))),
    [`Chromium ${browser.version()}, page`]: digests.page,
    [`Chromium ${browser.version()}, worker`]: digests.worker,
  };
  const whatOf = (where, value) => mapValues(times, (all) => value(all, where));
  const milliseconds = mapValues(times.encode, (_, where) => whatOf(where, (all) => median(all[where])));
  const ratio = (where) => whatOf(where, (all) => ratioOf(all, where, "node"));
  await report("browser", {
    rounds,
    image: { name, width: photo.width, height: photo.height },
    chromium: browser.version(),
    milliseconds,
    ratios: { page: ratio("page"), worker: ratio("worker") },
    firstPicture: median(visits),
    receiverBytes: model.receiver().length,
    longestBlock,
    engines: Object.entries(engines).map(([engine, [bytes, samples]]) => ({
      engine,
      same: bytes === here[0] && samples === here[1],
    })),
  });
} finally {
  await browser.close();
  server.close();
}

async function timed(codec) {
  const start = performance.now();
  const bytes = await codec.encode(photo);
  const between = performance.now();
  await codec.decode(bytes);
  return { encode: between - start, decode: performance.now() - between };
}

async function digestsOn(node) {
  const script = `
    import { createHash } from "node:crypto";
    import { loadCodec } from ${JSON.stringify(new URL("dist/index.js", root).href)};
    const bytes = async (path) => new Uint8Array(await (await fetch(${JSON.stringify(url)} + path)).arrayBuffer());
    const codec = await loadCodec();
    const stream = await codec.encode({ ...${JSON.stringify({ width: photo.width, height: photo.height, channels: photo.channels })}, data: await bytes("photo.raw") });
    const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
    console.log(JSON.stringify({ ["Node " + process.version]: [digest(stream), digest((await codec.decode(stream)).data)] }));`;
  return JSON.parse(await runProgram(node, ["--input-type=module", "-e", script]));
}

/** Runs in the page: codecs here and in a worker, and what times them. */
async function prepareTab(shape) {
  const { loadCodec, wrap } = await import("/dist/index.js");
  const remote = wrap(new Worker("/dist/worker.js", { type: "module" }));
  const codecs = { page: await loadCodec(), worker: await remote.loadCodec() };
  const image = { ...shape, data: new Uint8Array(await (await fetch("/photo.raw")).arrayBuffer()) };
  const hex = async (bytes) =>
    Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
  globalThis.timed = async (where) => {
    const start = performance.now();
    const stream = await codecs[where].encode(image);
    const between = performance.now();
    const { data } = await codecs[where].decode(stream);
    const end = performance.now();
    return { encode: between - start, decode: end - between, stream: await hex(stream), samples: await hex(data) };
  };
  /** Milliseconds that the page's own thread was busy at a stretch, at most, while the worker encodes and trains. */
  globalThis.longestBlock = async () => {
    let longest = 0;
    let last = performance.now();
    // A message to itself is a task of its own, so the time between two of them is what other tasks took.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      port2.postMessage(0);
    };
    port2.postMessage(0);
    const measure = async (work) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      longest = 0;
      await work();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return longest;
    };
    const crops = Array.from({ length: 24 }, (_, i) => ({
      width: 128,
      height: 128,
      channels: 3,
      data: image.data.slice(i * 3000, i * 3000 + 128 * 128 * 3),
    }));
    // What notices nothing proves nothing.
    const control = await measure(() => {
      for (const start = performance.now(); performance.now() - start < 120; );
    });
    if (control < 100) throw new Error(`Expected a task of 120 ms to be noticed but received ${control}`);
    const figures = {
      // What the machine's other work does to a page that has nothing to do.
      idle: await measure(() => new Promise((resolve) => setTimeout(resolve, 2000))),
      encode: await measure(() => codecs.worker.encode(image, { effort: 1 })),
      train: await measure(() => remote.train(crops, { preset: "photo", steps: 4, crop: 64 })),
    };
    port1.close();
    return figures;
  };
}
