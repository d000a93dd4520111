import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/context.js";
import { strict } from "./builds.js";
import { callWith, counts, dot, samples, seeds } from "./harness.js";

type Row = number[];

/** What the gaps between rows hold, before and after. */
const mark = 77;

/** Rows of `width` floats, `stride` apart. */
function laidOut(rows: readonly Row[], width: number, stride: number): Float32Array {
  const array = new Float32Array(rows.length ? (rows.length - 1) * stride + width : 0).fill(mark);
  for (const [n, row] of rows.entries()) array.set(row, n * stride);
  return array;
}

function takenApart(array: Float32Array, width: number, stride: number): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < array.length; at += stride) {
    rows.push(Array.from(array.subarray(at, at + width)));
    expect(array.subarray(at + width, at + stride).every((value) => value === mark)).toBe(true);
  }
  return rows;
}

const rowsOf = (count: number, width: number, seed: number): Row[] => {
  const values = samples(count * width, seed);
  return Array.from({ length: count }, (_, n) => Array.from(values.subarray(n * width, (n + 1) * width)));
};

const settings = fc
  .record({
    places: fc.integer({ min: 1, max: 9 }),
    width: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(31, 96)),
    gaps: fc.tuple(fc.nat(5), fc.nat(5)),
    seed: seeds,
  })
  .chain((setting) =>
    fc
      .array(fc.integer({ min: -1, max: setting.places - 1 }), { maxLength: 12 })
      .map((indices) => ({ ...setting, indices })),
  );

function gatherRows(source: Row[], indices: Row, width: number, [from, to]: Row = [0, 0]): Row[] {
  const output = laidOut(
    indices.map(() => Array(width).fill(5)),
    width,
    width + to,
  );
  const [, , gathered] = callWith(
    strict,
    [laidOut(source, width, width + from), Int32Array.from(indices), output],
    (call, sourceAt, indicesAt, outputAt) =>
      call.gatherRows(indices.length, width, sourceAt, width + from, indicesAt, outputAt, width + to),
  );
  return takenApart(gathered, width, width + to);
}

function moveRows(
  kernel: "addRows" | "placeRows",
  input: Row[],
  indices: Row,
  destination: Row[],
  width: number,
  [from, to]: Row = [0, 0],
): Row[] {
  const [, , moved] = callWith(
    strict,
    [laidOut(input, width, width + from), Int32Array.from(indices), laidOut(destination, width, width + to)],
    (call, inputAt, indicesAt, destinationAt) =>
      call[kernel](indices.length, width, inputAt, width + from, indicesAt, destinationAt, width + to),
  );
  return takenApart(moved, width, width + to);
}

describe("rows by index", () => {
  test("are gathered and added as the twins do, whatever the strides", () => {
    fc.assert(
      fc.property(settings, ({ places, width, gaps, seed, indices }) => {
        const source = rowsOf(places, width, seed);
        const input = rowsOf(indices.length, width, seed + 1);
        expect(gatherRows(source, indices, width, gaps)).toEqual(twin.gatherRows(source, indices, width));
        expect(moveRows("addRows", input, indices, source, width, gaps)).toEqual(twin.addRows(input, indices, source));
      }),
    );
  });

  test("are placed as the twin does, the last one where an index comes twice", () => {
    fc.assert(
      fc.property(settings, ({ places, width, gaps, seed, indices: any }) => {
        const indices = any.filter((index) => index >= 0);
        const input = rowsOf(indices.length, width, seed);
        const destination = rowsOf(places, width, seed + 1);
        expect(moveRows("placeRows", input, indices, destination, width, gaps)).toEqual(
          twin.placeRows(input, indices, destination),
        );
      }),
    );
  });

  test("addRows is the adjoint of gatherRows: <gather x, y> = <x, add y>", () => {
    fc.assert(
      fc.property(settings, ({ places, width, seed, indices }) => {
        const x = rowsOf(places, width, seed);
        const y = rowsOf(indices.length, width, seed + 1);
        const zeros = rowsOf(places, width, seed).map((row) => row.map(() => 0));
        const left = dot(gatherRows(x, indices, width).flat(), y.flat());
        const right = dot(x.flat(), moveRows("addRows", y, indices, zeros, width).flat());
        expect(Math.abs(left - right)).toBeLessThan(1e-4 * (1 + width * indices.length));
      }),
    );
  });

  test("gathering what was placed gives it back", () => {
    fc.assert(
      fc.property(settings, ({ places, width, seed, indices: any }) => {
        const indices = [...new Set(any.filter((index) => index >= 0))];
        const input = rowsOf(indices.length, width, seed);
        const placed = moveRows("placeRows", input, indices, rowsOf(places, width, seed + 1), width);
        expect(gatherRows(placed, indices, width)).toEqual(input);
      }),
    );
  });
});

/** The choice of the context prior, and a coarse one. */
const choices = [
  { lowest: -2.2072749131897207, density: 6.126, scales: 40, fractions: 5 },
  { lowest: 0, density: 1, scales: 3, fractions: 1 },
];

