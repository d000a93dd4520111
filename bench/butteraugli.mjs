// Butteraugli (3-norm) of the embedded model beside other codecs at equal bytes: a metric that nothing here was trained for. It needs `butteraugli_main` of
// libjxl (Debian: libjxl-devtools):
//   npm run bench:butteraugli -- --images FOLDER [--every 4] [--qualities 25,50,75]
// Writes bench/results/butteraugli.json and prints its section: means over every n-th photo of the folder, less is better; and bytes at equal distance.
import { join } from "node:path";
import sharp from "sharp";
import { bdRate, loadCodec } from "../dist/index.js";
import {
  atEqualBytes,
  giveUp,
  inFolder,
  mean,
  optionsOf,
  outcomeOf,
  photosIn,
  readPhoto,
  report,
} from "./frame/index.mjs";

const { images, every, qualities } = optionsOf({ images: undefined, every: 4, qualities: [25, 50, 75] });
const photos = (await photosIn(images)).filter((_, i) => i % every === 0);
const rivals = { "JPEG (mozjpeg)": ", 4:2:0", "AVIF 4:4:4": ", effort 4, tune iq", WebP: ", effort 6" };
const codec = await loadCodec();

/** Of each quality: for each codec, Isthmus first, mean bytes and mean distance. */
const points = [];
await inFolder("butteraugli", async (folder) => {
  for (const quality of qualities) {
    const found = [];
    for (const path of photos) {
      const image = await readPhoto(path);
      const results = await atEqualBytes(codec, image, { quality }, Object.keys(rivals));
      const distanceOf = await distancesFrom(image, folder);
      const distances = [];
      for (const { decoded } of results) distances.push(await distanceOf(decoded));
      found.push(results.map(({ bytes }, i) => ({ bytes, distance: distances[i] })));
    }
    const meanOf = (key) => found[0].map((_, i) => mean(found.map((photo) => photo[i][key])));
    points.push({ quality, bytes: meanOf("bytes"), distances: meanOf("distance") });
  }
});
const codecs = ["Isthmus", ...Object.entries(rivals).map(([name, setting]) => name + setting)];
// Less distance is more likeness.
const curveOf = (i) => points.map(({ bytes, distances }) => ({ rate: bytes[i], psnr: -distances[i] }));
const bdRates = codecs.slice(1).map((name, i) => ({ name, percent: bdRate(curveOf(i + 1), curveOf(0)) }));
await report("butteraugli", {
  ...{ images: photos.length, model: codec.model.id, codecs, bdRates },
  points: points.map(({ bytes, ...point }) => ({ ...point, bytes: bytes[0] })),
});

/** The 3-norm of the distance of pictures from an original (0: equal), over files in a folder. */
async function distancesFrom(original, folder) {
  const [first, second] = ["original.png", "picture.png"].map((name) => join(folder, name));
  await writePng(original, first);
  return async (picture) => {
    await writePng(picture, second);
    const { code, stdout, stderr } = await outcomeOf("butteraugli_main", [first, second, "--pnorm", "3"]);
    if (code === "ENOENT") giveUp("Expected butteraugli_main (Debian: libjxl-devtools) but found none");
    return code === 0 ? Number(/3-norm: ([\d.]+)/.exec(stdout)[1]) : giveUp(stderr);
  };
}

function writePng({ data, width, height, channels }, path) {
  // An alpha plane that says nothing would count as a difference.
  const picture = sharp(data, { raw: { width, height, channels } }).removeAlpha().toColourspace("srgb");
  return picture.png({ compressionLevel: 1 }).toFile(path);
}
