import sharp from "sharp";
import { loadCodec, ssimulacra2 } from "../../dist/index.js";
import { mean } from "../frame/index.mjs";

/** The qualities of AVIF, WebP and JPEG whose mean score of the images is the nearest to that of streams of a quality, with the scores. */
export async function equalQualities(images, quality, searchQuality) {
  const codec = await loadCodec();
  const scoreOf = async (code) =>
    mean(await Promise.all(images.map(async (image) => ssimulacra2(image, await code(image)))));
  const isth = await scoreOf(async (image) => codec.decode(await codec.encode(image, { quality })));
  const found = { isth: { quality, score: isth } };
  for (const format of ["avif", "webp", "jpeg"]) {
    const at = async ({ data, ...image }, quality) => {
      const { width, height, channels } = image;
      const picture = sharp(data, { raw: { width, height, channels } });
      const file = await picture.toFormat(format, { quality, ...(format === "jpeg" && { mozjpeg: true }) }).toBuffer();
      return { ...image, data: await sharp(file).removeAlpha().raw().toBuffer() };
    };
    const nearest = await searchQuality({
      ...{ lowest: 1, highest: 100, goal: isth, wanted: "nearest" },
      tryAt: (quality) => scoreOf((image) => at(image, quality)),
      valueOf: (score) => score,
    });
    found[format] = { quality: nearest.quality, score: nearest.tried };
  }
  return found;
}
