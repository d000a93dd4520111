import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { inspect, type StreamReport } from "../../../src/codec/inspect.js";
import { longestHead } from "../../../src/codec/stream/container.js";
import { readHead } from "../../../src/codec/stream/head.js";
import { readGolden } from "../../vectors/golden-files.js";

const golden: { good: { name: string; bare?: unknown; width: number; height: number }[] } = JSON.parse(
  readFileSync(new URL("../../vectors/golden/golden.json", import.meta.url), "utf8"),
);
const streams = golden.good.filter(({ bare }) => !bare).map(({ name }) => name);

describe("the head of a stream", () => {
  test.each(streams)("tells what inspect tells: %s", (name) => {
    const stream = readGolden(`${name}.isth`);
    const { kind, bytes, bitsPerPixel, sections, ...rest } = inspect(stream) as StreamReport;
    expect(kind).toBe("stream");
    expect(readHead(stream.subarray(0, longestHead))).toEqual(rest);
    // Sides of up to 127 pixels take a byte each, a square has one, and a lossless picture has no quality.
    const head = readHead(stream);
    const length = 11 + [...new Set([head.width, head.height])].reduce((sum, side) => sum + (side < 128 ? 1 : 2), 0);
    const needed = length + (head.lossless ? 0 : 1);
    expect(readHead(stream.subarray(0, needed))).toEqual(rest);
    for (let cut = 0; cut < needed; cut++) {
      expect(() => readHead(stream.subarray(0, cut))).toThrow(expect.objectContaining({ code: "truncated" }));
    }
  });

  test("is none of what is no stream", () => {
    expect(() => readHead(readGolden("photo.isthm"))).toThrow(expect.objectContaining({ code: "not-isthmus" }));
    expect(() => readHead(readGolden("newer-version.isth"))).toThrow(
      expect.objectContaining({ code: "unsupported-version" }),
    );
    expect(() => readHead("photo.isth" as never)).toThrow(expect.objectContaining({ code: "invalid-parameter" }));
    const wide = readGolden("photo-8x8.isth").slice();
    wide.set([0xff, 0xff, 0x7f], 11);
    expect(() => readHead(wide)).toThrow(expect.objectContaining({ code: "image-too-large" }));
  });
});
