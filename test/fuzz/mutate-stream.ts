import { checksumBytes, checksumBytesBehind, writeChecksum } from "../../src/codec/stream/checksum.js";
import { readStream } from "../reference/decoder/container.js";
import type { Dice } from "./dice.js";
import { mutateBytes } from "./mutate-bytes.js";

/** A stream as a list of fields that may say anything: what is wrong stays wrong, but for the checksum where it is asked for. */
export interface StreamFields {
  magic: Uint8Array;
  /** Bit 7 of the head: there is a height. */
  oblong: boolean;
  /** The number of the payload, 0 .. 3. */
  payload: number;
  /** Bits 3 and 4 of the head; the latter is also set where there are places. */
  third: boolean;
  fourth: boolean;
  grey: boolean;
  model: Uint8Array;
  width: number;
  height: number;
  quality: number;
  metadata: Uint8Array | undefined;
  alpha: Uint8Array | undefined;
  places: Uint8Array | undefined;
  body: Uint8Array;
}

const bytesOfHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

/** The fields of a good stream. */
export function fieldsOf(stream: Uint8Array): StreamFields {
  const read = readStream(stream, 2 ** 28);
  const model = bytesOfHex(read.model);
  const payload = read.payload === "plane" ? 1 : 0;
  const head = { oblong: read.width !== read.height, payload, third: read.masked || read.palette, fourth: false };
  return { ...read, ...head, magic: stream.slice(0, 2), model };
}

/** How the writer lies about its lengths and checksum. */
export interface Lies {
  /** Added to the length of sections. */
  readonly length: (length: number) => number;
  /** Continuation bytes without value behind numbers. */
  readonly padding: number;
  readonly checksum: boolean;
}

const honest: Lies = { length: (length) => length, padding: 0, checksum: true };

export function writeStream(fields: StreamFields, lies: Lies = honest): Uint8Array {
  const { magic, oblong, payload, third, fourth, grey, model, width, height, quality, metadata, alpha, body } = fields;
  const places = payload === 1 ? undefined : fields.places;
  const flags = [grey, alpha, metadata, third, fourth || places].reduce(
    (sum: number, set, i) => sum + (set ? 1 << i : 0),
    0,
  );
  const number = (value: number) => varint(value, lies.padding);
  const section = (bytes: Uint8Array | undefined) => (bytes ? [number(lies.length(bytes.length)), bytes] : []);
  const parts = Buffer.concat([
    magic,
    Uint8Array.of((oblong ? 128 : 0) | (payload << 5) | flags),
    model,
    number(width),
    ...(oblong ? [number(height)] : []),
    ...(payload === 1 ? [] : [Uint8Array.of(quality)]),
    ...section(metadata),
    ...section(alpha),
    ...section(places),
    body,
  ]);
  const stream = writeChecksum(new Uint8Array([...parts, ...new Uint8Array(checksumBytesBehind(parts.length))]));
  if (!lies.checksum) stream[stream.length - 1] ^= 1;
  return stream;
}

export function varint(value: number, padding = 0): Uint8Array {
  const digits: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    digits.push(rest % 128);
    if (rest < 128) break;
  }
  for (let i = 0; i < padding; i++) digits.push(0);
  return Uint8Array.from(digits, (digit, i) => (i < digits.length - 1 ? digit + 128 : digit));
}

type FieldMutation = (fields: StreamFields, dice: Dice, donor: StreamFields) => void;

const near = (value: number, dice: Dice): number => Math.max(0, value + dice.below(9) - 4);
const side = (value: number, dice: Dice): number =>
  dice.chance(0.5) ? near(value, dice) : dice.chance(0.7) ? dice.below(200) : dice.extreme();

const mutations: readonly FieldMutation[] = [
  function resize(fields, dice) {
    if (dice.chance(0.6)) fields.width = side(fields.width, dice);
    if (dice.chance(0.6)) fields.height = side(fields.height, dice);
    fields.oblong = dice.chance(0.95) ? fields.width !== fields.height : dice.chance(0.5);
  },
  function flags(fields, dice) {
    const flag = dice.pick(["grey", "third", "fourth"] as const);
    fields[flag] = !fields[flag];
  },
  function payload(fields, dice) {
    fields.payload = dice.chance(0.9) ? 1 - (fields.payload & 1) : dice.below(4);
  },
  function quality(fields, dice) {
    fields.quality = dice.below(256);
  },
  function metadata(fields, dice) {
    const block = () => {
      const data = dice.bytes(dice.length(40));
      return Buffer.concat([
        Uint8Array.of(dice.below(5)),
        varint(dice.chance(0.8) ? data.length : dice.extreme()),
        data,
      ]);
    };
    const blocks = Array.from({ length: dice.below(5) }, block);
    fields.metadata = dice.chance(0.2) ? undefined : new Uint8Array(Buffer.concat(blocks));
  },
  function alpha(fields, dice, donor) {
    const before = fields.alpha ?? donor.alpha ?? dice.bytes(dice.length(60));
    fields.alpha = dice.pick([
      () => undefined,
      () => Uint8Array.of(dice.pick([0, 1, 254, 255])),
      () => mutateBytes(before, dice, donor.alpha),
      () => dice.bytes(dice.length(120)),
      () => donor.alpha,
    ])();
  },
  function places(fields, dice, donor) {
    const before = fields.places ?? donor.places ?? dice.bytes(1 + dice.length(60));
    fields.places = dice.pick([
      () => undefined,
      () => Uint8Array.of(dice.below(256), dice.pick([0, 14, 16, 18, 255])),
      () => mutateBytes(before, dice, donor.places),
      () => dice.bytes(dice.length(60)),
      () => donor.places,
    ])();
  },
  function body(fields, dice, donor) {
    fields.body = dice.pick([
      () => mutateBytes(fields.body, dice, donor.body),
      () => mutateBytes(fields.body, dice, donor.body),
      () => dice.bytes(dice.length(400)),
      () => donor.body,
      () => new Uint8Array(0),
      () => Uint8Array.of(1, 0, 0),
    ])();
  },
  function strips(fields, dice) {
    // A length before the symbols, as all strips but the last have it.
    const length = dice.chance(0.5) ? dice.below(fields.body.length + 2) : dice.extreme();
    fields.body = new Uint8Array(Buffer.concat([varint(length), fields.body, dice.bytes(dice.length(60))]));
  },
  function bitmap(fields, dice) {
    fields.third = true;
    fields.body = new Uint8Array(Buffer.concat([dice.bytes(1 + dice.below(3)), fields.body]));
  },
  function tall(fields, dice) {
    // Enough rows of cells for several strips.
    fields.width = 1 + dice.below(16);
    fields.height = 120 + dice.below(2000);
    fields.oblong = true;
  },
];

const lying = (dice: Dice): Lies => ({
  checksum: dice.chance(0.9),
  padding: dice.chance(0.03) ? 1 + dice.below(6) : 0,
  length: dice.chance(0.06) ? (length) => (dice.chance(0.5) ? near(length, dice) : dice.extreme()) : (length) => length,
});

/** A stream that is wrong somewhere, most often with a checksum that is right. */
export function mutateStream(stream: StreamFields, dice: Dice, donor: StreamFields): Uint8Array {
  const fields = { ...stream };
  for (let count = 1 + dice.length(4); count > 0; count--) dice.pick(mutations)(fields, dice, donor);
  const written = writeStream(fields, lying(dice));
  return dice.chance(0.05) ? withChecksum(mutateBytes(written, dice, writeStream(donor))) : written;
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  return bytes.length < checksumBytes(bytes.length) ? bytes : writeChecksum(bytes.slice());
}
