import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RangeDecoder, RangeEncoder, total } from "../../src/preview/range-coder.js";

/** Events as where their interval begins and how wide it is. */
const event = fc
  .tuple(fc.integer({ min: 0, max: total - 1 }), fc.integer({ min: 1, max: total }))
  .map(([begin, width]) => [begin, Math.min(total, begin + width)] as const);

function encode(events: readonly (readonly [number, number])[], length: number) {
  const coder = new RangeEncoder();
  for (const [begin, end] of events) coder.encode(begin, end);
  return coder.finish(length);
}

describe("the range coder", () => {
  it("gives back every event, in as many bytes as their bits fill", () => {
    const check = (events: readonly (readonly [number, number])[]): void => {
      const bits = events.reduce((sum, [begin, end]) => sum + 16 - Math.log2(end - begin), 0);
      const length = Math.ceil((bits + 0.01) / 8);
      const bytes = encode(events, length);
      expect(bytes?.length).toBe(length);
      const decoder = new RangeDecoder(bytes!);
      for (const [begin, end] of events) {
        const target = decoder.peek();
        expect(target).toBeGreaterThanOrEqual(begin);
        expect(target).toBeLessThan(end);
        decoder.accept(begin, end);
      }
    };
    fc.assert(fc.property(fc.array(event, { maxLength: 200 }), check), { numRuns: 500 });
  });

  it("pads with zeros, and refuses what does not fit", () => {
    expect(encode([[0, 1]], 5)).toEqual(new Uint8Array(5));
    expect(
      encode(
        [
          [12_345, 12_346],
          [7, 8],
        ],
        3,
      ),
    ).toBeUndefined();
    expect(
      encode(
        [
          [12_345, 12_346],
          [7, 8],
        ],
        4,
      ),
    ).toHaveLength(4);
  });

  it("carries into bytes that are written already", () => {
    const events = [...Array.from({ length: 20 }, () => [total - 1, total] as const), [total - 3, total - 1] as const];
    const bytes = encode(events, 42)!;
    const decoder = new RangeDecoder(bytes);
    for (const [begin, end] of events) {
      expect(decoder.peek()).toBeGreaterThanOrEqual(begin);
      expect(decoder.peek()).toBeLessThan(end);
      decoder.accept(begin, end);
    }
  });
});
