import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
// @ts-expect-error: a script without types
import { textOf } from "../../scripts/bytes-as-text.mjs";
import { bytesOfText } from "../../src/kernels/bytes-of-text.js";

const every = Uint8Array.from({ length: 1024 }, (_, i) => (i * 7 + (i >> 8)) & 255);

test("every byte comes back", () => {
  expect(new Set(every).size).toBe(256);
  expect(bytesOfText(textOf(every))).toEqual(every);
  expect(bytesOfText(textOf(new Uint8Array(0)))).toEqual(new Uint8Array(0));
});

test("no character needs an escape in a string, or a second byte", () => {
  expect(textOf(every)).toMatch(/^[!#-[\]-~]+$/);
});

describe.each(["strict", "relaxed", "decoding"])("the %s kernels", (name) => {
  const file = readFile(new URL(`../../build/kernels-${name}.wasm`, import.meta.url));

  test("are in their text", async () => {
    const { default: text } = await import(`../../build/kernels-${name}.ts`);
    expect(Buffer.from(bytesOfText(text)).equals(await file)).toBe(true);
  });

  test("are hardly larger as text than as bytes once a page is compressed, and much smaller than as base64", async () => {
    const bytes = await file;
    const text = gzipSync(textOf(bytes)).length;
    expect(text).toBeLessThan(gzipSync(bytes).length * 1.03);
    expect(text).toBeLessThan(gzipSync(bytes.toString("base64")).length * 0.8);
  });
});
