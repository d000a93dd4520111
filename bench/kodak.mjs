// Real bytes of whole files beside JPEG, WebP, AVIF and JPEG XL over the 24 Kodak photos, or over any folder of photos:
//   npm run bench:kodak -- [--model FILE.isthm] [--images FOLDER] [--limit N]
// Runs `isthmus bench`, which docs/COMPARISON.md describes, and writes bench/results/kodak.json.
import { isthmus, kodak, loadSource, optionsOf, photosIn, writeResults } from "./frame/index.mjs";

const { images, model, limit } = optionsOf({ model: undefined, images: kodak, limit: undefined });
await photosIn(images);
const words = Object.entries({ model, limit }).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
const report = JSON.parse(await isthmus("bench", images, "--json", ...words));
await writeResults("kodak", report);
const { reportText } = await loadSource();
console.log(reportText(report));
