/**
 * A binary range coder (Martin 1979) whose probabilities adapt: each bit is coded at a place, and what came there before tells how likely it is. Integers alone:
 * all engines agree.
 */
export interface BitCoder {
  /** The bit at a place: an encoder codes the one it is given, a decoder gives the one that was coded. */
  code(place: number, bit: number): number;
  /** A number of so many bits, 16 at most, all of which are as likely as not. */
  plain(bits: number, value: number): number;
  /** Lets the first places trust less in what they saw. */
  forget(places: number): void;
}

export const probabilityBits = 15;
const half = 1 << (probabilityBits - 1);
/** The range lies between these; below the least one it takes another byte. */
export const whole = 2 ** 32;
export const least = 2 ** 24;
/** A probability moves by a share of what it misses: at first one half, in the end one over this and two. */
const slowest = 160;
/** What is left of the experience where something else begins. */
const remembered = 24;
/** Shares by which a probability moves, of 65536, by the bits that were seen. */
const shares = /* @__PURE__ */ (() =>
  Int32Array.from({ length: slowest + 1 }, (_, seen) => Math.floor(65536 / (seen + 2))))();

/** The states of so many places: the probability of a 0 (15 bits), then the bits that were seen, up to `slowest` (8 bits). */
export const freshStates = (places: number): Int32Array => new Int32Array(places).fill(half << 8);

/** The state of a place after another bit. */
export function learnt(state: number, bit: number): number {
  const seen = state & 255;
  const zero = state >> 8;
  const share = shares[seen];
  const moved = bit ? zero - ((zero * share) >> 16) : zero + (((2 * half - zero) * share) >> 16);
  return (moved << 8) | (seen < slowest ? seen + 1 : seen);
}

export function forget(states: Int32Array, places: number): void {
  for (let i = 0; i < places; i++) if ((states[i] & 255) > remembered) states[i] = (states[i] & ~255) | remembered;
}
