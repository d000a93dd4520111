// Processor time a pixel of encoding and decoding, at sizes from 0.1 to 50 megapixels, one thread.
//   npm run bench:sizes -- [--images FOLDER] [--image NAME] [--most MEGAPIXELS]
// The pictures are one photo, resized. Writes bench/results/sizes.json.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { loadCodec } from "../dist/index.js";
import { printTable, writeResults } from "./results.mjs";
import { median } from "./statistics.mjs";

const text = { type: "string" };
const { values: options } = parseArgs({ options: { images: text, image: text, most: text } });
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const photo = join(folder, options.image ?? "kodim05.webp");
const megapixels = [0.1, 0.4, 1.5, 6, 12, 24, 50].filter((size) => size <= Number(options.most ?? 50));
const quality = 50;
/** Rounds of each size: many of small ones. */
const roundsOf = (size) => Math.max(2, Math.min(15, Math.round(6 / size)));
/** Cells of 8 x 8 pixels of a strip, see docs/FORMAT.md. */
const cellsPerStrip = 1 << 16;

const codec = await loadCodec();
const sizes = [];
for (const size of megapixels) {
  const width = Math.round(Math.sqrt(size * 1e6 * 1.5));
  const height = Math.round(width / 1.5);
  const resized = sharp(photo).resize(width, height, { fit: "fill", kernel: "lanczos3" }).removeAlpha().raw();
  const image = { data: new Uint8Array(await resized.toBuffer()), width, height, channels: 3 };
  const stream = await codec.encode(image, { quality });
  const rounds = roundsOf(size);
  const taken = { encode: [], decode: [] };
  for (let round = 0; round < rounds; round++) {
    taken.encode.push(await nanoseconds(() => codec.encode(image, { quality })));
    taken.decode.push(await nanoseconds(() => codec.decode(stream)));
  }
  const [encode, decode] = [taken.encode, taken.decode].map((values) => median(values) / (width * height));
  const columns = Math.ceil(width / 8);
  const strips = Math.ceil(Math.ceil(height / 8) / Math.max(16, Math.floor(cellsPerStrip / columns)));
  sizes.push({ width, height, strips, rounds, bytes: stream.length, encode, decode });
  console.log(`${width} x ${height}: ${encode.toFixed(0)} ns a pixel to encode, ${decode.toFixed(0)} to decode`);
}
await writeResults("sizes", { model: codec.model.id, quality, sizes });
printTable(
  ["size", "megapixels", "strips", "encode, ns a pixel", "decode, ns a pixel"],
  sizes.map(({ width, height, strips, encode, decode }) => [
    `${width} x ${height}`,
    ...[((width * height) / 1e6).toFixed(1), String(strips), encode.toFixed(0), decode.toFixed(0)],
  ]),
);

async function nanoseconds(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}
