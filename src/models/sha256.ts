import { finish, type Steps } from "../ground/steps.js";

/**
 * SHA-256 (FIPS 180-4). By hand, because a decoder's bundle has it: the usual library takes 2 KB more, and that of browsers is asynchronous and
 * absent from pages without a secure origin (docs/decisions/0033).
 */

const isPrime = (n: number): boolean => {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
};

/** The first 32 bits of the fraction of a root. Those that are taken lie a thousand times further from the next integer than any engine's root is off. */
const fraction = (root: number): number => (root % 1) * 2 ** 32;

let constants: { readonly start: Int32Array; readonly rounds: Int32Array } | undefined;

function makeConstants() {
  const primes = Array.from({ length: 310 }, (_, i) => i + 2).filter(isPrime);
  return {
    start: Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)) | 0),
    rounds: Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)) | 0),
  };
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** Mixes the block of 64 bytes at a place into the state. Without arrays on the way, which cost the most before an engine has optimised this. */
function mix(state: Int32Array, words: Int32Array, rounds: Int32Array, bytes: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = bytes.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const early = words[i - 15];
    const late = words[i - 2];
    const spread = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    words[i] = (rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)) + words[i - 7] + spread + words[i - 16];
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + rounds[i] + words[i]) | 0;
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** Blocks of a step: a millisecond or two. */
const blocksAtOnce = 2048;

/** The 32 bytes of the digest. */
export const sha256 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => finish(sha256Steps([bytes]));

/** The digest of pieces that follow each other. */
export function* sha256Steps(pieces: readonly Uint8Array[]): Steps<Uint8Array<ArrayBuffer>> {
  constants ??= makeConstants();
  const { start, rounds } = constants;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const padding = new Uint8Array(9 + ((119 - (length % 64)) % 64));
  padding[0] = 0x80;
  new DataView(padding.buffer).setBigUint64(padding.length - 8, BigInt(length) * 8n);
  const state = start.slice();
  const words = new Int32Array(64);
  /** A block that begins in one piece and ends in another. */
  const block = new Uint8Array(64);
  const ofBlock = new DataView(block.buffer);
  let filled = 0;
  let blocks = 0;
  for (const piece of [...pieces, padding]) {
    const ofPiece = new DataView(piece.buffer, piece.byteOffset, piece.length);
    for (let at = 0; at < piece.length; ) {
      if (filled === 0 && at + 64 <= piece.length) {
        mix(state, words, rounds, ofPiece, at);
        at += 64;
      } else {
        block[filled++] = piece[at++];
        if (filled < 64) continue;
        mix(state, words, rounds, ofBlock, 0);
        filled = 0;
      }
      if (++blocks % blocksAtOnce === 0) yield;
    }
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => {
    digest.setInt32(4 * i, word);
  });
  return new Uint8Array(digest.buffer);
}
