import type { Metadata } from "sharp";
import type { StreamMetadata } from "../codec/stream/metadata.js";
import type { Bytes } from "../ground/byte-source.js";
import { anything, aSignal, aText, checkOptions } from "../ground/option-table.js";
import { readSource } from "./read-bytes.js";
import { readMetadata } from "./read-image.js";
import { keepsProfile } from "./sample-route.js";

/** Blocks of metadata by their names in a stream. */
export type MetadataKind = keyof StreamMetadata;
export const metadataKinds: readonly MetadataKind[] = ["icc", "exif", "xmp"];

/**
 * The blocks of an image file that a stream can carry, for `codec.encode(image, { metadata })`; undefined where there are none. EXIF says that the image is
 * upright, as `readImage` makes it. The ICC profile (left out where it is one of inks) fits the samples that `readImage` gives with
 * `keepProfile: true`, not those of sRGB. Throws as `readImage`.
 */
export async function readImageMetadata(
  source: string | Bytes,
  options: { readonly kinds?: readonly MetadataKind[]; readonly name?: string; readonly signal?: AbortSignal } = {},
): Promise<StreamMetadata | undefined> {
  checkOptions(options, { kinds: anything, name: aText, signal: aSignal }, "readImageMetadata");
  const bytes = await readSource(source, options.signal);
  const name = options.name ?? (typeof source === "string" ? source : "the given bytes");
  const blocks = blocksOf(bytes, await readMetadata(bytes, name));
  const kinds = (options.kinds ?? metadataKinds).filter((kind) => blocks[kind]);
  return kinds.length === 0 ? undefined : Object.fromEntries(kinds.map((kind) => [kind, blocks[kind]]));
}

function blocksOf(bytes: Uint8Array, metadata: Metadata): StreamMetadata {
  const { icc, exif, xmp } = metadata;
  const plain = (block: Buffer | undefined): Uint8Array | undefined =>
    block && block.length > 0 ? Uint8Array.from(block) : undefined;
  const blocks = { icc: keepsProfile(bytes, metadata) ? plain(icc) : undefined, exif: plain(exif), xmp: plain(xmp) };
  return { ...blocks, ...(blocks.exif && { exif: upright(blocks.exif) }) } as StreamMetadata;
}

const exifMark = "Exif\0\0";
const orientationTag = 0x112;
const entryBytes = 12;

/** An EXIF block from its TIFF header on, whose orientation (the number of a short) is 1. */
function upright(block: Uint8Array): Uint8Array {
  const isMarked = String.fromCharCode(...block.subarray(0, exifMark.length)) === exifMark;
  const exif = isMarked ? block.slice(exifMark.length) : block;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  if (exif.length < 8) return exif;
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return exif;
  const entries = view.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < entries && at + entryBytes <= exif.length; i++, at += entryBytes) {
    if (view.getUint16(at, little) === orientationTag) view.setUint16(at + 8, 1, little);
  }
  return exif;
}
