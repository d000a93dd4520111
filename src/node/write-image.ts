import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sharp } from "sharp";
import type { StreamMetadata } from "../codec/stream/metadata.js";
import { expected } from "../ground/errors.js";
import { aBoolean, aFunction, anObject, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";
import { checkImage, type DecodedImage, type Image } from "../image/image.js";
import { plainArray, unwritable } from "./files.js";
import { checkFormat, formatTraits, type ImageFormat, imageFormatOf } from "./image-formats.js";
import { type WriteOptions, writeBytes } from "./output-file.js";
import { loadSharp } from "./sharp.js";
import { withTemporaryFolder } from "./temporary-folder.js";
import { vipsExtension, vipsHeader, vipsMetadata } from "./vips-file.js";

export interface ImageFileOptions {
  /** Blocks to write beside the pixels: those that the format holds. TIFF holds no EXIF, GIF none at all. */
  readonly metadata?: StreamMetadata | undefined;
}

export type WriteImageOptions = WriteOptions & ImageFileOptions;

const packKinds: OptionTable<ImageFileOptions> = { metadata: anObject };
export const writeImageKinds: OptionTable<WriteImageOptions> = {
  ...packKinds,
  overwrite: aBoolean,
  onInPlace: aFunction,
  signal: aSignal,
};

/**
 * Packs an image into the bytes of an image file. Throws `invalid-parameter` (also for alpha in a JPEG), `image-too-large` where the format holds no such
 * sides, or `dependency-missing`.
 */
export async function packImage(
  image: Image,
  format: ImageFormat,
  options: ImageFileOptions = {},
): Promise<Uint8Array> {
  const { metadata } = checkOptions(options, packKinds, "packImage");
  if (!Object.hasOwn(formatTraits, format)) {
    throw expected(`one of ${Object.keys(formatTraits).join(", ")}`, "format", format);
  }
  const checked = checkImage(image, Number.POSITIVE_INFINITY);
  checkFormat(format, checked);
  if (metadata) return packWithMetadata(checked, format, metadata);
  const { data, width, height, channels } = checked;
  const sharp = await loadSharp();
  return pack(sharp(data, { raw: { width, height, channels }, limitInputPixels: false }), checked, format);
}

async function pack(pipeline: Sharp, { channels }: DecodedImage, format: ImageFormat): Promise<Uint8Array> {
  if (channels <= 2) pipeline.toColourspace("b-w");
  return plainArray(await pipeline.toFormat(format, formatTraits[format].settings).toBuffer());
}

/** sharp takes metadata from files only. */
const packWithMetadata = (image: DecodedImage, format: ImageFormat, metadata: StreamMetadata): Promise<Uint8Array> =>
  withTemporaryFolder(async (folder) => {
    const sharp = await loadSharp();
    const path = join(folder, `image${vipsExtension}`);
    await writeFile(path, [vipsHeader(image), image.data, vipsMetadata(metadata)]).catch((cause) => {
      throw unwritable(path, cause);
    });
    return pack(sharp(path, { limitInputPixels: false }).keepMetadata(), image, format);
  });

/**
 * Writes an image as PNG, JPEG, WebP (lossless), AVIF, TIFF or GIF, as the extension says; the file appears whole or not at all. Throws as
 * `packImage`, `output-exists` (with `overwrite: false`), `output-unwritable` or `aborted`.
 */
export async function writeImage(image: Image, path: string, options: WriteImageOptions = {}): Promise<void> {
  const { metadata, ...writing } = checkOptions(options, writeImageKinds, "writeImage");
  const format = imageFormatOf(path);
  await writeBytes(path, await packImage(image, format, { metadata }), writing);
}