function chooseTables(mean: Float32Array, logScale: Float32Array, choice: twin.TableChoice): Uint8Array {
  const { lowest, density, scales, fractions } = choice;
  return callWith(strict, [mean, logScale, new Uint8Array(mean.length)], (call, meanAt, logScaleAt, tablesAt) =>
    call.chooseTables(mean.length, meanAt, logScaleAt, lowest, density, scales, fractions, tablesAt),
  )[2];
}

const centre = (symbols: Int32Array, mean: Float32Array): Int32Array =>
  callWith(strict, [symbols, mean, new Int32Array(mean.length)], (call, from, meanAt, to) =>
    call.centreSymbols(mean.length, from, meanAt, to),
  )[2];

const restore = (centred: Int32Array, mean: Float32Array): Int32Array =>
  callWith(strict, [centred, mean, new Int32Array(mean.length)], (call, from, meanAt, to) =>
    call.restoreSymbols(mean.length, from, meanAt, to),
  )[2];

/** Ties, the neighbours of ties, numbers too large for 32 bits, and what is no number. */
const edges = Float32Array.of(
  ...[0, -0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.49999997, 0.50000006, -0.50000006, 0.05, 0.15, 0.25, 0.35, 0.45, 1e-40],
  ...[8388607.5, 16777217, 2147483520, 2147483648, -2147483648, 3e9, -3e9, 3.4e38, -3.4e38],
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
);

describe("chooseTables", () => {
  test("equals its twin", () => {
    fc.assert(
      fc.property(counts, seeds, fc.constantFrom(...choices), (count, seed, choice) => {
        const mean = samples(count, seed, 3);
        const logScale = samples(count, seed + 1, 3);
        expect(chooseTables(mean, logScale, choice)).toEqual(twin.chooseTables(mean, logScale, choice));
      }),
    );
  });

  test("takes any float at all for a mean or a scale, and names a table that exists", () => {
    const pairs = Array.from(edges).flatMap((mean) => Array.from(edges, (logScale) => [mean, logScale]));
    const mean = Float32Array.from(pairs, ([first]) => first);
    const logScale = Float32Array.from(pairs, ([, second]) => second);
    for (const choice of choices) {
      const tables = chooseTables(mean, logScale, choice);
      expect(tables).toEqual(twin.chooseTables(mean, logScale, choice));
      expect(Math.max(...tables)).toBeLessThan(choice.scales * (choice.fractions + 1));
    }
  });

  test("gives a mean and its mirror image the same table, and so a mean one integer further", () => {
    fc.assert(
      fc.property(fc.integer({ min: -512, max: 512 }), fc.nat(12), (part, integers) => {
        const mean = Float32Array.of(part / 1024, -part / 1024, part / 1024 + integers);
        const tables = chooseTables(mean, new Float32Array(3), choices[0]);
        expect(new Set(tables).size).toBe(1);
      }),
    );
  });

  test("snaps scales to the nearest entry and to the ends", () => {
    const logScale = Float32Array.of(-9, 0, 0.4, 0.6, 1, 2, 2.6, 99);
    expect(Array.from(chooseTables(new Float32Array(8), logScale, choices[1]))).toEqual([0, 0, 0, 2, 2, 4, 4, 4]);
  });

  test("depends on its own element alone, wherever in a run that stands", () => {
    const [mean, logScale] = [samples(23, 4, 2), samples(23, 5, 2)];
    const whole = chooseTables(mean, logScale, choices[0]);
    for (let start = 0; start < 23; start++) {
      expect(chooseTables(mean.slice(start), logScale.slice(start), choices[0])).toEqual(whole.slice(start));
    }
  });
});

describe("centred symbols", () => {
  const symbolsFor = (count: number, seed: number) => Int32Array.from(samples(count, seed, 300));

  test("equal their twin, and come back whole", () => {
    fc.assert(
      fc.property(counts, seeds, fc.constantFrom(0.3, 5, 1e6), (count, seed, deviation) => {
        const symbols = symbolsFor(count, seed);
        const mean = samples(count, seed + 1, deviation);
        const centred = centre(symbols, mean);
        expect(centred).toEqual(twin.centreSymbols(symbols, mean));
        expect(restore(centred, mean)).toEqual(symbols);
        expect(restore(symbols, mean)).toEqual(twin.restoreSymbols(symbols, mean));
      }),
    );
  });

  test("come back whole for any float as mean: ties, huge ones, infinities and NaN", () => {
    for (const symbol of [0, 1, -1, 32767, -32767]) {
      const symbols = new Int32Array(edges.length).fill(symbol);
      const centred = centre(symbols, edges);
      expect(centred).toEqual(twin.centreSymbols(symbols, edges));
      expect(restore(centred, edges)).toEqual(symbols);
    }
  });

  test("are 0 at the integer nearest to the mean and positive on the mean's side", () => {
    const mean = Float32Array.of(3.2, 2.8, -3.2, -2.8);
    expect(Array.from(centre(Int32Array.of(3, 3, -3, -3), mean))).toEqual([0, 0, 0, 0]);
    expect(Array.from(centre(Int32Array.of(4, 2, -4, -2), mean))).toEqual([1, 1, 1, 1]);
  });
});
