import { type Bytes, bytesIn } from "../../ground/byte-source.js";
import { concatenate } from "../../ground/bytes.js";
import { expected, IsthmusError } from "../../ground/errors.js";
import { limits } from "../../ground/limits.js";
import { anything, checkOptions } from "../../ground/option-table.js";
import { readVarint, varintBytes } from "../../ground/varint.js";

/** Blocks that travel beside the pixels, byte for byte as image files carry them. */
export interface StreamMetadata {
  /** ICC colour profile. */
  readonly icc?: Uint8Array;
  /** EXIF block, from its TIFF header on. */
  readonly exif?: Uint8Array;
  /** XMP packet, UTF-8. */
  readonly xmp?: Uint8Array;
}

/** The kinds of entries, numbered from 1 on, in the order of the stream. */
const kinds = ["icc", "exif", "xmp"] as const;

/** Blocks as a caller hands them in. */
export type MetadataBlocks = { readonly [Kind in keyof StreamMetadata]?: Bytes | undefined };

/**
 * Copies of the blocks that are there; undefined where there is none.
 * @throws IsthmusError `invalid-parameter` for unknown kinds, and for what is not bytes
 */
export function checkMetadata(blocks: MetadataBlocks): StreamMetadata | undefined {
  checkOptions(blocks, { icc: anything, exif: anything, xmp: anything }, "metadata");
  const there = kinds.filter((kind) => blocks[kind] !== undefined);
  if (there.length === 0) return undefined;
  return Object.fromEntries(there.map((kind) => [kind, bytesIn(blocks[kind]!, `metadata.${kind}`).slice()]));
}

/**
 * The metadata section: for each block its number, its length as a varint, its bytes.
 * @throws IsthmusError `invalid-parameter` where there is no block, an empty one, or more than the limit in all.
 */
export function writeMetadata(metadata: StreamMetadata): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const [i, kind] of kinds.entries()) {
    const block = metadata[kind];
    if (!block) continue;
    if (block.length === 0) throw expected("at least 1 byte", `metadata.${kind}`, 0);
    pieces.push(Uint8Array.of(i + 1), varintBytes(block.length), block);
  }
  if (pieces.length === 0) throw expected("at least one block", "metadata", 0);
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (size > limits.maxMetadataBytes) throw expected(`at most ${limits.maxMetadataBytes} bytes`, "metadata", size);
  return concatenate(pieces);
}

/**
 * The blocks of a metadata section, as views.
 * @throws IsthmusError `corrupt` or `truncated` for an empty section or block, an unknown kind, a wrong order, or bytes left over.
 */
export function readMetadata(section: Uint8Array): StreamMetadata {
  const damaged = () => new IsthmusError("corrupt", "The stream's metadata contradicts itself");
  if (section.length === 0) throw damaged();
  if (section.length > limits.maxMetadataBytes) {
    throw new IsthmusError("corrupt", `Expected at most ${limits.maxMetadataBytes} bytes for metadata`);
  }
  const metadata: { -readonly [Kind in keyof StreamMetadata]: StreamMetadata[Kind] } = {};
  let previous = 0;
  for (let offset = 0; offset < section.length; ) {
    const number = section[offset];
    if (number <= previous || number > kinds.length) throw damaged();
    previous = number;
    const { value: length, end } = readVarint(section, offset + 1, "the length of a metadata block");
    if (length === 0 || length > section.length - end) throw damaged();
    metadata[kinds[number - 1]] = section.subarray(end, end + length);
    offset = end + length;
  }
  return metadata;
}
