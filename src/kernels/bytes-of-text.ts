/**
 * Bytes that travel as text, see scripts/bytes-as-text.mjs. A digit is one of the 92 characters from `a` to `~` and then from `#`, with `!` in the place
 * of the backslash: the commonest are letters, as in the script around them. High halves 3 and 6 of bytes change places, and 5 and 7, since kernels
 * have more of the greater ones. Then a byte plus 3 (modulo 256) is one digit below 90, else two: 90 or 91, and the rest. So the same instructions are
 * the same characters, which base64 spoils, and gzip makes of the text what it makes of the bytes.
 */
const digits = 92;
const shortest = 90;
const shift = 3;
/** What changes a byte's high half, by that half. */
const swaps = [0, 0, 0, 0x50, 0, 0x20, 0x50, 0x20];

export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const digit = (i: number): number => {
    const code = text.charCodeAt(i);
    return ((code === 33 ? 92 : code) - 5) % digits;
  };
  const bytes = new Uint8Array(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    let value = digit(i);
    if (value >= shortest) value = shortest + (value - shortest) * digits + digit(++i);
    value -= shift;
    bytes[count++] = value ^ swaps[value >> 4];
  }
  return bytes.slice(0, count);
}
