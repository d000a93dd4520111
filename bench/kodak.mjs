// Real bytes of whole files beside JPEG, WebP, AVIF and JPEG XL over the 24 Kodak photos, or over any folder of photos:
//   npm run bench:kodak -- [--model FILE.isthm] [--effort N] [--images FOLDER] [--limit N] [--butteraugli]
// Runs `isthmus bench`, checks that streams and pixels repeat, and writes bench/results/kodak.json (or kodak-effort-N.json).
// --butteraugli adds the 3-norm of Butteraugli, by butteraugli_main of Debian's libjxl-devtools: it makes every file once more.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { loadCodec } from "../dist/index.js";
import { loadSource } from "./frame/load-source.mjs";
import { optionsOf } from "./frame/options.mjs";
import { kodak, photosIn, readPhotos } from "./frame/photos.mjs";
import { isthmus } from "./frame/programs.mjs";
import { giveUp, printTable, writeResults } from "./frame/results.mjs";
import { measureButteraugli } from "./kodak/butteraugli.mjs";

const { percentText, reportText, spread } = await loadSource();
/** Photos that are coded twice over to see whether they repeat. */
const repeatedPhotos = 6;

const { images, ...options } = optionsOf({
  ...{ model: undefined, effort: undefined, images: kodak, limit: undefined, butteraugli: false },
});
const photos = await photosIn(images);

// The report of the command line; docs/COMPARISON.md describes it.
const given = ["model", "effort", "limit"].filter((name) => options[name] !== undefined);
const words = given.flatMap((name) => [`--${name}`, options[name]]);
const report = JSON.parse(await isthmus("bench", images, "--json", ...words));
const repeatable = await checkRepeatable();
const name = options.effort ? `kodak-effort-${options.effort}` : "kodak";
const some = spread(photos, Number(options.limit ?? photos.length));
const butteraugli = options.butteraugli && (await measureButteraugli(report, some, options.model));
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

/** A second codec with kernels of its own, working in the other order, must give the same bytes and the same pixels. */
async function checkRepeatable() {
  const model = options.model && new Uint8Array(await readFile(options.model));
  const images = await readPhotos(photos.slice(0, repeatedPhotos));
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
