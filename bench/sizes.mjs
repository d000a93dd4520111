// Processor time a pixel of encoding and decoding, at sizes from 0.1 to 50 megapixels, one thread.
//   npm run bench:sizes -- [--images FOLDER] [--image NAME] [--most MEGAPIXELS]
// The pictures are one photo, resized. Writes bench/results/sizes.json and prints its section.
import { join } from "node:path";
import sharp from "sharp";
import { loadCodec } from "../dist/index.js";
import { inTurns, kodak, median, optionsOf, report } from "./frame/index.mjs";

const { images, image: name, most } = optionsOf({ images: kodak, image: "kodim05.webp", most: 50 });
const megapixels = [0.1, 0.4, 1.5, 6, 12, 24, 50].filter((size) => size <= most);
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
  const resized = sharp(join(images, name)).resize(width, height, { fit: "fill", kernel: "lanczos3" });
  const image = { data: new Uint8Array(await resized.removeAlpha().raw().toBuffer()), width, height, channels: 3 };
  const stream = await codec.encode(image, { quality });
  const rounds = roundsOf(size);
  const works = { encode: () => codec.encode(image, { quality }), decode: () => codec.decode(stream) };
  const taken = await inTurns(works, { rounds });
  const [encode, decode] = [taken.encode, taken.decode].map((values) => (median(values) * 1e6) / (width * height));
  const columns = Math.ceil(width / 8);
  const strips = Math.ceil(Math.ceil(height / 8) / Math.max(16, Math.floor(cellsPerStrip / columns)));
  sizes.push({ width, height, strips, rounds, bytes: stream.length, encode, decode });
  console.log(`${width} x ${height}: ${encode.toFixed(0)} ns a pixel to encode, ${decode.toFixed(0)} to decode`);
}
await report("sizes", { model: codec.model.id, quality, sizes });
