/** CRC-32 as in PNG, gzip and IEEE 802.3: reflected polynomial 0xEDB88320, initial value and final xor 0xFFFFFFFF. */

/** Four tables of 256: table k holds the remainders of a byte with k zero bytes behind it, so that four bytes go in one step. */
let tables: Int32Array | undefined;

function makeTables(): Int32Array {
  const made = new Int32Array(1024);
  for (let i = 0; i < 1024; i++) {
    let remainder = i < 256 ? i : made[i - 256];
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 && 0xedb88320);
    made[i] = remainder;
  }
  return made;
}

/** The checksum of the bytes, 0 .. 2^32 - 1. */
export function crc32(bytes: Uint8Array): number {
  tables ??= makeTables();
  const table = tables;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length & ~3;
  let remainder = -1;
  for (let i = 0; i < whole; i += 4) {
    remainder ^= view.getInt32(i, true);
    remainder =
      table[768 + (remainder & 255)] ^
      table[512 + ((remainder >>> 8) & 255)] ^
      table[256 + ((remainder >>> 16) & 255)] ^
      table[remainder >>> 24];
  }
  for (let i = whole; i < bytes.length; i++) remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]) & 255];
  return ~remainder >>> 0;
}
