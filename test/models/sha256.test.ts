import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { finish } from "../../src/ground/steps.js";
import { sha256, sha256Steps } from "../../src/models/sha256.js";

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

test("takes pieces that end anywhere", () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 89) & 255);
  for (const lengths of [
    [64, 64],
    [1, 63, 64],
    [3, 0, 200, 61],
    [63, 2, 128, 4000],
    [500, 4500],
  ]) {
    const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length));
    const pieces = ends.map((end, i) => bytes.subarray(end - lengths[i], end));
    expect(finish(sha256Steps(pieces))).toEqual(expected(bytes.subarray(0, ends.at(-1))));
  }
});

test("takes a view into the middle of a buffer, and many bytes", () => {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * i) >> 3).subarray(5, -3);
  expect(sha256(bytes)).toEqual(expected(bytes));
});
