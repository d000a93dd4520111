import { crc32 } from "node:zlib";
import { demand } from "./refused.js";
import type { Tensor, TensorFile } from "./safetensors.js";

/** A file of coded tensors (docs/FORMAT.md, "Coded tensors" and "Differences"); `parent`: the part of the parent's file that a difference is to. */
export function readCodedTensors(file: Uint8Array, parent?: TensorFile): TensorFile {
  const view = new DataView(file.buffer, file.byteOffset);
  demand(file.length >= 13, "no head");
  demand(view.getUint32(0) === 0xca49534d && (file[4] === 1 || file[4] === 2), "another format, or a newer version");
  demand(view.getUint32(5, true) === crc32(file.subarray(9)), "a wrong checksum");
  if (file[4] === 2) return readDifference(file, parent);
  const bits = new Bits(file, 13);
  const text = Uint8Array.from({ length: view.getUint32(9, true) }, textOf(bits));
  const [metadata, shapes] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)) as [
    Record<string, string>,
    [name: string, type: string, ...shape: number[]][],
  ];
  const tensors = new Map(shapes.map(([name, type, ...shape]) => [name, tensorOf(bits, type, shape)]));
  demand(bits.taken === file.length, "bytes behind the last tensor, or too few");
  return { metadata, tensors };
}

/** The place where it is said that a tensor is another than the parent's. */
const changed = 1542 + 65536;

function readDifference(file: Uint8Array, parent: TensorFile | undefined): TensorFile {
  demand(parent !== undefined, "a difference without its parent");
  demand(file.length >= 34 && file[13] < 2, "no head of a difference");
  const view = new DataView(file.buffer, file.byteOffset);
  const bits = new Bits(file, 34);
  const text = Uint8Array.from({ length: view.getUint32(9, true) }, textOf(bits));
  const [metadata, shapes, gone = []] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)) as [
    Record<string, string>,
    [name: string, type: string, ...shape: number[]][],
    string[]?,
  ];
  demand(metadata.part === ["all", "receiver"][file[13]] && metadata.part === parent.metadata.part, "another part");
  const others = [...shapes.map(([name]) => name), ...gone];
  demand(
    others.every((name) => /^(tables|plane)\./.test(name)),
    "a parent of another architecture",
  );
  const kept = inOrder([...parent.tensors].filter(([name]) => !others.includes(name)));
  const changed = kept.map(([name, tensor]): [string, Tensor] => [name, changedOf(bits, tensor)]);
  const tensors = new Map([
    ...changed,
    ...shapes.map(([name, type, ...shape]): [string, Tensor] => [name, tensorOf(bits, type, shape)]),
  ]);
  demand(bits.taken === file.length, "bytes behind the last tensor, or too few");
  const content = Buffer.concat(inOrder([...tensors]).map(([, { bytes }]) => bytes));
  demand(view.getUint32(30, true) === crc32(content), "other tensors than went in");
  return { metadata, tensors };
}

const inOrder = (tensors: [string, Tensor][]): [string, Tensor][] =>
  tensors.sort(([a, left], [b, right]) => widthOf(right.type) - widthOf(left.type) || (a < b ? -1 : 1));

const widthOf = (type: string): number => ({ F32: 4, I32: 4, F16: 2, I16: 2, U16: 2, I8: 1, U8: 1 })[type]!;

function changedOf(bits: Bits, { type, shape, bytes }: Tensor): Tensor {
  if (bits.at(changed) === 0) return { type, shape, bytes };
  const unit = bits.plain(16) + 1;
  const width = widthOf(type);
  const changes = tensorOf(bits, ["", "I8", "I16", "", "I32"][width], [...shape]);
  const after = bytes.slice();
  for (let i = 0; i < after.length; i += width) {
    const number = (of: Uint8Array) => Buffer.from(of).readIntLE(i, width);
    const sum = BigInt(number(bytes)) + BigInt(number(changes.bytes)) * BigInt(unit);
    for (let k = 0; k < width; k++) after[i + k] = Number((sum >> BigInt(8 * k)) & 255n);
  }
  return { type, shape, bytes: after };
}

class Bits {
  private readonly places = new Map<number, { z: number; n: number }>();
  private range = 2 ** 32 - 1;
  private value: number;

