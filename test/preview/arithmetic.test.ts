import { describe, expect, it } from "vitest";
import { exponential, logarithm, logarithm2 } from "../../src/ground/arithmetic.js";
import { cosineTable, logistic } from "../../src/preview/arithmetic.js";

describe("arithmetic of previews", () => {
  it("has the exponential and the logistic function", () => {
    for (let x = -40; x <= 40; x += 0.0371) {
      expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-10);
      expect(Math.abs(logistic(x) - 1 / (1 + Math.exp(-x)))).toBeLessThan(1e-10);
    }
    expect(exponential(1000)).toBe(exponential(40));
    expect(exponential(-1000)).toBe(exponential(-40));
  });

  it("has the logarithms of all positive numbers", () => {
    for (const value of [
      1e-300,
      1e-9,
      1 / 64,
      0.7,
      1,
      1.5,
      Math.SQRT2,
      2,
      65535,
      65536,
      2 ** 31,
      2 ** 32,
      1e18,
      1e300,
    ]) {
      expect(Math.abs(logarithm2(value) - Math.log2(value))).toBeLessThan(1e-12);
      expect(Math.abs(logarithm(value) - Math.log(value))).toBeLessThan(1e-12);
    }
    for (const value of [0, Number.POSITIVE_INFINITY, -1, Number.NEGATIVE_INFINITY, Number.NaN]) {
      expect([logarithm2(value), logarithm(value)]).toEqual([Math.log2(value), Math.log(value)]);
    }
    for (let exponent = -40; exponent < 60; exponent++) expect(logarithm2(2 ** exponent)).toBe(exponent);
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
