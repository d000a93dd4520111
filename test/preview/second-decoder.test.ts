import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePreview } from "../../src/preview.js";
import { decodeReferencePreview } from "../reference/decoder/preview.js";

/** The decoder of test/reference/decoder, written from docs/FORMAT.md, on golden previews and on any bytes. */

const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const model = read("../../models/preview.isthm");
const golden: { preview: string; pixels: string }[] = JSON.parse(
  Buffer.from(read("../vectors/previews.json")).toString(),
);

test.each(golden)("gives the pixels of the first: $preview", ({ preview, pixels }) => {
  const { data } = decodeReferencePreview(model, new Uint8Array(Buffer.from(preview, "base64url")), 6);
  expect(Buffer.from(data).toString("base64")).toBe(pixels);
});

test("agrees with the first on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 64 }), fc.integer({ min: 1, max: 12 }), (frame, size) => {
      expect(decodeReferencePreview(model, frame, size)).toEqual(decodePreview(frame, { size }));
    }),
    { numRuns: 60 },
  );
});
