import fc from "fast-check";
import { expect, test } from "vitest";
import { frequenciesFrom } from "../../src/models/tables.js";
import { shortened } from "../../src/training/count-tables.js";

test("shortened frequencies are those of a table still, near the exact ones, and all but one of five bits", () => {
  const weight = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e9));
  fc.assert(
    fc.property(fc.array(weight, { minLength: 2, maxLength: 600 }), (weights) => {
      const exact = frequenciesFrom(Float64Array.from([1e-3 + weights[0], ...weights.slice(1)]));
      const short = shortened(exact);
      expect(short.reduce((sum, frequency) => sum + frequency, 0)).toBe(65536);
      expect(short.includes(0)).toBe(false);
      const long = Array.from(short).filter((frequency) => {
        const bits = frequency.toString(2);
        return frequency < 65535 && bits.slice(5).includes("1");
      });
      expect(long.length).toBeLessThanOrEqual(1);
      short.forEach((frequency, i) => {
        expect(Math.abs(frequency - exact[i])).toBeLessThanOrEqual(exact[i] / 16 + 1);
      });
    }),
  );
});
