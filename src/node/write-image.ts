import { extname } from "node:path";
import { expected } from "../errors.js";
import { checkImage, type Image } from "../image/image.js";
import { plainArray } from "./files.js";
import { type WriteOptions, writeBytes } from "./output-file.js";
import { loadSharp } from "./sharp.js";

const formatOfExtension = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
  ".avif": "avif",
  ".tif": "tiff",
  ".tiff": "tiff",
  ".gif": "gif",
} as const;

export type ImageFormat = (typeof formatOfExtension)[keyof typeof formatOfExtension];

/** PNG, WebP and TIFF keep every sample; JPEG and AVIF are written at high quality. */
const settings: Record<ImageFormat, object> = {
  png: {},
  jpeg: { quality: 92, chromaSubsampling: "4:4:4" },
  webp: { lossless: true, exact: true },
  avif: { quality: 80, chromaSubsampling: "4:4:4" },
  tiff: { compression: "deflate" },
  gif: {},
};

/** The settings for an image of many pixels: without the second pass of JPEG, which holds the whole picture. */
export const largeImageSettings = (format: ImageFormat): object => ({
  ...settings[format],
  ...(format === "jpeg" && { optimiseCoding: false }),
});

/** The image format that a file name asks for. Throws `invalid-parameter` for an extension that is not known. */
export function imageFormatOf(path: string): ImageFormat {
  const extension = extname(path).toLowerCase();
  if (extension in formatOfExtension) return formatOfExtension[extension as keyof typeof formatOfExtension];
  throw expected(`a name that ends in ${Object.keys(formatOfExtension).join(", ")}`, "an image to write", path);
}

/** Packs an image into the bytes of an image file. Throws `invalid-parameter` or `dependency-missing`. */
export async function packImage(image: Image, format: ImageFormat): Promise<Uint8Array> {
  const { data, width, height, channels } = checkImage(image);
  const sharp = await loadSharp();
  const pipeline = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  if (channels <= 2) pipeline.toColourspace("b-w");
  return plainArray(await pipeline.toFormat(format, settings[format]).toBuffer());
}

/**
 * Writes an image as PNG, JPEG, WebP (lossless), AVIF, TIFF or GIF, as the extension says; the file appears whole or not at all.
 * Throws `invalid-parameter`, `dependency-missing`, `output-exists` (with `overwrite: false`), `output-unwritable` or `aborted`.
 */
export async function writeImage(image: Image, path: string, options: WriteOptions = {}): Promise<void> {
  const format = imageFormatOf(path);
  await writeBytes(path, await packImage(image, format), options);
}
