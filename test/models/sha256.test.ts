import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256 } from "../../src/models/sha256.js";

const expected = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

test("is that of FIPS 180-4", () => {
  const hex = (text: string): string => Buffer.from(sha256(new TextEncoder().encode(text))).toString("hex");
  expect(hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("agrees with Node's at every length of padding", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 167 + length * 31) & 255);
    expect(sha256(bytes)).toEqual(expected(bytes));
  }
});

test("takes a view into the middle of a buffer, and many bytes", () => {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * i) >> 3).subarray(5, -3);
  expect(sha256(bytes)).toEqual(expected(bytes));
});
