import { concatenate } from "../../ground/bytes.js";
import { crc32 } from "../../ground/crc32.js";
import { expected, IsthmusError } from "../../ground/errors.js";
import { limitOf, limits } from "../../ground/limits.js";
import { readMetadata, type StreamMetadata, writeMetadata } from "./metadata.js";
import { readVarint, varintBytes } from "./varint.js";

/** What a `.isth` stream says. Byte arrays that come from `readContainer` are views into the stream. */
export interface ContainerParts {
  /** The model's id: see docs/FORMAT.md, "Model file". */
  readonly modelId: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** One colour channel instead of three. */
  readonly grey: boolean;
  /** Quality level, an integer 0 .. 255; 255 where the picture is lossless. */
  readonly quality: number;
  readonly metadata?: StreamMetadata;
  /** The alpha plane as the plane coder wrote it; absent where the image is opaque. */
  readonly alpha?: Uint8Array;
  /** Where quality differs from place to place: see docs/FORMAT.md, "Quality in places". */
  readonly places?: Uint8Array;
  /** True where each strip names the channels that it codes, or where the plane has a palette. Default false. */
  readonly masked?: boolean;
  /** The strips of latent symbols as the entropy coder wrote them, seals included; empty where the picture is lossless. */
  readonly symbols: Uint8Array;
  /** The samples as the plane coder wrote them, behind a palette where there is one, in the place of the symbols: a lossless picture. */
  readonly plane?: Uint8Array;
}

/** The first byte is no ASCII, CR LF breaks when line endings are converted, and "I" is for Isthmus. */
const magic = Uint8Array.of(0xc9, 0x49, 0x0d, 0x0a);
/** The version stands in bits 5 and 7 of the head; all other bits are flags. */
const version = 0x20;
const versionBits = 0xa0;
const flag = { grey: 1, alpha: 2, metadata: 4, masked: 8, lossless: 16, places: 64 } as const;
/** What readers of a lossless picture are told of its quality. */
const losslessLevel = 255;
const checksumBytes = 4;

type Kind = "bytes" | "byte" | "varint" | "section" | "rest";
type Value = number | Uint8Array;
/** The fields of a stream by name, in their order. */
type Fields = Map<string, FieldReport>;

/** One field of the stream. Writer, reader, `inspectContainer` and, with `fieldMeanings`, the table of docs/FORMAT.md all follow the list of them. */
export interface Field {
  readonly name: string;
  readonly kind: Kind;
  /** Number of bytes of kind `bytes`. */
  readonly length?: number;
  /** The flag that says whether the field is there; always there without it. */
  readonly flag?: keyof typeof flag;
  /** The flag that says that it is not there. */
  readonly unless?: keyof typeof flag;
  /** Called as soon as the field is read, before anything behind it. */
  readonly check?: (value: never, before: Fields, maxPixels: number) => void;
}

export const containerFields: readonly Field[] = [
  { name: "magic", kind: "bytes", length: 4, check: checkMagic },
  { name: "head", kind: "byte", check: checkHead },
  { name: "model", kind: "bytes", length: 8 },
  { name: "width", kind: "varint", check: checkSide },
  { name: "height", kind: "varint", check: checkSize },
  { name: "quality", kind: "byte", unless: "lossless" },
  { name: "metadata", kind: "section", flag: "metadata" },
  { name: "alpha", kind: "section", flag: "alpha" },
  { name: "places", kind: "section", flag: "places" },
  { name: "symbols", kind: "rest", unless: "lossless" },
  { name: "plane", kind: "rest", flag: "lossless" },
  { name: "checksum", kind: "bytes", length: checksumBytes },
];

/** What the fields mean, for the documentation: apart from them, so that no page has to load it. */
export const fieldMeanings: Readonly<Record<string, string>> = {
  magic: "`C9 49 0D 0A`",
  head: "version in bits 5 and 7: 1 and 0. Flags in the others: 1 grey, 2 alpha, 4 metadata, 8 masked (of a lossless picture: with a palette), 16 lossless, 64 places",
  model: "the model's id, see Model file",
  width: "width in pixels, 1 .. 2^16",
  height: "height in pixels, 1 .. 2^16",
  quality: "quality level, 0 .. 255",
  metadata: "see Metadata",
  alpha: "see Planes",
  places: "see Quality in places",
  symbols: "see Strips; ends where the checksum starts",
  plane: "see Planes; ends where the checksum starts",
  checksum: "CRC-32 of all bytes before it, lowest byte first",
};

