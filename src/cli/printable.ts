/**
 * Signs that would steer a terminal, or show something else than is there: controls (colours, titles, cursor), separators of lines and paragraphs, marks
 * and overrides of direction, spaces without width, tags, and halves of surrogates.
 */
const steering =
  /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

function escaped(sign: string): string {
  const code = sign.codePointAt(0)!;
  if (sign === "\n") return "\\n";
  if (sign === "\r") return "\\r";
  if (sign === "\t") return "\\t";
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** A text from outside (a name, a fact, a message about one) as one line that a terminal shows and does not obey. */
export const printable = (text: string): string => text.replace(steering, escaped);

/** The same for a text of several lines, and of columns that tabs part, which were put together here. */
export const printableLines = (text: string): string =>
  text.replace(steering, (sign) => (sign === "\n" || sign === "\t" ? sign : escaped(sign)));

/** JSON of the same value, in which no sign steers a terminal. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(steering, (sign) =>
    // Half of a pair at a time, as JSON spells them.
    sign
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
