import { concatenate } from "../../ground/bytes.js";
import { expected, IsthmusError } from "../../ground/errors.js";
import { limitOf, limits } from "../../ground/limits.js";
import { checksumBytes, checksumBytesBehind, hasRightChecksum, writeChecksum } from "./checksum.js";
import { decodeFields, encodeFields, type Field, type FieldReport, type Parts } from "./fields.js";
import { readMetadata, type StreamMetadata, writeMetadata } from "./metadata.js";
import type { PayloadForm } from "./payload.js";
import { latentsForm } from "./payloads/latents.js";
import { type PayloadParts, payloadForms } from "./payloads.js";

/** What every `.isth` stream says. Byte arrays that come from `readContainer` are views into the stream. */
interface CommonParts {
  /** The model's id: see docs/FORMAT.md, "Model file". */
  readonly modelId: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** One colour channel instead of three. */
  readonly grey: boolean;
  readonly metadata?: StreamMetadata;
  /** The alpha plane as the plane coder wrote it; absent where the image is opaque. */
  readonly alpha?: Uint8Array;
}

/** What a stream says, with its payload. */
export type ContainerParts = CommonParts & PayloadParts;

/** The first byte is no ASCII, and "i" is for Isthmus; versions 1 and 2 had "I". */
const magic = Uint8Array.of(0xc9, 0x69);
const olderLetter = 0x49;

/** Of what is written and read: docs/FORMAT.md. */
export const formatVersion = 3;

/** The head: flags in bits 0 to 4, the kind of the payload in bits 5 and 6, and bit 7, which says that the height differs from the width. */
const oblongBit = 128;
const commonFlags = ["grey", "alpha", "metadata"];
const formAt = (head: number): PayloadForm | undefined => payloadForms[(head >> 5) & 3];
const flagsOf = ({ flags }: PayloadForm): readonly string[] => [...commonFlags, ...flags];

const front: readonly Field[] = [
  { name: "magic", kind: "bytes", length: 2, check: checkMagic },
  { name: "head", kind: "byte", length: 1, check: checkHead },
  { name: "model", kind: "bytes", length: 8 },
  { name: "width", kind: "varint", check: checkWidth },
  { name: "height", kind: "varint", flag: "oblong", check: checkHeight },
];
const sections: readonly Field[] = [
  { name: "metadata", kind: "section", flag: "metadata" },
  { name: "alpha", kind: "section", flag: "alpha" },
];

/** The fields of a stream with that payload, in their order. `checksum`: how long that is. */
export const containerFields = (form: PayloadForm, checksum?: number): readonly Field[] => [
  ...front,
  ...form.head,
  ...sections,
  ...form.body,
  { name: "checksum", kind: "bytes", ...(checksum && { length: checksum }) },
];

/** What the fields mean, for the documentation: apart from them, so that no page has to load it. */
export const fieldMeanings: Readonly<Record<string, string>> = {
  magic: "`C9 69`",
  head: "see below",
  model: "the model's id, see Model file",
  width: "width in pixels, 1 .. 2^16",
  height: "height in pixels, 1 .. 2^16",
  quality: "quality level, 0 .. 255",
  metadata: "see Metadata",
  alpha: "see Planes",
  places: "see Quality in places",
  symbols: "see Strips; ends where the checksum starts",
  plane: "see Lossless pictures; ends where the checksum starts",
  checksum: "CRC of all bytes before it, lowest byte first: see below",
};

/** The byte that says what a stream holds: its payload, and the flags whose parts are there; with sides that differ, also that. */
export function headByte(parts: object & PayloadParts): number {
  const kind = payloadForms.findIndex(({ name }) => name === parts.payload);
  const flags = flagsOf(payloadForms[kind]);
  const set = (name: string): unknown => (parts as unknown as Record<string, unknown>)[name];
  const shape = set("width") === set("height") ? 0 : oblongBit;
  return flags.reduce((sum, name, i) => sum + (set(name) ? 1 << i : 0), shape + kind * 32);
}

/**
 * The bytes of a stream.
 * @throws IsthmusError `invalid-parameter` for sizes, ids and qualities that a reader would refuse.
 */
export function writeContainer(parts: ContainerParts): Uint8Array {
  checkParts(parts);
  const { metadata } = parts;
  const written = metadata && writeMetadata(metadata);
  const head = headByte(parts);
  const height = head & oblongBit ? parts.height : undefined;
  const values = { ...parts, magic, head, model: parts.modelId, height, metadata: written };
  const fields = encodeFields(containerFields(formAt(head)!), values);
  const length = fields.reduce((sum, field) => sum + field.length, 0);
  return writeChecksum(concatenate(fields, checksumBytesBehind(length)));
}

/**
 * Takes a stream apart, without copying. Everything is checked but what lies inside `alpha` and the payload.
 * @param maxPixels largest width * height to accept
 * @param note told where each field lies
 * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated`, `image-too-large` or `corrupt`
 */
