/** CRC-32 as in PNG, gzip and IEEE 802.3: reflected polynomial 0xEDB88320, initial value and final xor 0xFFFFFFFF. */

let table: Uint32Array | undefined;

function makeTable(): Uint32Array {
  const made = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    made[byte] = remainder;
  }
  return made;
}

/** The checksum of the bytes, 0 .. 2^32 - 1. */
export function crc32(bytes: Uint8Array): number {
  table ??= makeTable();
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ table[(remainder ^ byte) & 255];
  return ~remainder >>> 0;
}
