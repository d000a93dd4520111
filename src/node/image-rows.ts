import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { StreamMetadata } from "../codec/stream/metadata.js";
import type { Bytes } from "../ground/byte-source.js";
import { throwIfAborted } from "../ground/errors.js";
import { checkOptions } from "../ground/option-table.js";
import type { DecodedRows } from "../image/image.js";
import { checkShape } from "../image/image.js";
import { isWriteFailure, unwritable } from "./files.js";
import { checkFormat, imageFormatOf, largeImageSettings } from "./image-formats.js";
import { writeFile } from "./output-file.js";
import { type ReadImageOptions, readImage, sharpPipeline } from "./read-image.js";
import { loadSharp } from "./sharp.js";
import { removeFolder, temporaryFolder, withTemporaryFolder } from "./temporary-folder.js";
import { readVipsHeader, readVipsRows, vipsExtension, vipsHeader, vipsMetadata } from "./vips-file.js";
import type { WriteImageOptions } from "./write-image.js";
import { writeImageKinds } from "./write-image.js";

/** Images of more pixels than this are better streamed: through memory smaller ones are faster. */
const mostPixelsInMemory = 1 << 24;

export const isLarge = ({ width, height }: { width: number; height: number }): boolean =>
  width * height > mostPixelsInMemory;

/** An image file that is being read row by row. */
export interface OpenedImage extends DecodedRows {
  /** Removes what was made for reading. Call it in any case. */
  close(): Promise<void>;
}

/**
 * Opens an image file for `codec.encodeRows`: the pixels are those of `readImage`, but go through a temporary file instead of memory (images
 * with alpha are read whole). Throws as `readImage`, or `output-unwritable` where the temporary file cannot be written.
 */
export async function openImageRows(
  source: string | Bytes,
  options: Omit<ReadImageOptions, "cropToPixels"> = {},
): Promise<OpenedImage> {
  const pipeline = await sharpPipeline(source, options);
  if (!pipeline.hasAlpha) {
    const folder = await temporaryFolder();
    try {
      const path = join(folder, `rows${vipsExtension}`);
      await pipeline
        .run((image) => image.toFile(path))
        .catch((error) => {
          throw isWriteFailure(error.cause) ? unwritable(path, error.cause) : error;
        });
      throwIfAborted(options.signal);
      const file = await open(path);
      const close = async () => {
        await file.close();
        await removeFolder(folder);
      };
      const shape = await readVipsHeader(file, pipeline.depth);
      if (shape && (shape.channels === 1 || shape.channels === 3)) {
        const { width, height, channels } = shape;
        const rows = converted(readVipsRows(file, shape), (piece) => pipeline.toBytes(piece, channels));
        return { width, height, channels, rows, close };
      }
      await close();
    } catch (error) {
      await removeFolder(folder);
      throw error;
    }
  }
  const { data, ...shape } = await readImage(source, options);
  return { ...shape, rows: onePiece(data), close: async () => {} };
}

/**
 * Writes the rows of `codec.decodeRows` as an image file, as `writeImage` does, but through a temporary file instead of memory. AVIF, GIF and
 * WebP files are packed in memory all the same. Throws as `writeImage`, and what the rows throw.
 */
export async function writeImageRows(image: DecodedRows, path: string, given: WriteImageOptions = {}): Promise<void> {
  const { metadata, ...options } = checkOptions(given, writeImageKinds, "writeImageRows");
  const format = imageFormatOf(path);
  checkFormat(format, checkShape(image, Number.POSITIVE_INFINITY));
  const sharp = await loadSharp();
  await withTemporaryFolder(async (folder) => {
    const rows = join(folder, `${randomBytes(4).toString("hex")}${vipsExtension}`);
    await writeRows(image, rows, metadata, options.signal);
    await writeFile(path, options, async (target) => {
      const pipeline = sharp(rows, { limitInputPixels: false });
      if (metadata) pipeline.keepMetadata();
      if (image.channels <= 2) pipeline.toColourspace("b-w");
      await pipeline.toFormat(format, largeImageSettings(format)).toFile(target);
    });
  });
}

async function writeRows(
  image: DecodedRows,
  path: string,
  metadata: StreamMetadata | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(path, "wx");
  const write = (bytes: Uint8Array) =>
    file.writeFile(bytes).catch((cause) => {
      throw unwritable(path, cause);
    });
  try {
    await write(vipsHeader(image));
    for await (const piece of image.rows) {
      throwIfAborted(signal);
      await write(piece);
    }
    if (metadata) await write(vipsMetadata(metadata));
  } finally {
    await file.close();
  }
}

async function* converted(
  pieces: AsyncIterable<Uint8Array>,
  convert: (piece: Uint8Array) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield convert(piece);
}

async function* onePiece(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data;
}