/**
 * The bytes of a stream.
 * @throws IsthmusError `invalid-parameter` for parts that a reader would refuse.
 */
export function writeContainer(parts: ContainerParts): Uint8Array {
  checkParts(parts);
  const set = (["grey", "alpha", "metadata", "masked", "places"] as const).filter((name) => parts[name]);
  const flags = set.reduce((sum, name) => sum | flag[name], parts.plane ? flag.lossless : 0);
  const values = new Map<string, Value>([
    ["magic", magic],
    ["head", version | flags],
    ["model", parts.modelId],
    ["width", parts.width],
    ["height", parts.height],
  ]);
  if (parts.plane) values.set("plane", parts.plane);
  else values.set("quality", parts.quality).set("symbols", parts.symbols);
  if (parts.metadata) values.set("metadata", writeMetadata(parts.metadata));
  if (parts.alpha) values.set("alpha", parts.alpha);
  if (parts.places) values.set("places", parts.places);

  const pieces: Uint8Array[] = [];
  for (const { name, kind } of containerFields) {
    const value = values.get(name);
    if (value !== undefined) pieces.push(...encodeField(kind, value));
  }
  const stream = concatenate(pieces, checksumBytes);
  const body = stream.subarray(0, -checksumBytes);
  new DataView(stream.buffer).setUint32(body.length, crc32(body), true);
  return stream;
}

/**
 * Takes a stream apart, without copying. Everything is checked but what lies inside `alpha`, `symbols` and `plane`.
 * @param maxPixels largest width * height to accept
 * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated`, `image-too-large` or `corrupt`
 */
export function readContainer(bytes: Uint8Array, maxPixels?: number): ContainerParts {
  return containerOf(readFields(bytes, maxPixels));
}

/** True where the head of a stream has that flag. */
export const hasFlag = (fields: Fields, name: keyof typeof flag): boolean =>
  ((fields.get("head")?.value as number) & flag[name]) !== 0;

/** What the fields of a stream say. */
export function containerOf(fields: Fields): ContainerParts {
  const part = <Type extends Value | undefined>(name: string) => fields.get(name)?.value as Type;
  const flags = part<number>("head");
  const metadata = part<Uint8Array | undefined>("metadata");
  const alpha = part<Uint8Array | undefined>("alpha");
  const places = part<Uint8Array | undefined>("places");
  const plane = part<Uint8Array | undefined>("plane");
  return {
    modelId: part<Uint8Array>("model"),
    width: part<number>("width"),
    height: part<number>("height"),
    grey: (flags & flag.grey) !== 0,
    quality: part<number | undefined>("quality") ?? losslessLevel,
    ...((flags & flag.masked) !== 0 && { masked: true }),
    ...(metadata && { metadata: readMetadata(metadata) }),
    ...(alpha && { alpha }),
    ...(places && { places }),
    symbols: part<Uint8Array | undefined>("symbols") ?? new Uint8Array(0),
    ...(plane && { plane }),
  };
}

/** A field as it lies in a stream: `offset` and `length` in bytes, a section's own length included. */
export interface FieldReport {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly value: Value;
}

/** Where each field of a stream lies and what it holds; errors as for `readContainer`. */
export function inspectContainer(bytes: Uint8Array, maxPixels?: number): FieldReport[] {
  return [...readFields(bytes, maxPixels).values()];
}

/** The fields of a stream; errors as for `readContainer`. */
export function readFields(bytes: Uint8Array, asked?: number): Fields {
  const fields = fieldsThrough(undefined, bytes, limitOf("maxPixels", asked));
  const checksum = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - checksumBytes).getUint32(0, true);
  if (crc32(bytes.subarray(0, -checksumBytes)) !== checksum) {
    throw new IsthmusError("corrupt", "The stream is damaged: its checksum does not match");
  }
  return fields;
}

/** The fields from the first to the one of that name, or to the last one; what lies behind them is not looked at. */
export function fieldsThrough(last: string | undefined, bytes: Uint8Array, maxPixels: number): Fields {
  const fields: Fields = new Map();
  let offset = 0;
  let flags = 0;
  for (const field of containerFields) {
    if (!(field.flag && (flags & flag[field.flag]) === 0) && !(field.unless && (flags & flag[field.unless]) !== 0)) {
      const { value, end } = decodeField(field, bytes, offset);
      field.check?.(value as never, fields, maxPixels);
      fields.set(field.name, { name: field.name, offset, length: end - offset, value });
      offset = end;
      if (field.name === "head") flags = value as number;
    }
    if (field.name === last) break;
  }
  return fields;
}

