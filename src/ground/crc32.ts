/** CRC-32 as in PNG, gzip and IEEE 802.3: reflected polynomial 0xEDB88320, initial value and final xor 0xFFFFFFFF. */

/** The remainders of a byte. */
let table: Int32Array | undefined;

function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 && 0xedb88320);
    return remainder;
  });
}

/** The checksum of the bytes, 0 .. 2^32 - 1; `before`: that of the bytes before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  table ??= makeTable();
  const remainders = table;
  let remainder = ~before;
  for (let i = 0; i < bytes.length; i++) remainder = (remainder >>> 8) ^ remainders[(remainder ^ bytes[i]) & 255];
  return ~remainder >>> 0;
}
