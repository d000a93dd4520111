// Butteraugli (3-norm) of the embedded model beside AVIF and WebP at equal bytes: a metric that nothing here was trained for. It needs `butteraugli_main` of
// libjxl (Debian: libjxl-devtools):
//   npm run bench:butteraugli -- --images FOLDER [--every 4] [--qualities 25,50,75]
// Writes bench/results/butteraugli.json and prints its section: means over every n-th photo of the folder; less is better.
import { loadCodec } from "../dist/index.js";
import { distancesFrom } from "./butteraugli/distance.mjs";
import { loadSource } from "./frame/load-source.mjs";
import { optionsOf } from "./frame/options.mjs";
import { photosIn, readPhoto } from "./frame/photos.mjs";
import { inFolder } from "./frame/places.mjs";
import { report } from "./frame/results.mjs";
import { mean } from "./frame/statistics.mjs";

const { images, every, qualities } = optionsOf({ images: undefined, every: 4, qualities: [25, 50, 75] });
const photos = (await photosIn(images)).filter((_, i) => i % every === 0);
const { atBytes, rivals } = await loadSource();
const names = { "AVIF 4:4:4, effort 4, tune iq": "AVIF 4:4:4", "WebP, effort 6": "WebP" };
const others = Object.values(names).map((name) => rivals.find((rival) => rival.name === name));
const codec = await loadCodec();
const { signal } = new AbortController();

const points = [];
await inFolder("butteraugli", async (folder) => {
  for (const quality of qualities) {
    const found = [];
    for (const path of photos) {
      const image = await readPhoto(path);
      const bytes = await codec.encode(image, { quality });
      const shown = [await codec.decode(bytes)];
      for (const rival of others) shown.push((await atBytes(rival, image, bytes.length, signal)).decoded);
      const distanceOf = await distancesFrom(image, folder);
      const distances = [];
      for (const picture of shown) distances.push(await distanceOf(picture));
      found.push([bytes.length, ...distances]);
    }
    const [bytes, ...distances] = found[0].map((_, i) => mean(found.map((values) => values[i])));
    points.push({ quality, bytes, distances });
  }
});
const codecs = ["Isthmus", ...Object.keys(names)];
await report("butteraugli", { images: photos.length, model: codec.model.id, codecs, points });
