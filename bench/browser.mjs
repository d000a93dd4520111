// Chromium beside Node: the times of encoding and decoding a whole photo, how long a page is held up by a worker's work, the time to the first
// picture, and whether both give the same bytes and pixels (bench:engines compares more engines).
//   npm run bench:browser -- [--images FOLDER] [--image NAME] [--rounds N]
// Writes bench/results/browser.json and prints its section.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { loadCodec } from "../dist/index.js";
import { readImage } from "../dist/node.js";
import { kodak, loadSource, mapValues, median, optionsOf, ratioOf, report } from "./frame/index.mjs";

const { images: folder, image: name, rounds } = optionsOf({ images: kodak, image: "kodim05.webp", rounds: 15 });
/** Engines translate what is called often once more, and better: their first rounds do not count. */
const warmingRounds = 2;
const { launchChromium, serveFiles } = await loadSource();
const photo = await readImage(join(folder, name));
const codec = await loadCodec();
const stream = await codec.encode(photo);
const receiver = codec.model.receiver();

const first = `<!doctype html><title>Isthmus</title><link rel="icon" href="data:,"><canvas></canvas><script type="module">
import { loadDecoder } from "/dist/index.js";
import { drawTo } from "/dist/browser.js";
const bytesAt = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
const [model, stream] = await Promise.all(["/receiver.isthm", "/photo.isth"].map(bytesAt));
drawTo(document.querySelector("canvas"), await (await loadDecoder({ model })).decode(stream));
globalThis.firstPicture = performance.now();
</script>`;
const made = { "/first.html": first, "/receiver.isthm": receiver, "/photo.isth": stream, "/photo.raw": photo.data };
const routes = mapValues(made, (content) => (_, response) => {
  response.setHeader("content-type", typeof content === "string" ? "text/html" : "application/octet-stream");
  response.end(content);
});
const { url, server } = await serveFiles(routes, new URL("../", import.meta.url));
const browser = await launchChromium();
try {
  const visits = [];
  for (let i = 0; i < 3; i++) {
    const visitor = await browser.newPage();
    await visitor.goto(`${url}/first.html`);
    visits.push(await (await visitor.waitForFunction(() => globalThis.firstPicture)).jsonValue());
    await visitor.close();
  }
  const tab = await browser.newPage();
  await tab.goto(url);
  await tab.evaluate(prepareTab, { width: photo.width, height: photo.height, channels: photo.channels });
  const places = {
    node: timedHere,
    page: () => tab.evaluate(() => globalThis.timed("page")),
    worker: () => tab.evaluate(() => globalThis.timed("worker")),
  };
  const taken = mapValues(places, () => []);
  // One after another in each round, so that whatever else the machine does meets all alike.
  for (let round = -warmingRounds; round < rounds; round++) {
    for (const [where, timed] of Object.entries(places)) {
      const result = await timed();
      if (round >= 0) taken[where].push(result);
    }
  }
  /** Milliseconds of each round, of encoding and of decoding. */
  const [encode, decode] = ["encode", "decode"].map((what) => mapValues(taken, (all) => all.map((one) => one[what])));
  const both = (value) => ({ encode: value(encode), decode: value(decode) });
  const longestBlock = await tab.evaluate(() => globalThis.longestBlock());
  const version = browser.version();
  const names = {
    node: `Node ${process.version}`,
    page: `Chromium ${version}, page`,
    worker: `Chromium ${version}, worker`,
  };
  await report("browser", {
    rounds,
    image: { name, width: photo.width, height: photo.height },
    chromium: version,
    milliseconds: mapValues(places, (_, where) => both((times) => median(times[where]))),
    ratios: mapValues({ page: 0, worker: 0 }, (_, where) => both((times) => ratioOf(times, where, "node"))),
    firstPicture: median(visits),
    receiverBytes: receiver.length,
    longestBlock,
    engines: Object.entries(names).map(([where, engine]) => ({
      engine,
      same: taken[where].every(({ digests }) => String(digests) === String(taken.node[0].digests)),
    })),
  });
} finally {
  await browser.close();
  server.close();
}

async function timedHere() {
  const start = performance.now();
  const bytes = await codec.encode(photo);
  const between = performance.now();
  const { data } = await codec.decode(bytes);
  const end = performance.now();
  const digests = [bytes, data].map((content) => createHash("sha256").update(content).digest("hex"));
  return { encode: between - start, decode: end - between, digests };
}

/** Runs in a page of test/browser/: codecs here and in a worker, and what times them. */
async function prepareTab(shape) {
  const { load, startWorker, bytesAt, digest } = globalThis;
  const { loadCodec, wrap } = await load("isthmus");
  const remote = wrap(startWorker());
  const codecs = { page: await loadCodec(), worker: await remote.loadCodec() };
  const image = { ...shape, data: await bytesAt("/photo.raw") };
  globalThis.timed = async (where) => {
    const start = performance.now();
    const stream = await codecs[where].encode(image);
    const between = performance.now();
    const { data } = await codecs[where].decode(stream);
    const end = performance.now();
    const digests = [await digest(stream), await digest(data)];
    return { encode: between - start, decode: end - between, digests };
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
    const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const measure = async (work) => {
      await pause(50);
      longest = 0;
      await work();
      await pause(50);
      return longest;
    };
    const crops = Array.from({ length: 24 }, (_, i) => ({
      ...{ width: 128, height: 128, channels: 3 },
      data: image.data.slice(i * 3000, i * 3000 + 128 * 128 * 3),
    }));
    // What notices nothing proves nothing.
    const control = await measure(() => {
      for (const start = performance.now(); performance.now() - start < 120; );
    });
    if (control < 100) throw new Error(`Expected a task of 120 ms to be noticed but received ${control}`);
    const figures = {
      // What the machine's other work does to a page that has nothing to do.
      idle: await measure(() => pause(2000)),
      encode: await measure(() => codecs.worker.encode(image, { effort: 1 })),
      train: await measure(() => remote.train(crops, { preset: "photo", steps: 4, crop: 64 })),
    };
    port1.close();
    return figures;
  };
}