  constructor(
    private readonly file: Uint8Array,
    public taken: number,
  ) {
    this.value = new DataView(file.buffer, file.byteOffset).getUint32(taken);
    this.taken += 4;
  }

  at(number: number): number {
    let place = this.places.get(number);
    if (!place) {
      place = { z: 16384, n: 0 };
      this.places.set(number, place);
    }
    const bound = Math.floor(this.range / 32768) * place.z;
    const bit = this.value < bound ? 0 : 1;
    this.range = bit ? this.range - bound : bound;
    if (bit) this.value -= bound;
    const r = Math.floor(65536 / (place.n + 2));
    place.z += bit ? -Math.floor((place.z * r) / 65536) : Math.floor(((32768 - place.z) * r) / 65536);
    place.n = Math.min(160, place.n + 1);
    this.take();
    return bit;
  }

  plain(count: number): number {
    this.range = Math.floor(this.range / 2 ** count);
    const found = Math.min(2 ** count - 1, Math.floor(this.value / this.range));
    this.value -= this.range * found;
    this.take();
    return found;
  }

  private take(): void {
    while (this.range < 2 ** 24) {
      demand(this.taken < this.file.length, "too few bytes");
      this.value = this.value * 256 + this.file[this.taken++];
      this.range *= 256;
    }
  }

  /** A byte, at the places that `numberOf` gives for what is known of it. */
  byte(numberOf: (known: number) => number): number {
    let known = 1;
    while (known < 256) known = 2 * known + this.at(numberOf(known));
    return known - 256;
  }

  tensorBegins(): void {
    for (const [number, place] of this.places) if (number !== changed) place.n = Math.min(place.n, 24);
  }
}

function textOf(bits: Bits): () => number {
  let before: number[] = [0, 0, 0];
  return () => {
    const product = BigInt(before[0] * 65536 + before[1] * 256 + before[2]) * 2654435761n;
    const hash = Number((product >> 16n) & 0xffffn);
    const byte = bits.byte((known) => 1542 + (hash ^ (257 * known)));
    before = [...before.slice(1), byte];
    return byte;
  };
}

function tensorOf(bits: Bits, type: string, shape: number[]): Tensor {
  bits.tensorBegins();
  const count = shape.reduce((product, side) => product * side, 1);
  const width = { F32: 4, I32: 4, F16: 2, I16: 2, U16: 2, I8: 1, U8: 1 }[type];
  demand(width !== undefined, `a tensor of type ${type}`);
  if (type === "F32" || type === "F16" || type === "U8") {
    const bytes = Uint8Array.from({ length: count * width }, (_, i) =>
      bits.byte((known) => 518 + 256 * (i % width) + known),
    );
    return { type, shape, bytes };
  }
  const columns = shape.at(-1) ?? 1;
  const isPlain = type === "I8" || type === "I16";
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    const column = i % columns;
    const size = (steps: number, isThere: boolean): number => (isThere ? Math.abs(values[i - steps]) : 0);
    const left = 2 * size(1, column > 0) + size(2, column > 1);
    const above = 2 * size(columns, i >= columns) + size(2 * columns, i >= 2 * columns);
    values.push(integerOf(bits, Math.min(2 ** 31 - 1, left + above), isPlain));
  }
  const Integers = { I8: Int8Array, I16: Int16Array, I32: Int32Array, U16: Uint16Array }[type]!;
  return { type, shape, bytes: new Uint8Array(Integers.from(values).buffer) };
}

function integerOf(bits: Bits, near: number, isPlain: boolean): number {
  const length = near === 0 ? 0 : near.toString(2).length;
  const c = Math.min(39, length < 2 ? length : 2 * length - 2 + Number(near.toString(2)[1]));
  let m = 1;
  while (m < 8) m = 2 * m + bits.at(8 * c + m);
  let k = m - 8;
  if (k === 7) while (k < 32 && bits.at(320 + k)) k++;
  if (k === 0) return 0;
  let size = 1;
  let left = k - 1;
  for (; left > 0 && left > k - 3; left--) size = 2 * size + bits.at(353 + 4 * k + size);
  for (; left > 0 && !isPlain; left--) size = 2 * size + bits.at(485 + left);
  while (left > 0) {
    const n = Math.min(16, left);
    size = size * 2 ** n + bits.plain(n);
    left -= n;
  }
  return bits.plain(1) ? -size : size;
}
