import { IsthmusError } from "../ground/errors.js";

/**
 * A range coder (Martin 1979) for a few dozen symbols. Its 48-bit range makes the loss by rounding negligible; the encoder ends with the shortest
 * bytes inside the final interval, and bytes that are missing are zeros. So a message of at most 8 n bits fits n bytes.
 */
const totalBits = 16;
export const total = 1 << totalBits;
const top = 2 ** 48;
const bottom = 2 ** 40;

/** Probabilities of 0, and those that are no numbers, come from models that nobody trained. */
function checkRange(range: number): void {
  if (!(range >= 1)) throw new IsthmusError("invalid-model", "The preview model gives an event the probability 0");
}

export class RangeEncoder {
  private readonly bytes: number[] = [];
  private low = 0;
  private range = top;

  /** Codes an event of probability (end - begin) / 65536. */
  encode(begin: number, end: number): void {
    const unit = Math.floor(this.range / total);
    this.low += unit * begin;
    // The last event takes what rounding left over.
    this.range = end === total ? this.range - unit * begin : unit * (end - begin);
    if (this.low >= top) this.carry();
    checkRange(this.range);
    while (this.range <= bottom) {
      this.shiftByte();
      this.range *= 256;
    }
  }

  /** The message, padded with zeros to `length` bytes, or undefined where it needs more. */
  finish(length: number): Uint8Array<ArrayBuffer> | undefined {
    for (let i = 0; i < 6; i++) this.shiftByte();
    const kept = Uint8Array.from({ length }, (_, i) => this.bytes[i] ?? 0);
    const dropped = this.bytes.slice(length);
    if (dropped.every((byte) => byte === 0)) return kept;
    // The next number of `length` bytes will do if it still lies in the interval.
    const distance = dropped.reduce((sum, byte) => Math.min(top, sum * 256 + 255 - byte), 0) + 1;
    if (distance >= this.range) return undefined;
    for (let i = length - 1; i >= 0 && ++kept[i] === 256; i--);
    return kept;
  }

  private shiftByte(): void {
    const byte = Math.floor(this.low / (top / 256));
    this.bytes.push(byte);
    this.low = (this.low - byte * (top / 256)) * 256;
  }

  private carry(): void {
    this.low -= top;
    for (let i = this.bytes.length - 1; i >= 0 && ++this.bytes[i] > 255; i--) this.bytes[i] = 0;
  }
}

export class RangeDecoder {
  private next = 0;
  /** The message less the low end of the interval. */
  private value = 0;
  private range = top;

  constructor(private readonly bytes: Uint8Array) {
    for (let i = 0; i < 6; i++) this.value = this.value * 256 + this.take();
  }

  /** Where in 0 .. 65535 the next event lies. */
  peek(): number {
    return Math.min(total - 1, Math.floor(this.value / Math.floor(this.range / total)));
  }

  /** Takes the event that `peek` fell into. */
  accept(begin: number, end: number): void {
    const unit = Math.floor(this.range / total);
    this.value -= unit * begin;
    this.range = end === total ? this.range - unit * begin : unit * (end - begin);
    checkRange(this.range);
    while (this.range <= bottom) {
      this.value = this.value * 256 + this.take();
      this.range *= 256;
    }
  }

  private take(): number {
    return this.next < this.bytes.length ? this.bytes[this.next++] : 0;
  }
}
