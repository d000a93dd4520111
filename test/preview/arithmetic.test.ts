import { describe, expect, it } from "vitest";
import { cosineTable, exponential, logistic } from "../../src/preview/arithmetic.js";

describe("arithmetic of previews", () => {
  it("has the exponential and the logistic function", () => {
    for (let x = -40; x <= 40; x += 0.0371) {
      expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-10);
      expect(Math.abs(logistic(x) - 1 / (1 + Math.exp(-x)))).toBeLessThan(1e-10);
    }
    expect(exponential(1000)).toBe(exponential(40));
    expect(exponential(-1000)).toBe(exponential(-40));
  });

  it.each([1, 2, 5, 32, 333])("has the cosines of %i samples", (length) => {
    const count = 13;
    const table = cosineTable(length, count);
    for (let x = 0; x < length; x++) {
      for (let k = 0; k < count; k++) {
        expect(Math.abs(table[x * count + k] - Math.cos((Math.PI * k * (x + 0.5)) / length))).toBeLessThan(1e-12);
      }
    }
  });
});
