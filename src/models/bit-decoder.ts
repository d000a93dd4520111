import { type BitCoder, forget, freshStates, learnt, least, probabilityBits, whole } from "./bit-coder.js";

export class BitDecoder implements BitCoder {
  private readonly states: Int32Array;
  /** The range, and where in it the message lies: unsigned numbers of 32 bits, which an object's fields would hold in boxes. */
  private readonly window = Uint32Array.of(whole - 1, 0);

  /** Reads bytes from `next` on; those that are missing are zeros. */
  constructor(
    places: number,
    private readonly bytes: Uint8Array,
    /** Of the bytes, the first that was not taken yet: beyond their end where some were missing. */
    public next: number,
  ) {
    this.states = freshStates(places);
    for (let i = 0; i < 4; i++) this.window[1] = this.window[1] * 256 + this.take();
  }

  code(place: number): number {
    const { states, window } = this;
    const state = states[place];
    const range = window[0];
    const value = window[1];
    const bound = (range >>> probabilityBits) * (state >> 8);
    const bit = value < bound ? 0 : 1;
    states[place] = learnt(state, bit);
    window[0] = bit ? range - bound : bound;
    if (bit) window[1] = value - bound;
    while (window[0] < least) {
      window[1] = window[1] * 256 + this.take();
      window[0] *= 256;
    }
    return bit;
  }

  plain(bits: number): number {
    const { window } = this;
    const unit = window[0] >>> bits;
    // Beyond the last value lies what the division leaves over, where no message of an encoder is.
    const value = Math.min((1 << bits) - 1, Math.floor(window[1] / unit));
    window[0] = unit;
    window[1] -= value * unit;
    while (window[0] < least) {
      window[1] = window[1] * 256 + this.take();
      window[0] *= 256;
    }
    return value;
  }

  forget(places: number): void {
    forget(this.states, places);
  }

  private take(): number {
    const { bytes, next } = this;
    this.next++;
    return next < bytes.length ? bytes[next] : 0;
  }
}
