import { formatVersion } from "../codec/stream/container.js";
import { IsthmusError } from "../ground/errors.js";
import type { DecodedImage } from "../image/image.js";
import { plainArray } from "../node/files.js";
import { readImage } from "../node/read-image.js";
import { loadSharp, reasonOf } from "../node/sharp.js";
import type { ServedFormat } from "./formats.js";
import type { Picture } from "./picture-files.js";
import type { StreamEncoder } from "./stream-encoder.js";

/** A picture in a format and a size. */
export interface Rendition {
  readonly picture: Picture;
  readonly format: ServedFormat;
  /** Pixels; the height follows. */
  readonly width: number;
}

/** How each format is written. Qualities are those of the formats' own scales. */
export interface RenditionSettings {
  readonly quality: Readonly<Record<"isth" | "avif" | "webp" | "jpeg", number>>;
  readonly effort: number;
}

/** Longest sides that the formats' encoders know. */
export const mostSide: Readonly<Record<ServedFormat, number>> = {
  isth: 65536,
  avif: 16384,
  webp: 16383,
  jpeg: 65500,
  png: 65536,
  gif: 65535,
};

/** The height of a picture that is so many pixels wide. */
export const heightAt = ({ width, height }: Picture, asked: number): number =>
  Math.max(1, Math.round((height * asked) / width));

const streamSettings = ({ quality, effort }: RenditionSettings) => ({ quality: quality.isth, effort });

/** The settings of a format, which tell its files from those of others. */
export function settingsOf(format: ServedFormat, { quality, effort }: RenditionSettings): object {
  // What was kept in another version of the format is of no use to those who read this one.
  if (format === "isth") return { version: formatVersion, ...streamSettings({ quality, effort }) };
  if (format === "jpeg") return { quality: quality.jpeg, mozjpeg: true };
  return format === "avif" || format === "webp" ? { quality: quality[format] } : {};
}

/** Makes the file of a rendition, without the metadata of the original. Throws `invalid-image` and what encoders throw. */
export async function render(
  { picture, format, width }: Rendition,
  bytes: Uint8Array,
  encoder: StreamEncoder,
  settings: RenditionSettings,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  try {
    if (picture.isAnimated) {
      const frames = sharp(bytes, { animated: true, limitInputPixels: false }).resize({ width });
      return await frames.toFormat(format as "webp" | "gif", settingsOf(format, settings)).toBuffer();
    }
    const image = await readImage(bytes, { maxPixels: picture.width * picture.height, name: picture.path });
    const isSmaller = width < image.width;
    if (format === "isth" && !isSmaller) return await encoder.encode(image, streamSettings(settings));
    const raw = { width: image.width, height: image.height, channels: image.channels };
    const pipeline = sharp(image.data, { raw, limitInputPixels: false });
    if (image.channels <= 2) pipeline.toColourspace("b-w");
    if (isSmaller) pipeline.resize({ width, height: heightAt(picture, width), fit: "fill" });
    if (format !== "isth") return await pipeline.toFormat(format, settingsOf(format, settings)).toBuffer();
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    const resized = { data: plainArray(data), width: info.width, height: info.height, channels: info.channels };
    return await encoder.encode(resized as DecodedImage, streamSettings(settings));
  } catch (cause) {
    if (cause instanceof IsthmusError) throw cause;
    const message = `Expected a picture that can be written as ${format} in ${picture.path} but ${reasonOf(cause)}`;
    throw new IsthmusError("invalid-image", message, { cause });
  }
}
