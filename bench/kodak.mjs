// Real bytes of whole files beside JPEG, WebP, AVIF and JPEG XL over the 24 Kodak photos, or over any folder of photos:
//   npm run bench:kodak -- [--model FILE.isthm] [--images FOLDER] [--limit N]
// Runs `isthmus bench`, checks that streams and pixels repeat, and writes bench/results/kodak.json.
import { createHash } from "node:crypto";
import { loadCodec } from "../dist/index.js";
import {
  bytesAt,
  giveUp,
  isthmus,
  kodak,
  loadSource,
  optionsOf,
  photosIn,
  readPhotos,
  writeResults,
} from "./frame/index.mjs";

const { reportText } = await loadSource();
/** Photos that are coded twice over to see whether they repeat. */
const repeatedPhotos = 6;

const { images, model, limit } = optionsOf({ model: undefined, images: kodak, limit: undefined });
const photos = await photosIn(images);

// The report of the command line; docs/COMPARISON.md describes it.
const words = Object.entries({ model, limit }).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
const report = JSON.parse(await isthmus("bench", images, "--json", ...words));
const repeatable = await checkRepeatable();
await writeResults("kodak", { ...report, repeatable });
console.log(reportText(report));
if (!repeatable) giveUp("Expected the same streams and pixels from every run");

/** A second codec with kernels of its own, working in the other order, must give the same bytes and the same pixels. */
async function checkRepeatable() {
  const images = await readPhotos(photos.slice(0, repeatedPhotos));
  const tasks = images.flatMap((image) => [0, 50, 100].map((quality) => [image, quality]));
  const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
  const run = async (tasks) => {
    const codec = await loadCodec({ model: await bytesAt(model) });
    const digests = [];
    for (const [image, quality] of tasks) {
      const stream = await codec.encode(image, { quality });
      digests.push(digest(stream), digest((await codec.decode(stream)).data));
    }
    return digests.sort().join();
  };
  return (await run(tasks)) === (await run([...tasks].reverse()));
}
