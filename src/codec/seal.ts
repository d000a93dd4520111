import { crc32 } from "./crc32.js";

/**
 * The checksum that the entropy coder hides in its first state: the low 16 bits of the CRC-32 of the symbols, each as a
 * 16-bit two's complement number, lowest byte first, in the order of coding.
 */
export function sealOf(symbols: Int32Array): number {
  const bytes = new Uint8Array(symbols.length * 2);
  for (let i = 0, at = 0; i < symbols.length; i++) {
    const symbol = symbols[i];
    bytes[at++] = symbol;
    bytes[at++] = symbol >> 8;
  }
  return crc32(bytes) & 0xffff;
}
