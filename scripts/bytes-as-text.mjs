// Bytes as text that a page's gzip shrinks as well as the bytes themselves: src/kernels/text.ts reads it and says how it is laid out.

const digits = 92;
const shortest = 90;
const shift = 3;

export function textOf(bytes) {
  const digit = (value) => String.fromCharCode(value === 57 ? 33 : value + 35);
  let text = "";
  for (const byte of bytes) {
    const value = (byte + shift) & 255;
    if (value < shortest) text += digit(value);
    else text += digit(shortest + Math.floor((value - shortest) / digits)) + digit((value - shortest) % digits);
  }
  return text;
}
