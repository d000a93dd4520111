import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IsthmusError } from "../../src/ground/errors.js";
import { checkTables, codeLengthBits, frequenciesFrom, type TableBank } from "../../src/models/tables.js";

const bank = (minimum: number[], size: number[], frequencies: number[]): TableBank => ({
  minimum: Int32Array.from(minimum),
  size: Int32Array.from(size),
  frequencies: Uint16Array.from(frequencies),
});

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    return error instanceof IsthmusError ? error.code : `unexpected ${error}`;
  }
  return undefined;
};

const weightLists = fc.array(
  fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1e-300, 1e-9, 1, 1e9)),
  { minLength: 2, maxLength: 60 },
);

describe("frequenciesFrom", () => {
  test("gives at least 1 to every symbol and 65536 to all together", () => {
    fc.assert(
      fc.property(weightLists, (weights) => {
        fc.pre(weights.some((weight) => weight > 0));
        const frequencies = frequenciesFrom(Float64Array.from(weights));
        expect(Math.min(...frequencies)).toBeGreaterThanOrEqual(1);
        expect(frequencies.reduce((sum, frequency) => sum + frequency, 0)).toBe(65536);
      }),
    );
  });

  test("cannot be improved by moving one unit from a symbol to another", () => {
    const weights = Float64Array.from({ length: 40 }, (_, i) => Math.exp(-i / 1.3));
    const frequencies = frequenciesFrom(weights);
    const length = (values: ArrayLike<number>) =>
      weights.reduce((sum, weight, i) => sum - weight * Math.log(values[i]), 0);
    const best = length(frequencies);
    for (let from = 0; from < weights.length; from++) {
      if (frequencies[from] === 1) continue;
      for (let to = 0; to < weights.length; to++) {
        const moved = Array.from(frequencies);
        moved[from]--;
        moved[to]++;
        expect(length(moved)).toBeGreaterThanOrEqual(best - 1e-12);
      }
    }
  });

  test("keeps room for the rarest among 4097 symbols", () => {
    const frequencies = frequenciesFrom(Float64Array.from({ length: 4097 }, (_, i) => (i === 7 ? 1 : 0)));
    expect(frequencies[7]).toBe(65536 - 4096);
    expect(frequencies.filter((frequency) => frequency === 1)).toHaveLength(4096);
  });

  test("refuses weights that are no distribution", () => {
    for (const weights of [[1], [0, 0], [1, -1], [1, Number.NaN], [1, Infinity], Array(4098).fill(1)]) {
      expect(codeOf(() => frequenciesFrom(Float64Array.from(weights)))).toBe("invalid-model");
    }
  });
});

describe("checkTables", () => {
  test("accepts the smallest and the largest bank", () => {
    checkTables(bank([32767], [1], [65535, 1]));
    const wide = Array(4096)
      .fill(15)
      .concat(65536 - 4096 * 15);
    checkTables(bank(Array(256).fill(-2048), Array(256).fill(4096), Array(256).fill(wide).flat()));
  });

  test.each([
    ["no table", [], [], []],
    ["257 tables", Array(257).fill(0), Array(257).fill(1), Array(257).fill([65535, 1]).flat()],
    ["a size for each table", [0, 0], [1], [65535, 1]],
    ["an empty table", [0], [0], [65535]],
    ["a table of 4097 symbols", [0], [4097], Array(4097).fill(1).concat(61439)],
    ["symbols above the limit", [32767], [2], [65534, 1, 1]],
    ["symbols below the limit", [-32768], [1], [65535, 1]],
    ["a frequency too many", [0], [1], [65534, 1, 1]],
    ["a frequency of zero", [0], [2], [65535, 0, 1]],
    ["a sum below 65536", [0], [1], [65534, 1]],
    ["a sum above 65536", [0], [1], [65535, 2]],
  ])("refuses %s", (_, minimum, size, frequencies) => {
    expect(codeOf(() => checkTables(bank(minimum, size, frequencies)))).toBe("invalid-model");
  });
});

describe("codeLengthBits", () => {
  test("is the information of a symbol, and of the escape and its gamma code beyond the table", () => {
    const tables = bank([0, -1], [1, 2], [65535, 1, 16384, 32768, 16384]);
    expect(codeLengthBits(tables, 1, -1)).toBe(2);
    expect(codeLengthBits(tables, 1, 0)).toBe(1);
    expect(codeLengthBits(tables, 1, 1)).toBe(2 + 1); // code 1
    expect(codeLengthBits(tables, 1, -2)).toBe(2 + 3); // code 2
    expect(codeLengthBits(tables, 1, 2)).toBe(2 + 3); // code 3
    expect(codeLengthBits(tables, 1, -3)).toBe(2 + 5); // code 4
    expect(codeLengthBits(tables, 0, 1)).toBe(16 + 1);
  });
});
