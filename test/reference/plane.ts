import { demand } from "./decoder/refused.js";

/** The plain twin of assembly/plane.ts, written from docs/FORMAT.md for clarity alone. */

/** A context's state by its name; those that are missing are fresh. */
export type Start = ReadonlyMap<string, { readonly probability: number; readonly seen: number }>;

/** The probability of a 1 in units of 2^-22, learning from the bits it has seen. */
class Context {
  probability = 2 ** 21;
  seen = 0;

  /** In units of 2^-16. */
  get share(): number {
    return Math.max(Math.floor(this.probability / 64), 1);
  }

  learn(bit: number): void {
    this.probability += Math.trunc((2 * (bit * 2 ** 22 - this.probability)) / (2 * this.seen + 3));
    this.seen = Math.min(this.seen + 1, 255);
  }
}

/** The probability that the contexts of a decision give to a 1, in units of 2^-16. */
function shareOf(contexts: readonly Context[]): number {
  const [one, other] = contexts.slice(-2);
  if (contexts.length < 3) return contexts.at(-1)!.share;
  const ones = Math.sqrt(one.probability * other.probability);
  const zeros = Math.sqrt((2 ** 22 - one.probability) * (2 ** 22 - other.probability));
  return Math.floor(Math.max(16, Math.min(65520, (65536 * ones) / (ones + zeros))));
}

/** Codes a bit under a context; with `finer`, under those of these names beneath it, each of which begins as the one before. */
type Decide = (context: string, bit: number, finer?: readonly string[]) => number;

class Contexts {
  private readonly all: Map<string, Context>;

  constructor(start: Start) {
    this.all = new Map(Array.from(start, ([name, state]) => [name, Object.assign(new Context(), state)]));
  }

  /** The contexts that learn from a decision, the coarsest first. */
  of(name: string, finer: readonly string[] = []): Context[] {
    const contexts = [name, ...finer].map((each) => this.get(each));
    for (const [i, { probability, seen }] of contexts.slice(0, -1).entries()) {
      if (contexts[i + 1].seen === 0) Object.assign(contexts[i + 1], { probability, seen: Math.min(seen, 2) });
    }
    return contexts;
  }

  private get(name: string): Context {
    const context = this.all.get(name) ?? new Context();
    this.all.set(name, context);
    return context;
  }
}

/** A range coder whose lower end is kept as an unbounded integer: digits of base 256 that may exceed 255 until carried. */
class Writer {
  private low = 0n;
  private range = 0xffffffff;
  private shifts = 0;

  constructor(private readonly contexts: Contexts) {}

  readonly decide: Decide = (name, bit, finer) => {
    const contexts = this.contexts.of(name, finer);
    const bound = Math.floor((this.range * shareOf(contexts)) / 65536);
    if (bit) this.range = bound;
    else {
      this.low += BigInt(bound);
      this.range -= bound;
    }
    for (; this.range < 2 ** 24; this.shifts++) {
      this.range *= 256;
      this.low *= 256n;
    }
    for (const context of contexts) context.learn(bit);
    return bit;
  };

  /** The fewest bytes that, with zeros behind them, lie in the last interval. */
  finish(): number[] {
    for (let count = 0; ; count++) {
      const unit = 256n ** BigInt(4 - count);
      const value = ((this.low + unit - 1n) / unit) * unit;
      if (value - this.low >= BigInt(this.range)) continue;
      const length = this.shifts + count;
      const digits = (value / unit).toString(16).padStart(length * 2, "0");
      return Array.from({ length }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
    }
  }
}

class Reader {
  private range = 0xffffffff;
  private code = 0;
  private next = 0;

  constructor(
    private readonly bytes: ArrayLike<number>,
    private readonly contexts: Contexts,
  ) {
    for (let i = 0; i < 4; i++) this.code = this.code * 256 + this.take();
  }

  private take(): number {
    demand(this.next < this.bytes.length + 4, "a plane that was cut off");
    return this.bytes[this.next++] ?? 0;
  }

  finish(): void {
    demand(this.next >= this.bytes.length, "bytes behind a plane");
  }

  readonly decide: Decide = (name, _, finer) => {
    const contexts = this.contexts.of(name, finer);
    const bound = Math.floor((this.range * shareOf(contexts)) / 65536);
    const bit = this.code < bound ? 1 : 0;
    if (bit) this.range = bound;
    else {
      this.code -= bound;
      this.range -= bound;
    }
    for (; this.range < 2 ** 24; this.range *= 256) this.code = (this.code * 256 + this.take()) % 2 ** 32;
    for (const context of contexts) context.learn(bit);
    return bit;
  };
}

const classOf = (sample: number) => (sample === 0 ? "0" : sample === 255 ? "2" : "1");
const levelOf = (sample: number) => (sample === 0 ? 0 : sample < 128 ? 1 : sample < 255 ? 2 : 3);
const bitsOf = (value: number) => 32 - Math.clz32(value);

/** Runs over the plane in raster order; a writer's `decide` returns the bit it was given, a reader's the one it read. */
function codePlane(height: number, width: number, plane: Uint8Array, decide: Decide): void {
  const at = (y: number, x: number) => (y < 0 || x < 0 || x >= width ? 0 : plane[y * width + x]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [w, n, nw, ne] = [at(y, x - 1), at(y - 1, x), at(y - 1, x - 1), at(y - 1, x + 1)];
      const prediction = w + n - nw;
      const change = Math.max(Math.abs(w - nw), Math.abs(n - nw), Math.abs(ne - n));
      const smooth = prediction > 0 && prediction < 255 && change < 64;
      const sample = plane[y * width + x];
      plane[y * width + x] = smooth
        ? codeResidual(sample, prediction, change, decide)
        : codeDirect(
            sample,
            [w, n, nw, ne, at(y, x - 2), at(y - 2, x)],
            halvesAround.map(([dy, dx]) => (at(y + dy, x + dx) < 128 ? 0 : 1)),
            decide,
          );
    }
  }
}

