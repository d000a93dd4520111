// Real bytes of whole files beside JPEG, WebP, AVIF and JPEG XL over the 24 Kodak photos, or over any folder of photos:
//   npm run bench:kodak -- [--model FILE.isthm] [--effort N] [--images FOLDER] [--limit N] [--butteraugli]
// Runs `isthmus bench`, checks that streams and pixels repeat, and writes bench/results/kodak.json (or kodak-effort-N.json).
// --butteraugli adds the 3-norm of Butteraugli, by butteraugli_main of Debian's libjxl-devtools: it makes every file once more.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadCodec } from "../dist/index.js";
import { measureButteraugli } from "./kodak/butteraugli.mjs";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";

const { percentText, readOpaque, reportText, spread } = await loadSource();
const pictureName = /\.(png|webp|jpe?g|tiff?|avif)$/i;
/** Photos that are coded twice over to see whether they repeat. */
const repeatedPhotos = 6;

const text = { type: "string" };
const { values: options } = parseArgs({
  options: { model: text, effort: text, images: text, limit: text, butteraugli: { type: "boolean" } },
});
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const names = await readdir(folder).catch(() =>
  giveUp(`Expected photos in ${folder}: name another folder by --images`),
);
const photos = names.filter((name) => pictureName.test(name)).sort();
if (photos.length === 0) giveUp(`Expected photos in ${folder} but found none`);

const report = await runBench();
const repeatable = await checkRepeatable();
const name = options.effort ? `kodak-effort-${options.effort}` : "kodak";
const paths = spread(photos, Number(options.limit ?? photos.length)).map((photo) => join(folder, photo));
const butteraugli = options.butteraugli && (await measureButteraugli(report, paths, options.model));
await writeResults(
  name,
  { ...report, repeatable, ...(butteraugli && { butteraugli }) },
  { command: "npm run bench:kodak" },
);
console.log(reportText(report));
if (butteraugli) {
  printTable(
    ["Isthmus against", "bytes at equal Butteraugli", "setting"],
    butteraugli.bdRates.map(({ name, percent, reason, setting }) => [name, reason ?? percentText(percent), setting]),
  );
}
if (!repeatable) giveUp("Expected the same streams and pixels from every run");

/** The report of the command line; docs/COMPARISON.md describes it. */
function runBench() {
  const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
  const given = ["model", "effort", "limit"].filter((name) => options[name] !== undefined);
  const words = [cli, "bench", folder, "--json", ...given.flatMap((name) => [`--${name}`, options[name]])];
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, words, { maxBuffer: 1 << 26 }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout)),
    );
    child.stderr.pipe(process.stderr);
  });
}

/** A second codec with kernels of its own, working in the other order, must give the same bytes and the same pixels. */
async function checkRepeatable() {
  const model = options.model && new Uint8Array(await readFile(options.model));
  const { signal } = new AbortController();
  const paths = photos.slice(0, repeatedPhotos).map((name) => join(folder, name));
  const images = await Promise.all(paths.map((path) => readOpaque(path, signal)));
  const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
  const run = async (codec, [image, quality]) => {
    const stream = await codec.encode(image, { quality });
    const { data } = await codec.decode(stream);
    return digest(stream) + digest(data);
  };
  const tasks = images.flatMap((image) => [0, 50, 100].map((quality) => [image, quality]));
  const codec = await loadCodec({ model });
  const first = [];
  for (const task of tasks) first.push(await run(codec, task));
  const again = await loadCodec({ model });
  for (const [i, task] of [...tasks.entries()].reverse()) if ((await run(again, task)) !== first[i]) return false;
  return true;
}
