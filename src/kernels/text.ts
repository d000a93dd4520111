/**
 * Bytes that travel as text, see scripts/bytes-as-text.mjs. A digit is one of the 92 characters from `#` to `~`, with `!` in the place of the
 * backslash. A byte plus 3 (modulo 256) is one digit below 90, else two: 90 or 91, and the rest. So the same instructions are the same characters,
 * which base64 spoils, and gzip makes of the text nearly what it makes of the bytes.
 */
const digits = 92;
const shortest = 90;
const shift = 3;

export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const digit = (i: number): number => {
    const code = text.charCodeAt(i) - 35;
    return code < 0 ? 57 : code;
  };
  const bytes = new Uint8Array(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    let value = digit(i);
    if (value >= shortest) value = shortest + (value - shortest) * digits + digit(++i);
    bytes[count++] = value - shift;
  }
  return bytes.slice(0, count);
}
