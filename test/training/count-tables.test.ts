import fc from "fast-check";
import { expect, test } from "vitest";
import { contextTableShape } from "../../src/models/context-prior.js";
import { frequenciesFrom } from "../../src/models/tables.js";
import { learnedShapes, shortened } from "../../src/training/count-tables.js";

test("shortened frequencies are those of a table still, near the exact ones, and all but one of four bits", () => {
  const weight = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e9));
  fc.assert(
    fc.property(fc.array(weight, { minLength: 2, maxLength: 600 }), (weights) => {
      const exact = frequenciesFrom(Float64Array.from([1e-3 + weights[0], ...weights.slice(1)]));
      const short = shortened(exact);
      expect(short.reduce((sum, frequency) => sum + frequency, 0)).toBe(65536);
      expect(short.includes(0)).toBe(false);
      const long = Array.from(short).filter((frequency) => {
        const bits = frequency.toString(2);
        return frequency < 65535 && bits.slice(4).includes("1");
      });
      expect(long.length).toBeLessThanOrEqual(1);
      short.forEach((frequency, i) => {
        expect(Math.abs(frequency - exact[i])).toBeLessThanOrEqual(exact[i] / 8 + 1);
      });
    }),
  );
});

test("tables of one scale have one shape, which those with few counts learn from the others", () => {
  // Six tables to a scale, by the fraction of the mean.
  const shapes = [120, 121, 126].map(contextTableShape);
  const [counted, alike, other] = shapes;
  const laplacian = Float64Array.from({ length: 2 * counted.magnitude + 2 }, (_, i) =>
    i > 2 * counted.magnitude ? 0 : 1e6 * Math.exp((-Math.SQRT2 * Math.abs(i - counted.magnitude)) / counted.scale),
  );
  const nothing = ({ magnitude }: typeof counted) => new Float64Array(2 * magnitude + 2);
  const [, learned, assumed] = learnedShapes(shapes, [laplacian, nothing(alike), nothing(other)]);
  const at = (symbol: number) => learned[symbol + alike.magnitude] / alike.probability(symbol);
  // A Laplacian has more in the middle and far out than the Gaussian that training assumed, and less between them.
  expect(at(0)).toBeGreaterThan(1.2);
  expect(at(Math.round(1.2 * alike.scale))).toBeLessThan(0.9);
  expect(at(Math.round(3.5 * alike.scale))).toBeGreaterThan(2);
  assumed.forEach((probability, i) => {
    expect(probability).toBeCloseTo(Math.max(other.probability(i - other.magnitude), 1e-9), 12);
  });
});
