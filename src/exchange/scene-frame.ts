import { concatenate } from "../ground/bytes.js";
import { crc32 } from "../ground/crc.js";
import { IsthmusError } from "../ground/errors.js";
import { readVarint, varintBytes } from "../ground/varint.js";

/** The frames of a scene, and what its receiver asks for: docs/FORMAT.md, "Scenes". */

interface Heading {
  /** Number of the frame; each is greater than the one before. 0 begins a scene. */
  readonly sequence: number;
  /** Milliseconds since the scene began, modulo 2^32. */
  readonly time: number;
}

/** A whole picture. */
export interface KeyFrame extends Heading {
  readonly kind: "key";
  /** An `.isth` stream. */
  readonly stream: Uint8Array;
}

/** What has changed since another frame. */
export interface DeltaFrame extends Heading {
  readonly kind: "delta";
  /** The checksum of the frame that this one changes. */
  readonly reference: number;
  /** Quality level of the symbols. */
  readonly level: number;
  /** See `StripSection`. */
  readonly masked: boolean;
  /** Kinds of cells, as the plane coder wrote them. */
  readonly cells: Uint8Array;
  /** Strips; empty where nothing has changed. */
  readonly symbols: Uint8Array;
}

/** Pictures that take the place of parts of a lossless picture. */
export interface AreasFrame extends Heading {
  readonly kind: "areas";
  /** The checksum of the frame that this one changes. */
  readonly reference: number;
  readonly areas: readonly PictureArea[];
}

export interface PictureArea {
  /** Pixels from the left and from the top. */
  readonly left: number;
  readonly top: number;
  /** A lossless `.isth` stream. */
  readonly stream: Uint8Array;
}

export type SceneFrame = KeyFrame | DeltaFrame | AreasFrame;

const magic = [0xcb, 0x49] as const;
const version = 1;
const versionShift = 4;
const flag = { key: 1, masked: 2, request: 4, areas: 8 } as const;
const checksumBytes = 4;

/** The bytes of a frame: `checksumOf` them is what the next one refers to. */
export function writeSceneFrame(frame: SceneFrame): Uint8Array {
  const flags = frame.kind !== "delta" ? flag[frame.kind] : frame.masked ? flag.masked : 0;
  const heading = [head(flags), varintBytes(frame.sequence), varintBytes(frame.time)];
  if (frame.kind === "key") return checked([...heading, frame.stream]);
  if (frame.kind === "areas") {
    const areas = frame.areas.flatMap(({ left, top, stream }) => [
      ...[left, top, stream.length].map(varintBytes),
      stream,
    ]);
    return checked([...heading, numberBytes(frame.reference), ...areas]);
  }
  const { reference, level, cells, symbols } = frame;
  return checked([...heading, numberBytes(reference), Uint8Array.of(level), varintBytes(cells.length), cells, symbols]);
}

/**
 * Takes a frame apart. Byte arrays are views.
 * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated` or `corrupt`
 */
export function readSceneFrame(bytes: Uint8Array): SceneFrame {
  const { flags, rest } = opened(bytes, "frame of a scene");
  if (flags & flag.request) throw new IsthmusError("not-isthmus", "Expected a frame of a scene but received a request");
  const sequence = readVarint(rest, 0, "the number of a frame");
  const time = readVarint(rest, sequence.end, "the time of a frame");
  const heading = { sequence: sequence.value, time: time.value };
  if (flags & flag.key) return { kind: "key", ...heading, stream: rest.subarray(time.end) };
  const at = time.end;
  if (flags & flag.areas) return { kind: "areas", ...heading, ...readAreas(rest, at) };
  if (rest.length < at + 5) throw new IsthmusError("truncated", "Expected a reference for a frame but the data ends");
  const length = readVarint(rest, at + 5, "the length of the cells");
  const end = length.end + length.value;
  if (end > rest.length) throw new IsthmusError("truncated", `Expected ${length.value} bytes for the cells of a frame`);
  return {
    kind: "delta",
    ...heading,
    reference: numberAt(rest, at),
    level: rest[at + 4],
    masked: (flags & flag.masked) !== 0,
    cells: rest.subarray(length.end, end),
    symbols: rest.subarray(end),
  };
}

function readAreas(rest: Uint8Array, at: number): Pick<AreasFrame, "reference" | "areas"> {
  if (rest.length < at + 4) throw new IsthmusError("truncated", "Expected a reference for a frame but the data ends");
  const areas: PictureArea[] = [];
  for (let begin = at + 4; begin < rest.length; ) {
    const left = readVarint(rest, begin, "the left of an area");
    const top = readVarint(rest, left.end, "the top of an area");
    const length = readVarint(rest, top.end, "the length of an area");
    const end = length.end + length.value;
    if (end > rest.length) throw new IsthmusError("truncated", `Expected ${length.value} bytes for an area of a frame`);
    areas.push({ left: left.value, top: top.value, stream: rest.subarray(length.end, end) });
    begin = end;
  }
  return { reference: numberAt(rest, at), areas };
}

/** What a receiver that lacks the reference of a frame sends back: a request for a key frame later than that one. */
export const writeKeyRequest = (sequence: number): Uint8Array => checked([head(flag.request), varintBytes(sequence)]);

/** The number of the frame that could not be shown. Throws as `readSceneFrame`. */
export function readKeyRequest(bytes: Uint8Array): number {
  const { flags, rest } = opened(bytes, "request of a scene");
  if (flags !== flag.request)
    throw new IsthmusError("not-isthmus", "Expected a request but received a frame of a scene");
  const { value, end } = readVarint(rest, 0, "the number of a frame");
  if (end !== rest.length) throw new IsthmusError("corrupt", "Expected a request of one number but received more");
  return value;
}

/** The checksum that ends the bytes of a frame. */
export const checksumOf = (frame: Uint8Array): number => numberAt(frame, frame.length - checksumBytes);

const head = (flags: number): Uint8Array => Uint8Array.of(...magic, (version << versionShift) | flags);

function checked(pieces: readonly Uint8Array[]): Uint8Array {
  const body = concatenate(pieces);
  return concatenate([body, numberBytes(crc32(body))]);
}

/** Flags, and what lies between head and checksum. */
function opened(bytes: Uint8Array, name: string): { flags: number; rest: Uint8Array } {
  if (bytes[0] !== magic[0] || bytes[1] !== magic[1]) {
    throw new IsthmusError("not-isthmus", `Expected a ${name} but received something else`);
  }
  const begin = magic.length + 1;
  if (bytes.length < begin + checksumBytes) {
    throw new IsthmusError("truncated", `Expected a ${name} but received ${bytes.length} bytes`);
  }
  const received = bytes[magic.length] >> versionShift;
  if (received !== version) {
    throw new IsthmusError("unsupported-version", `Expected a ${name} of version ${version} but received ${received}`);
  }
  const flags = bytes[magic.length] & ((1 << versionShift) - 1);
  const end = bytes.length - checksumBytes;
  if (crc32(bytes.subarray(0, end)) !== numberAt(bytes, end)) {
    throw new IsthmusError("corrupt", `The ${name} is damaged: its checksum does not match`);
  }
  // At most one of them.
  if (flags & (flags - 1)) throw new IsthmusError("corrupt", `The ${name} has flags that do not go together`);
  return { flags, rest: bytes.subarray(begin, end) };
}

function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

const numberAt = (bytes: Uint8Array, offset: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
