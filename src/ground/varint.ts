import { IsthmusError } from "./errors.js";

/**
 * Variable-length integers 0 .. 2^32 - 1: seven bits a byte, lowest first, the high bit set on all bytes but the last.
 * Each value has one spelling: a last byte of zero (behind others) is refused.
 */
const maxValue = 0xffffffff;

/** The bytes of a value. */
export function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/**
 * Reads the value at `offset`; `end` is the offset behind it.
 * @throws IsthmusError `truncated` where the bytes end inside it, `corrupt` where it is too large or spelt too long.
 */
export function readVarint(bytes: Uint8Array, offset: number, name: string): { value: number; end: number } {
  let value = 0;
  for (let end = offset, scale = 1; scale <= maxValue; scale *= 128) {
    if (end >= bytes.length) throw new IsthmusError("truncated", `Expected more bytes for ${name} but the data ends`);
    const byte = bytes[end++];
    value += (byte & 127) * scale;
    const isLong = byte === 0 && scale > 1;
    if (value > maxValue || isLong) break;
    if (byte < 128) return { value, end };
  }
  throw new IsthmusError("corrupt", `Expected at most ${maxValue}, in its shortest spelling, for ${name}`);
}
