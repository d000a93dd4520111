import type { FileHandle } from "node:fs/promises";
import type { StreamMetadata } from "../codec/stream/metadata.js";

/**
 * The uncompressed files that libvips, the library under sharp, reads and writes a few rows at a time: a header of 64 bytes, then
 * samples as they lie in memory. They stand between sharp, which else hands over whole pictures only, and rows that are streamed.
 */
export const vipsExtension = ".v";

const headerBytes = 64;
const magic = 0x08f2a6b6;
/** 32-bit fields of the header by their place. */
const field = { width: 4, height: 8, bands: 12, bits: 16, format: 20, coding: 24, interpretation: 28 } as const;
/** The types of samples by their numbers. */
const sampleTypes = ["uchar", "char", "ushort", "short", "uint", "int", "float"];
const bytesOfType = [1, 1, 2, 2, 4, 4, 4];
const interpretation = { grey: 1, rgb: 22 } as const;
const bytesPerPiece = 1 << 20;

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

interface StoredShape extends Shape {
  readonly sampleBytes: number;
}

export function vipsHeader({ width, height, channels }: Shape): Uint8Array {
  const header = new DataView(new ArrayBuffer(headerBytes));
  header.setUint32(0, magic, true);
  const put = (name: keyof typeof field, value: number) => header.setUint32(field[name], value, true);
  put("width", width);
  put("height", height);
  put("bands", channels);
  put("bits", 8);
  put("interpretation", channels <= 2 ? interpretation.grey : interpretation.rgb);
  // One pixel a millimetre: zero would be refused.
  header.setFloat32(32, 1, true);
  header.setFloat32(36, 1, true);
  return new Uint8Array(header.buffer);
}

/** What stands behind the samples: blocks of metadata, as XML. */
export function vipsMetadata(metadata: StreamMetadata): Uint8Array {
  const nameOf = { icc: "icc-profile-data", exif: "exif-data", xmp: "xmp-data" } as const;
  const field = (name: string, block: Uint8Array): string =>
    `<field type="VipsBlob" name="${name}">${Buffer.from(block).toString("base64")}</field>`;
  const fields = (["icc", "exif", "xmp"] as const).flatMap((kind) => {
    const block = metadata[kind];
    if (!block) return [];
    return [field(nameOf[kind], kind === "exif" ? Buffer.concat([Buffer.from("Exif\0\0"), block]) : block)];
  });
  const root = `<root xmlns="http://www.vips.ecs.soton.ac.uk/vips/8"><header></header><meta>${fields.join("")}</meta></root>`;
  return Buffer.from(`<?xml version="1.0"?>\n${root}`);
}

/** What the header of a file says; undefined where its samples are not plain ones of the type `depth`. */
export async function readVipsHeader(file: FileHandle, depth: string): Promise<StoredShape | undefined> {
  const bytes = new Uint8Array(headerBytes);
  const { bytesRead } = await file.read(bytes, 0, headerBytes, 0);
  const header = new DataView(bytes.buffer);
  const get = (name: keyof typeof field) => header.getUint32(field[name], true);
  const isPlain = header.getUint32(0, true) === magic && get("coding") === 0;
  if (bytesRead < headerBytes || !isPlain || sampleTypes[get("format")] !== depth) return undefined;
  const sampleBytes = bytesOfType[get("format")];
  return { width: get("width"), height: get("height"), channels: get("bands"), sampleBytes };
}

/** The samples of a file as they are stored, in pieces of whole rows. */
export async function* readVipsRows(
  file: FileHandle,
  { width, height, channels, sampleBytes }: StoredShape,
): AsyncGenerator<Uint8Array> {
  const stride = width * channels * sampleBytes;
  const rows = Math.max(1, Math.floor(bytesPerPiece / stride));
  for (let first = 0; first < height; first += rows) {
    const piece = new Uint8Array(Math.min(rows, height - first) * stride);
    for (let read = 0; read < piece.length; ) {
      const at = headerBytes + first * stride + read;
      const { bytesRead } = await file.read(piece, read, piece.length - read, at);
      if (bytesRead === 0) throw new Error("A temporary file of rows ended early");
      read += bytesRead;
    }
    yield piece;
  }
}