export function readContainer(
  bytes: Uint8Array,
  maxPixels?: number,
  note?: (field: FieldReport) => void,
): ContainerParts {
  const { form, parts } = partsOf(bytes[magic.length]);
  const kept = checksumBytes(bytes.length);
  decodeFields(containerFields(form, kept), bytes, parts, kept, limitOf("maxPixels", maxPixels), note);
  const { magic: _, head, model: modelId, oblong, checksum, ...others } = parts;
  if (!hasRightChecksum(bytes)) {
    throw new IsthmusError("corrupt", "The stream is damaged: its checksum does not match");
  }
  if (others.metadata) others.metadata = readMetadata(others.metadata as Uint8Array);
  return { grey: false, modelId, height: others.width, ...others } as unknown as ContainerParts;
}

/** What a head says: the payload and the flags that are set. What is not known is taken for latents until `checkHead` refuses it. */
export function partsOf(head: number): { readonly form: PayloadForm; readonly parts: Parts } {
  const form = formAt(head) ?? latentsForm;
  const parts: Parts = { payload: form.name };
  if (head & oblongBit) parts.oblong = true;
  flagsOf(form).forEach((name, i) => {
    if ((head >> i) & 1) parts[name] = true;
  });
  return { form, parts };
}

/** Where each field of a stream lies and what it holds; errors as for `readContainer`. */
export function inspectContainer(bytes: Uint8Array, maxPixels?: number): FieldReport[] {
  const fields: FieldReport[] = [];
  readContainer(bytes, maxPixels, (field) => fields.push(field));
  return fields;
}

/** A head has at most so many bytes. */
export const longestHead = 18;

/** What a prefix of a stream tells; errors as for `readHead`. */
export function readHeadParts(bytes: Uint8Array, maxPixels = limits.maxSide ** 2): Parts {
  const { form, parts } = partsOf(bytes[magic.length]);
  decodeFields([...front, ...form.head], bytes, parts, 0, maxPixels);
  return { height: parts.width, ...parts };
}

function checkMagic(start: Uint8Array): void {
  if (start.every((byte, i) => byte === magic[i])) {
    if (start.length === magic.length) return;
    throw new IsthmusError("truncated", `Expected an Isthmus stream but received ${start.length} bytes`);
  }
  if (start[0] === magic[0] && start[1] === olderLetter) throw unknownVersion("an older one");
  throw new IsthmusError(
    "not-isthmus",
    looksConverted(start)
      ? "The stream was changed by a transfer as text: transfer it as binary"
      : "Expected an Isthmus stream but received something else",
  );
}

/** True where the magic went through a conversion of characters, or down to 7 bits. */
function looksConverted(start: Uint8Array): boolean {
  return /^(Ii|\xef\xbf|\xc3\x89)/.test(String.fromCharCode(...start));
}

const unknownVersion = (received: string) =>
  new IsthmusError("unsupported-version", `Expected format version ${formatVersion} but received ${received}`);

/** Throws `unsupported-version` for a head that this version gives no meaning to. */
export function checkHead(head: number): void {
  const form = formAt(head);
  if (!form || (head & 31) >> flagsOf(form).length) throw unknownVersion("a newer one");
}

function checkSide(side: number): void {
  if (side < 1) throw new IsthmusError("corrupt", "Expected at least 1 pixel for each side but received 0");
  if (side > limits.maxSide) {
    throw new IsthmusError("image-too-large", `Expected at most ${limits.maxSide} pixels a side but received ${side}`);
  }
}

function checkWidth(width: number, { oblong }: Parts, maxPixels: number): void {
  checkSide(width);
  if (!oblong) checkPixels({ width, height: width }, maxPixels);
}

function checkHeight(height: number, { width }: Parts, maxPixels: number): void {
  checkSide(height);
  if (height === width) throw new IsthmusError("corrupt", "Expected no height for a square but received one");
  checkPixels({ width: width as number, height }, maxPixels);
}

/** Throws `image-too-large` for more pixels. */
export function checkPixels({ width, height }: { width: number; height: number }, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new IsthmusError("image-too-large", `Expected at most ${maxPixels} pixels but received ${width} x ${height}`);
}

function checkParts({ modelId, width, height, ...payload }: ContainerParts): void {
  if (modelId.length !== 8) throw expected("8 bytes", "modelId", modelId.length);
  for (const [name, side] of [["width", width] as const, ["height", height] as const]) {
    if (!Number.isInteger(side) || side < 1 || side > limits.maxSide) {
      throw expected(`integer between 1 and ${limits.maxSide}`, name, side);
    }
  }
  checkQuality(payload);
}

/** Throws `invalid-parameter` unless the quality of a payload that has one is an integer 0 .. 255. */
export function checkQuality(payload: object): void {
  const { quality = 0 } = payload as { quality?: number };
  if (!Number.isInteger(quality) || quality < 0 || quality > 255) {
    throw expected("integer between 0 and 255", "quality", quality);
  }
}