/** Where the neighbours lie whose halves count, rows and columns away: from the highest digit to the lowest. */
const halvesAround = [
  ...[-1, 0, 1].map((dx) => [-3, dx]),
  ...[-3, -2, -1, 0, 1, 2, 3].map((dx) => [-2, dx]),
  ...[-3, -2, -1, 0, 1, 2, 3].map((dx) => [-1, dx]),
  ...[-4, -3, -2, -1].map((dx) => [0, dx]),
];
const halfAt = (halves: readonly number[], dy: number, dx: number): number =>
  halves[halvesAround.findIndex(([y, x]) => y === dy && x === dx)];

function codeDirect(sample: number, near: number[], halves: readonly number[], decide: Decide): number {
  const [w, n] = near;
  const neighbours = near.map(classOf).join("");
  const further = [halfAt(halves, -1, 2), halfAt(halves, -2, 1), halfAt(halves, -1, -2), halfAt(halves, -2, -1)].join(
    "",
  );
  const number = Number.parseInt(halves.join(""), 2);
  const isFlat =
    (number === 0 && near.every((neighbour) => neighbour === 0)) ||
    (number === 2 ** 21 - 1 && near.every((neighbour) => neighbour === 255));
  const finer = (decision: string, second: number) => [
    `${decision} ${neighbours} ${further}`,
    ...(isFlat ? [] : [`wide ${Math.imul(2 * number + second, 0x9e3779b1) >>> 17}`]),
  ];
  if (decide(`zero ${neighbours}`, sample === 0 ? 1 : 0, finer("zero", 0))) return 0;
  if (decide(`full ${neighbours}`, sample === 255 ? 1 : 0, finer("full", 1))) return 255;
  let digits = "";
  for (const digit of sample.toString(2).padStart(8, "0")) {
    const context = digits.length < 2 ? `high ${levelOf(w)} ${levelOf(n)} ${digits}` : `low ${digits}`;
    digits += decide(context, Number(digit));
  }
  return Number.parseInt(digits, 2);
}

function codeResidual(sample: number, prediction: number, change: number, decide: Decide): number {
  const difference = ((sample - prediction + 128 + 256) % 256) - 128;
  const residual = difference < 0 ? -2 * difference - 1 : 2 * difference;
  const activity = bitsOf(Math.floor((change + 1) / 2));
  let length = 0;
  while (length < 8 && decide(`length ${activity} ${length}`, bitsOf(residual) > length ? 1 : 0)) length++;
  let read = length > 0 ? 1 : 0;
  for (let i = length - 2; i >= 0; i--) read = 2 * read + decide(`rest ${length} ${read}`, (residual >> i) & 1);
  return (prediction + (read % 2 ? -(read + 1) / 2 : read / 2) + 256) % 256;
}

/** The stream of a plane of `height` rows of `width` samples. */
export function encode(height: number, width: number, plane: Uint8Array, start: Start = new Map()): number[] {
  if (plane.length === 0) return [];
  if (plane.every((sample) => sample === plane[0])) return [plane[0]];
  const writer = new Writer(new Contexts(start));
  codePlane(height, width, plane.slice(), writer.decide);
  const bytes = writer.finish();
  while (bytes.length < 2) bytes.push(0);
  return bytes;
}

/** The plane; bytes that end too early or too late are refused. */
export function decode(height: number, width: number, bytes: ArrayLike<number>, start: Start = new Map()): Uint8Array {
  const plane = new Uint8Array(height * width);
  if (plane.length === 0) return plane;
  demand(bytes.length > 0, "a plane of no bytes");
  if (bytes.length === 1) return plane.fill(bytes[0]);
  const reader = new Reader(bytes, new Contexts(start));
  codePlane(height, width, plane, reader.decide);
  reader.finish();
  return plane;
}

const groups: readonly (readonly [size: number, name: (index: number) => string])[] = [
  [729, (i) => `zero ${threes(i)}`],
  [729, (i) => `full ${threes(i)}`],
  [64, (i) => `high ${i >> 4} ${(i >> 2) & 3} ${bits(i & 3)}`],
  [256, (i) => `low ${bits(i)}`],
  [56, (i) => `length ${i >> 3} ${i & 7}`],
  [1152, (i) => `rest ${i >> 7} ${i & 127}`],
  [729 * 16, (i) => `zero ${threes(i >> 4)} ${(i & 15).toString(2).padStart(4, "0")}`],
  [729 * 16, (i) => `full ${threes(i >> 4)} ${(i & 15).toString(2).padStart(4, "0")}`],
  [2 ** 15, (i) => `wide ${i}`],
];
const threes = (index: number) => index.toString(3).padStart(6, "0");
/** The digits behind the leading 1 of a node; there is no node 0. */
const bits = (node: number) => (node === 0 ? "none" : node.toString(2).slice(1));

/** The name of the context that a model's file calls by a number. */
export function contextName(index: number): string {
  let rest = index;
  for (const [size, name] of groups) {
    if (rest < size) return name(rest);
    rest -= size;
  }
  throw new Error(`There is no context ${index}`);
}
