/** The value of a JSON text in UTF-8 that names no key of an object twice; `cause` tells why there is none. */
export function readUniqueJson(bytes: Uint8Array): { readonly value?: unknown; readonly cause?: unknown } {
  try {
    return { value: parseUniqueJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) };
  } catch (cause) {
    return { cause };
  }
}

/**
 * `JSON.parse` that refuses an object with the same key twice, where readers would disagree about the value.
 * @throws SyntaxError
 */
function parseUniqueJson(text: string): unknown {
  let values = 0;
  const value: unknown = JSON.parse(text, function (this: unknown, _, inner: unknown) {
    if (!Array.isArray(this)) values++;
    return inner;
  });
  // The text is well-formed from here on, so a string before a colon is a key. The outermost value has none.
  for (const [, isKey] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) if (isKey) values--;
  if (values !== 1) throw new SyntaxError("Expected each key once");
  return value;
}