function encodeField(kind: Kind, value: Value): Uint8Array[] {
  if (kind === "byte") return [Uint8Array.of(value as number)];
  if (kind === "varint") return [varintBytes(value as number)];
  const bytes = value as Uint8Array;
  return kind === "section" ? [varintBytes(bytes.length), bytes] : [bytes];
}

function decodeField(field: Field, bytes: Uint8Array, offset: number): { value: Value; end: number } {
  const take = (start: number, length: number) => {
    // The magic may be compared with less than four bytes, so that a foreign file is not called a cut one.
    if (length > bytes.length - start && field.name !== "magic") {
      throw new IsthmusError(
        "truncated",
        `Expected ${length} bytes for ${field.name} but received ${bytes.length - start}`,
      );
    }
    return { value: bytes.subarray(start, start + length), end: start + length };
  };
  switch (field.kind) {
    case "bytes":
      return take(offset, field.length!);
    case "byte":
      return { value: take(offset, 1).value[0], end: offset + 1 };
    case "varint":
      return readVarint(bytes, offset, field.name);
    case "section": {
      const { value: length, end } = readVarint(bytes, offset, `the length of ${field.name}`);
      return take(end, length);
    }
    case "rest":
      return take(offset, Math.max(bytes.length - checksumBytes - offset, 0));
  }
}

function checkMagic(start: Uint8Array): void {
  if (start.every((byte, i) => byte === magic[i])) {
    if (start.length === magic.length) return;
    throw new IsthmusError("truncated", `Expected an Isthmus stream but received ${start.length} bytes`);
  }
  throw new IsthmusError(
    "not-isthmus",
    looksConverted(start)
      ? "The stream was changed by a transfer as text: transfer it as binary"
      : "Expected an Isthmus stream but received something else",
  );
}

/** True where the magic went through a conversion of line endings, of characters, or down to 7 bits. */
function looksConverted(start: Uint8Array): boolean {
  return /^(\xc9I[\r\n]|II\r?\n|\xef\xbf\xbd|\xc3\x89)/.test(String.fromCharCode(...start));
}

function checkHead(head: number): void {
  if ((head & versionBits) !== version) {
    throw new IsthmusError("unsupported-version", `Expected format version 1 but received ${head >> 5}`);
  }
  // In a lossless stream the flag of masks is that of a palette.
  if (head & flag.lossless && (head & flag.places || (head & flag.masked && head & flag.grey))) {
    throw new IsthmusError(
      "corrupt",
      "Expected neither places nor a palette of greys in a lossless stream but received one",
    );
  }
}

function checkSide(side: number): void {
  if (side < 1) throw new IsthmusError("corrupt", "Expected at least 1 pixel for each side but received 0");
  if (side > limits.maxSide) {
    throw new IsthmusError("image-too-large", `Expected at most ${limits.maxSide} pixels a side but received ${side}`);
  }
}

function checkSize(height: number, before: Fields, maxPixels: number): void {
  checkSide(height);
  checkPixels({ width: before.get("width")?.value as number, height }, maxPixels);
}

/** Throws `image-too-large` for more pixels. */
export function checkPixels({ width, height }: { width: number; height: number }, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new IsthmusError("image-too-large", `Expected at most ${maxPixels} pixels but received ${width} x ${height}`);
}

function checkParts({ modelId, width, height, grey, quality, masked, places, plane }: ContainerParts): void {
  if (plane && (places || (masked && grey)))
    throw expected("neither places nor greys with a palette beside a plane", "parts", "one");
  if (modelId.length !== 8) throw expected("8 bytes", "modelId", modelId.length);
  for (const [name, side] of [["width", width] as const, ["height", height] as const]) {
    if (!Number.isInteger(side) || side < 1 || side > limits.maxSide) {
      throw expected(`integer between 1 and ${limits.maxSide}`, name, side);
    }
  }
  checkQualityLevel(quality);
}

/** Throws `invalid-parameter` unless the level is an integer 0 .. 255. */
export function checkQualityLevel(quality: number): void {
  if (!Number.isInteger(quality) || quality < 0 || quality > 255) {
    throw expected("integer between 0 and 255", "quality", quality);
  }
}
