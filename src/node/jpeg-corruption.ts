import { expected } from "../ground/errors.js";
import { type Corruption, checkInteger } from "../training/corruptions/corruption.js";
import { loadSharp } from "./sharp.js";

/** The artefacts of JPEG at `quality` (1 .. 100), or at one drawn for each image between it and `best`. Needs sharp. */
export function jpeg(quality: number, best: number = quality): Corruption {
  checkInteger(quality, 1, 100, "quality of jpeg");
  checkInteger(best, 1, 100, "best quality of jpeg");
  if (best < quality) throw expected(`at least ${quality}`, "best quality of jpeg", best);
  return {
    name: best > quality ? `jpeg:${quality},${best}` : `jpeg:${quality}`,
    drawn: "once",
    async apply(image, random) {
      const { data, width, height, channels } = image;
      const drawn = quality + random.integer(best - quality + 1);
      const sharp = await loadSharp();
      const pipeline = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
      const file = await pipeline.jpeg({ quality: drawn }).toBuffer();
      const decoded = await sharp(file, { limitInputPixels: false })
        .toColourspace(channels <= 2 ? "b-w" : "srgb")
        .raw()
        .toBuffer();
      return { ...image, data: new Uint8Array(decoded) };
    },
  };
}
