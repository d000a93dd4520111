/**
 * SHA-256 (FIPS 180-4). By hand, because a decoder's bundle has it: the usual library takes 2 KB more, and that of browsers is asynchronous and
 * absent from pages without a secure origin (docs/decisions/0033).
 */

const wordBits = 32n;

/** The first 32 bits of the fraction of a root of a small number, bit by bit: exact on every engine. */
function fractionOfRoot(value: number, degree: bigint): number {
  const target = BigInt(value) << (wordBits * degree);
  let root = 0n;
  for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) if ((root | bit) ** degree <= target) root |= bit;
  return Number(BigInt.asIntN(32, root));
}

const isPrime = (n: number): boolean => {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
};

let constants: { readonly start: Int32Array; readonly rounds: Int32Array } | undefined;

function makeConstants() {
  const primes = Array.from({ length: 310 }, (_, i) => i + 2).filter(isPrime);
  return {
    start: Int32Array.from(primes.slice(0, 8), (prime) => fractionOfRoot(prime, 2n)),
    rounds: Int32Array.from(primes, (prime) => fractionOfRoot(prime, 3n)),
  };
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** The 32 bytes of the digest. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  constants ??= makeConstants();
  const { start, rounds } = constants;
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  const state = start.slice();
  const words = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      if (i < 16) words[i] = view.getInt32(block + 4 * i);
      else {
        const [early, late] = [words[i - 15], words[i - 2]];
        const spread = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
        words[i] = (rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)) + words[i - 7] + spread + words[i - 16];
      }
      const choice = (e & f) ^ (~e & g);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + rounds[i] + words[i]) | 0;
      const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i] += value;
    });
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => {
    digest.setInt32(4 * i, word);
  });
  return new Uint8Array(digest.buffer);
}
