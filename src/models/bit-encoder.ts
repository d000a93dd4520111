import { type BitCoder, forget, freshStates, learnt, least, probabilityBits, whole } from "./bit-coder.js";

export class BitEncoder implements BitCoder {
  private readonly states: Int32Array;
  private bytes = new Uint8Array(1024);
  private length = 0;
  private low = 0;
  private range = whole - 1;

  constructor(places: number) {
    this.states = freshStates(places);
  }

  code(place: number, bit: number): number {
    const state = this.states[place];
    const bound = (this.range >>> probabilityBits) * (state >> 8);
    this.states[place] = learnt(state, bit);
    if (bit) {
      this.low += bound;
      this.range -= bound;
    } else this.range = bound;
    this.settle();
    return bit;
  }

  plain(bits: number, value: number): number {
    this.range >>>= bits;
    this.low += value * this.range;
    this.settle();
    return value;
  }

  forget(places: number): void {
    forget(this.states, places);
  }

  /** The bytes; a decoder takes none beyond them. */
  finish(): Uint8Array {
    for (let i = 0; i < 4; i++) this.shift();
    return this.bytes.subarray(0, this.length);
  }

  private settle(): void {
    if (this.low >= whole) this.carry();
    while (this.range < least) this.shift();
  }

  private carry(): void {
    this.low -= whole;
    for (let i = this.length - 1; ++this.bytes[i] === 256; i--);
  }

  private shift(): void {
    if (this.length === this.bytes.length) {
      const longer = new Uint8Array(2 * this.length);
      longer.set(this.bytes);
      this.bytes = longer;
    }
    this.bytes[this.length++] = Math.floor(this.low / least);
    this.low = (this.low % least) * 256;
    this.range *= 256;
  }
}
