// Bytes as text that a page's gzip shrinks as well as the bytes themselves: src/kernels/bytes-of-text.ts reads it and says how it is laid out.

const digits = 92;
const shortest = 90;
const shift = 3;
const swaps = [0, 0, 0, 0x50, 0, 0x20, 0x50, 0x20];

export function textOf(bytes) {
  const digit = (value) => String.fromCharCode(value === 87 ? 33 : 35 + ((value + 62) % digits));
  let text = "";
  for (const byte of bytes) {
    const value = ((byte ^ swaps[byte >> 4]) + shift) & 255;
    if (value < shortest) text += digit(value);
    else text += digit(shortest + Math.floor((value - shortest) / digits)) + digit((value - shortest) % digits);
  }
  return text;
}
