/**
 * `JSON.parse` that refuses an object with the same key twice, where readers would disagree about the value.
 * @throws SyntaxError
 */
export function parseUniqueJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // The text is well-formed from here on, so a string before a colon is a key of the innermost open object.
  const open: Set<string>[] = [];
  for (const [token, key] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (key !== undefined) {
      const keys = open[open.length - 1];
      const name: string = JSON.parse(key);
      if (keys.has(name)) throw new SyntaxError(`Expected each key once but received ${key} twice`);
      keys.add(name);
    }
  }
  return value;
}
