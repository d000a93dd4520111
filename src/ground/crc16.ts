/** CRC-16 as in X.25 and HDLC: reflected polynomial 0x8408, initial value and final xor 0xFFFF. Bit by bit: for few bytes. */
export function crc16(bytes: Uint8Array): number {
  let remainder = 0xffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 && 0x8408);
  }
  return remainder ^ 0xffff;
}
