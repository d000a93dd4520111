/** Image files made byte by byte, for what sharp does not write. */
import { deflateSync } from "node:zlib";
import { crc32 } from "../../src/ground/crc.js";

type Samples =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

const grey = 1;
const rgb = 2;

/** A TIFF of one strip. The last `extra` of its channels are declared to be alpha. */
export function tiff(picture: {
  readonly width: number;
  readonly height?: number;
  readonly channels: number;
  readonly samples: Samples;
  readonly photometric?: number;
  readonly extra?: number;
  readonly icc?: Uint8Array;
}): Buffer {
  const { width, height = 1, channels, samples, extra = 0, icc } = picture;
  const photometric = picture.photometric ?? (channels - extra === 1 ? grey : rgb);
  const format =
    samples instanceof Float32Array || samples instanceof Float64Array
      ? 3
      : /^Int/.test(samples.constructor.name)
        ? 2
        : 1;
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const each = <Value>(value: Value) => Array<Value>(channels).fill(value);
  const [bytes, short, long] = [7, 3, 4];
  const tags: [tag: number, type: number, values: readonly number[]][] = [
    [256, long, [width]],
    [257, long, [height]],
    [258, short, each(8 * samples.BYTES_PER_ELEMENT)],
    [259, short, [1]],
    [262, short, [photometric]],
    [273, long, [8]],
    [277, short, [channels]],
    [278, long, [height]],
    [279, long, [data.length]],
    ...(extra > 0 ? [[338, short, Array(extra).fill(2)] as [number, number, number[]]] : []),
    [339, short, each(format)],
    ...(icc ? [[34675, bytes, [...icc]] as [number, number, number[]]] : []),
  ];
  const directoryAt = 8 + data.length + (data.length % 2);
  const directory = Buffer.alloc(2 + 12 * tags.length + 4);
  directory.writeUInt16LE(tags.length);
  const rest: Buffer[] = [];
  let restAt = directoryAt + directory.length;
  for (const [i, [tag, type, values]] of tags.entries()) {
    const entry = 2 + 12 * i;
    directory.writeUInt16LE(tag, entry);
    directory.writeUInt16LE(type, entry + 2);
    directory.writeUInt32LE(values.length, entry + 4);
    const size = type === bytes ? 1 : type === short ? 2 : 4;
    const written = Buffer.alloc(Math.max(4, size * values.length + ((size * values.length) % 2)));
    for (const [k, value] of values.entries()) written.writeUIntLE(value, size * k, size);
    if (written.length === 4) {
      written.copy(directory, entry + 8);
      continue;
    }
    directory.writeUInt32LE(restAt, entry + 8);
    rest.push(written);
    restAt += written.length;
  }
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(directoryAt, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2), directory, ...rest]);
}

