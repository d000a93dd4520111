// What one engine makes of the pictures of a folder that engines.mjs prepared, of the golden files, and of random small pictures;
// writes the digests of all streams and pixels as JSON.
//   node bench/engines/digests.mjs FOLDER RANDOM-PICTURES [THREADS]
// With a number of threads a pool of so many workers does the work, several calls at a time.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createPool, loadCodec } from "../../dist/index.js";

const [, , folder, randomCount, threads] = process.argv;
/** Random pictures under way at a time. */
const atOnce = 16;
const golden = new URL("../../test/vectors/golden/", import.meta.url);
const read = async (name) => new Uint8Array(await readFile(name));
const digest = (...pieces) => pieces.reduce((hash, bytes) => hash.update(bytes), createHash("sha256")).digest("hex");

const worker = new URL("../../dist/worker-node.js", import.meta.url);
const pool = threads && createPool(() => new Worker(worker), { size: Number(threads) });
const open = async (path) => {
  const model = await read(path);
  return pool ? pool.loadCodec({ model }) : loadCodec({ model });
};
const codecs = {
  photo: await open(join(folder, "photo.isthm")),
  vector: await open(join(folder, "vector.isthm")),
};
const digests = [];
for (const { model, file, picture, qualities } of JSON.parse(await readFile(join(folder, "tasks.json"), "utf8"))) {
  const image = { ...picture, data: await read(join(folder, file)) };
  for (const quality of qualities) {
    const stream = await codecs[model].encode(image, { quality });
    const decoded = await codecs[model].decode(stream);
    digests.push(digest(stream), digest(decoded.data));
  }
}

const { good } = JSON.parse(await readFile(new URL("golden.json", golden), "utf8"));
const goldenCodecs = new Map();
for (const { model } of good) {
  if (goldenCodecs.has(model)) continue;
  const path = new URL(`${model}.isthm`, golden);
  const { configuration } = (await loadCodec({ model: await read(path) })).model;
  goldenCodecs.set(model, { codec: await open(path), configuration });
}
let goldenDifferent = 0;
for (const { name, model, bare, sha256 } of good) {
  const { data } = await goldenCodecs.get(model).codec.decode(await read(new URL(`${name}.isth`, golden)), { bare });
  if (digest(data) !== sha256) goldenDifferent++;
}

const random = [];
let cutDifferent = 0;
for (let index = 0; index < Number(randomCount); index += atOnce) {
  const count = Math.min(atOnce, Number(randomCount) - index);
  random.push(...(await Promise.all(Array.from({ length: count }, (_, i) => digestOfRandom(index + i)))));
}
pool?.terminate();

const { bun, deno, v8 } = process.versions;
const runtime = bun
  ? `Bun ${bun}, JavaScriptCore`
  : deno
    ? `Deno ${deno}, V8 ${v8}`
    : `Node ${process.version}, V8 ${v8}`;
const engine = `${runtime}, ${process.arch}`;
process.stdout.write(
  JSON.stringify({
    engine,
    goldenDifferent,
    goldenFiles: good.length,
    digests,
    cutDifferent,
    random: random.map((hash) => hash.slice(0, 16)),
  }),
);

/** The stream and the pixels of a picture that integers alone have drawn. */
async function digestOfRandom(index) {
  let state = Math.imul(index + 1, 0x9e3779b1);
  const below = (count) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
  const [name, { codec, configuration }] = [...goldenCodecs][below(goldenCodecs.size)];
  const { fixedSize, patch, channels: own } = configuration;
  const { width, height } = fixedSize ? patch : { width: 1 + below(48), height: 1 + below(48) };
  const channels = own === 1 ? 1 + below(2) : 1 + below(4);
  const [step, spread, slope] = [1 + below(9), 1 + below(256), below(9)];
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++)
    data[i] = i < step * channels ? below(256) : data[i - step * channels] + slope + (below(8) ? 0 : below(spread));
  const quality = below(101);
  const stream = await codec.encode({ data, width, height, channels }, { quality });
  const decoded = await codec.decode(stream);
  if (!pool) {
    const rows = cut(data, width * channels * (1 + below(height)));
    const again = await codec.encodeRows({ rows, width, height, channels }, { quality });
    const pieces = await collect((await codec.decodeRows(stream)).rows);
    if (digest(again, ...pieces) !== digest(stream, decoded.data)) cutDifferent++;
  }
  return digest(Buffer.from(name), stream, decoded.data);
}

async function* cut(data, length) {
  for (let start = 0; start < data.length; start += length) yield data.subarray(start, start + length);
}

async function collect(pieces) {
  const all = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}
