/**
 * `JSON.parse` that refuses an object with the same key twice, where readers would disagree about the value.
 * @throws SyntaxError
 */
export function parseUniqueJson(text: string): unknown {
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