const chunk = (kind: string, body: Uint8Array): Buffer => {
  const counted = Buffer.concat([Buffer.from(kind, "latin1"), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(counted));
  return Buffer.concat([length, counted, check]);
};

const bigEndian = (bytes: 2 | 4, values: readonly number[]): Buffer => {
  const buffer = Buffer.alloc(bytes * values.length);
  for (const [i, value] of values.entries()) {
    if (bytes === 2) buffer.writeUInt16BE(value, 2 * i);
    else buffer.writeInt32BE(value, 4 * i);
  }
  return buffer;
};

/** An EXIF block of two entries. */
function exifBlock(orientation: number, copyright: string): Buffer {
  const [entries, textAt] = [2, 8 + 2 + 2 * 12 + 4];
  const block = Buffer.alloc(textAt + copyright.length + 1);
  block.write("II*\0\x08\0\0\0", "latin1");
  block.writeUInt16LE(entries, 8);
  for (const [i, [tag, type, count, value]] of [
    [0x112, 3, 1, orientation],
    [0x8298, 2, copyright.length + 1, textAt],
  ].entries()) {
    const at = 10 + 12 * i;
    block.writeUInt16LE(tag, at);
    block.writeUInt16LE(type, at + 2);
    block.writeUInt32LE(count, at + 4);
    block.writeUInt32LE(value, at + 8);
  }
  block.write(copyright, textAt, "latin1");
  return block;
}

/** Chunks of a PNG beside its pixels. */
export const pngChunk = {
  exif: (orientation: number, copyright: string) => chunk("eXIf", exifBlock(orientation, copyright)),
  icc: (profile: Uint8Array) => chunk("iCCP", Buffer.concat([Buffer.from("x\0\0", "latin1"), deflateSync(profile)])),
  gamma: (gamma: number) => chunk("gAMA", bigEndian(4, [Math.round(gamma * 1e5)])),
  chromaticities: (xy: readonly number[]) =>
    chunk(
      "cHRM",
      bigEndian(
        4,
        xy.map((value) => Math.round(value * 1e5)),
      ),
    ),
  sRgb: () => chunk("sRGB", Buffer.of(0)),
  codes: (primaries: number, transfer: number) => chunk("cICP", Buffer.of(primaries, transfer, 0, 1)),
};

/** A PNG with chunks after its head. */
export function withChunks(png: Uint8Array, ...chunks: Uint8Array[]): Buffer {
  const headEnd = 33;
  return Buffer.concat([png.subarray(0, headEnd), ...chunks, png.subarray(headEnd)]);
}

/** An ICC profile of curves that are powers, or of any tags. */
export function iccProfile(kind: "RGB " | "GRAY", tags: Record<string, Buffer>, name = "Made by hand"): Buffer {
  const text = Buffer.alloc(12 + name.length + 1 + 78);
  text.write("desc", "latin1");
  text.writeUInt32BE(name.length + 1, 8);
  text.write(name, 12, "latin1");
  const white = xyzTag(0.9642, 1, 0.8249);
  const all = Object.entries({ desc: text, wtpt: white, cprt: Buffer.from("text\0\0\0\0none\0", "latin1"), ...tags });
  const head = Buffer.alloc(128);
  head.writeUInt32BE(0x02400000, 8);
  head.write(`mntr${kind}XYZ `, 12, "latin1");
  head.write("acsp", 36, "latin1");
  bigEndian(4, [0xf6d6, 0x10000, 0xd32d]).copy(head, 68);
  const table = Buffer.alloc(4 + 12 * all.length);
  table.writeUInt32BE(all.length);
  const bodies: Buffer[] = [];
  let at = head.length + table.length;
  for (const [i, [tag, body]] of all.entries()) {
    table.write(tag, 4 + 12 * i, "latin1");
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(body.length, 12 + 12 * i);
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    bodies.push(padded);
    at += padded.length;
  }
  head.writeUInt32BE(at);
  return Buffer.concat([head, table, ...bodies]);
}

const fixed = (value: number): number => Math.round(value * 65536);
const xyzTag = (...xyz: number[]): Buffer => Buffer.concat([Buffer.from("XYZ \0\0\0\0"), bigEndian(4, xyz.map(fixed))]);
export const powerCurve = (exponent: number): Buffer =>
  Buffer.concat([Buffer.from("curv\0\0\0\0"), bigEndian(4, [1]), bigEndian(2, [Math.round(exponent * 256)])]);
export const sampledCurve = (samples: readonly number[]): Buffer =>
  Buffer.concat([
    Buffer.from("curv\0\0\0\0"),
    bigEndian(4, [samples.length]),
    bigEndian(
      2,
      samples.map((sample) => Math.round(sample * 65535)),
    ),
  ]);
export const parametricCurve = (kind: number, parameters: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from("para\0\0\0\0"), bigEndian(2, [kind, 0]), bigEndian(4, parameters.map(fixed))]);

const rgbProfile = (curve: Buffer, name: string, red: number[], green: number[], blue: number[]): Buffer =>
  iccProfile(
    "RGB ",
    { rTRC: curve, gTRC: curve, bTRC: curve, rXYZ: xyzTag(...red), gXYZ: xyzTag(...green), bXYZ: xyzTag(...blue) },
    name,
  );

const p3 = [
  [0.51512, 0.2412, -0.00105],
  [0.29198, 0.69225, 0.04189],
  [0.1571, 0.06657, 0.78407],
];
/** Display P3 with a plain power of 2.2. */
export const p3Profile = rgbProfile(powerCurve(2.2), "Display P3", p3[0], p3[1], p3[2]);
/** Display P3 with the curve of sRGB, as Apple's. */
export const appleP3Profile = rgbProfile(
  parametricCurve(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]),
  "Display P3",
  p3[0],
  p3[1],
  p3[2],
);
export const adobeProfile = rgbProfile(
  powerCurve(2.19921875),
  "Adobe RGB (1998)",
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
);

/** A GIF of one frame in one colour, on a canvas that may be larger. `transparent` is an index of no pixel. */
export function gif(canvas: readonly [number, number], frame: readonly [number, number, number, number]): Buffer {
  const words = (values: readonly number[]): number[] => values.flatMap((value) => [value & 255, value >> 8]);
  const codes = Array.from({ length: frame[2] * frame[3] }, (_, i) => (i % 2 === 0 ? [4, 1] : [1])).flat();
  const bits = [...codes, 5].flatMap((code) => [code & 1, (code >> 1) & 1, code >> 2]);
  const packed = Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((byte, bit, k) => byte | (bit << k), 0),
  );
  const palette = [10, 20, 30, 200, 100, 50];
  const head = [...Buffer.from("GIF89a"), ...words(canvas), 0x80, 0, 0, ...palette];
  return Buffer.from([...head, 0x2c, ...words(frame), 0, 2, packed.length, ...packed, 0, 0x3b]);
}
