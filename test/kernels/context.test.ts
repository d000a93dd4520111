import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neighbourIndices } from "../../src/models/neighbours.js";
import * as twin from "../reference/context.js";
import { strict } from "./builds.js";
import { callWith, counts, samples, seeds } from "./harness.js";
import { laidOut, mark, rowsOf, takenApart } from "./strided-rows.js";

/** The choice of the context prior, and a coarse one. */
const choices = [
  { lowest: -2.2072749131897207, density: 6.126, scales: 40, fractions: 5 },
  { lowest: 0, density: 1, scales: 3, fractions: 1 },
];

/** Tables of one mean and log scale a row, which the kernel multiplies by 4. */
function chooseTables(mean: Float32Array, logScale: Float32Array, choice: twin.TableChoice): Uint8Array {
  const outputs = Float32Array.from({ length: 2 * mean.length }, (_, i) =>
    i % 2 === 0 ? mean[i >> 1] : logScale[i >> 1] / 4,
  );
  const predicted = predictSymbols(mean.length, 1, outputs, Float32Array.of(1), Float32Array.of(0), choice);
  expect(predicted.mean).toEqual(mean);
  return predicted.tables;
}

function predictSymbols(
  N: number,
  C: number,
  outputs: Float32Array,
  inverse: Float32Array,
  offset: Float32Array,
  { lowest, density, scales, fractions }: twin.TableChoice,
) {
  const count = N * C;
  const floats = () => new Float32Array(count + 3);
  const [, , , mean, tables] = callWith(
    strict,
    [outputs, inverse, offset, floats(), new Uint8Array(count + 3)],
    (call, from, inverse, offset, ...to) =>
      call.predictSymbols(...([N, C, from, inverse, offset, lowest, density, scales, fractions] as const), ...to),
  );
  return { mean: mean.slice(0, count), tables: tables.slice(0, count) };
}

const centre = (symbols: Int32Array, mean: Float32Array): Int32Array =>
  callWith(strict, [symbols, mean, new Int32Array(mean.length)], (call, from, meanAt, to) =>
    call.centreSymbols(mean.length, from, meanAt, to),
  )[2];

/** The symbols alone of a grid of one channel. */
const restore = (centred: Int32Array, mean: Float32Array): Int32Array =>
  completeSymbols(centred.length, 1, {
    centred,
    mean,
    tables: new Uint8Array(mean.length),
    centroids: undefined,
    gain: Float32Array.of(1),
    share: Float32Array.of(0),
    coded: Int32Array.of(-1),
    cells: Int32Array.from(mean, (_, i) => i),
    first: 0,
    stride: 1,
    places: mean.length,
  }).symbols;

interface Completion {
  readonly centred: Int32Array;
  readonly mean: Float32Array;
  readonly tables: Uint8Array;
  readonly centroids: Float32Array | undefined;
  readonly gain: Float32Array;
  readonly share: Float32Array;
  readonly coded: Int32Array;
  readonly cells: Int32Array;
  readonly first: number;
  readonly stride: number;
  readonly places: number;
}

function completeSymbols(N: number, C: number, given: Completion, reconstructs = true) {
  const { centred, mean, tables, centroids, gain, share, coded, cells, first, stride, places } = given;
  const floats = () => new Float32Array(places * stride).fill(mark);
  const [, , , , , , , , symbols, dequantized, reconstructed] = callWith(
    strict,
    [
      centred,
      mean,
      tables,
      centroids ?? new Float32Array(0),
      gain,
      share,
      coded,
      cells,
      new Int32Array(places * stride).fill(mark),
      floats(),
      floats(),
    ],
    (call, centred, mean, tables, table, gain, share, coded, cells, symbols, dequantized, reconstructed) => {
      const at = first * 4;
      call.completeSymbols(
        ...([N, C, centred, mean, tables, centroids ? table : 0, gain, share, coded, cells, stride] as const),
        ...([symbols + at, dequantized + at, reconstructs ? reconstructed + at : 0] as const),
      );
    },
  );
  return { symbols, dequantized, reconstructed };
}

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

describe("predictSymbols", () => {
  test("equals its twin in every bit, whatever the number of channels", () => {
    fc.assert(
      fc.property(
        fc.nat(9),
        fc.integer({ min: 1, max: 19 }),
        seeds,
        fc.constantFrom(...choices),
        (N, C, seed, choice) => {
          const outputs = samples(N * 2 * C, seed);
          const [inverse, offset] = [samples(C, seed + 1, 3), samples(C, seed + 2)];
          const actual = predictSymbols(N, C, outputs, inverse, offset, choice);
          expect(actual).toEqual(twin.predictSymbols(N, C, outputs, inverse, offset, choice));
        },
      ),
    );
  });
});

describe("completeSymbols", () => {
  const cases = fc.record({
    places: fc.integer({ min: 1, max: 9 }),
    C: fc.integer({ min: 1, max: 13 }),
    first: fc.nat(3),
    rest: fc.nat(3),
    seed: seeds,
    reconstructs: fc.boolean(),
    moves: fc.boolean(),
  });

  test("does what its twin does, and touches nothing else of the grids", () => {
    fc.assert(
      fc.property(cases, ({ places, C, first, rest, seed, reconstructs, moves }) => {
        // Every other place, from the last to the first.
        const cells = Int32Array.from({ length: (places + 1) >> 1 }, (_, i) => places - 1 - 2 * i);
        const N = cells.length;
        const given = {
          centred: Int32Array.from(samples(N * C, seed, 12)),
          mean: samples(N * C, seed + 1, 2),
          tables: Uint8Array.from(samples(N * C, seed + 2), (x) => Math.abs(Math.round(x)) % 5),
          centroids: moves ? samples(5 * 32, seed + 6) : undefined,
          gain: samples(C, seed + 3).map((x) => Math.exp(x)),
          share: samples(C, seed + 4),
          coded: Int32Array.from(samples(C, seed + 5), (x) => (x > -0.5 ? -1 : 0)),
          cells,
          first,
          stride: first + C + rest,
          places,
        };
        const actual = completeSymbols(N, C, given, reconstructs);
        expect(actual).toEqual(twin.completeSymbols(N, C, { ...given, mark, reconstructs }));
      }),
    );
  });
});

describe("gatherNeighbours", () => {
  test("puts the four neighbours side by side, and the quality behind them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        seeds,
        (W, H, C, seed) => {
          const grid = rowsOf(W * H, C, seed);
          const cells = Int32Array.from({ length: W * H }, (_, i) => (i * 7) % (W * H));
          const width = 4 * C + 1;
          const [, , gathered] = callWith(
            strict,
            [laidOut(grid, C, C), cells, new Float32Array(cells.length * width)],
            (call, from, cells, to) => call.gatherNeighbours(W * H, C, W, cells, from, 0.25, to),
          );
          expect(takenApart(gathered, width, width)).toEqual(
            Array.from(cells, (cell) => [
              ...neighbourIndices(Int32Array.of(cell), { width: W, height: H }).flatMap(([at]) =>
                at < 0 ? Array(C).fill(0) : grid[at],
              ),
              0.25,
            ]),
          );
        },
      ),
    );
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
