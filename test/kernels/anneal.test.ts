import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { annealSymbols, type Sweep } from "../reference/anneal.js";
import { Random } from "../reference/random.js";
import { strict } from "./builds.js";
import { callWith, expectClose, samples, seeds, sides } from "./harness.js";

const f = Math.fround;

function run(sweep: Sweep, seed: number): { symbols: Float32Array; slope: Float32Array } {
  const { N, C, rate, temperature, reluctance, share } = sweep;
  const { symbols: start, gradient, up, down, shiftUp, shiftDown, curvature, sensitivity } = sweep;
  const arrays = [start, sweep.slope, gradient, up, down, shiftUp, shiftDown, curvature, sensitivity] as const;
  const state = callWith(strict, [new Int32Array(16)], (call, at) => call.seedRandom(seed, at))[0];
  const [symbols, slope] = callWith(
    strict,
    [...arrays, state],
    (call, symbols, slope, gradient, up, down, shiftUp, shiftDown, curvature, sensitivity, at) =>
      call.annealSymbols(
        ...([N, C, symbols, gradient, up, down, shiftUp, shiftDown, curvature, sensitivity, slope] as const),
        ...([rate, temperature, reluctance, share, at] as const),
      ),
  );
  return { symbols, slope };
}

function draw(N: number, C: number, seed: number): Sweep {
  const count = N * C;
  return {
    N,
    C,
    symbols: samples(count, seed, 2).map((x) => Math.round(x) + 0), // no -0
    gradient: samples(count, seed + 1, 3),
    up: samples(count, seed + 2, 2),
    down: samples(count, seed + 3, 2),
    shiftUp: samples(count, seed + 6, 0.3).map((x) => 1 + x),
    shiftDown: samples(count, seed + 7, 0.3).map((x) => 1 + x),
    curvature: samples(C, seed + 4).map(Math.abs),
    sensitivity: samples(N, seed + 8).map(Math.abs),
    slope: samples(count, seed + 5),
    rate: f(0.3),
    temperature: f(0.7),
    reluctance: f(0.2),
    share: f(0.8),
  };
}

/** One symbol whose steps cost `up` and `down`, curvature and all. */
const single = (up: number, down: number, changes: Partial<Sweep> = {}): Sweep => ({
  ...draw(1, 1, 0),
  ...{ symbols: Float32Array.of(5), gradient: new Float32Array(1), curvature: new Float32Array(1) },
  ...{ slope: new Float32Array(1), up: Float32Array.of(up), down: Float32Array.of(down) },
  ...{ shiftUp: Float32Array.of(1), shiftDown: Float32Array.of(1), sensitivity: Float32Array.of(1) },
  ...{ rate: 1, temperature: f(1e-3), reluctance: 0, share: 1 },
  ...changes,
});

describe("annealSymbols", () => {
  test("agrees with its twin, symbol by symbol", () => {
    fc.assert(
      fc.property(sides, fc.integer({ min: 1, max: 13 }), seeds, (N, C, seed) => {
        const sweep = draw(N, C, seed);
        const actual = run(sweep, seed);
        const wanted = annealSymbols(sweep, new Random(seed));
        // Where the draw falls between two outcomes, rounding decides.
        const isClear = (_: number, i: number): boolean => wanted.margins[i] > 1e-5;
        expect(Array.from(actual.symbols).filter(isClear)).toEqual(wanted.symbols.filter(isClear));
        const slopes = [Array.from(actual.slope).filter(isClear), wanted.slope.filter(isClear)] as const;
        expectClose(...slopes, { relative: 1e-5, absolute: 1e-5 });
      }),
    );
  });

  test.each([
    ["up where that costs least", -2, 1, 6],
    ["down where that costs least", 1, -0.5, 4],
    ["nowhere where both cost something", 0.1, 0.1, 5],
    ["the cheaper way where both gain", -3, -1, 6],
  ])("goes %s, when it is cold", (_, up, down, wanted) => {
    for (let seed = 0; seed < 20; seed++) expect(run(single(up, down), seed).symbols[0]).toBe(wanted);
  });

  test("stays where the gain is less than its reluctance, or curvature eats it", () => {
    expect(run(single(-2, 1, { reluctance: 3 }), 1).symbols[0]).toBe(5);
    // The parabola's slope at the symbol is 0, so that a step costs half its curvature.
    expect(run(single(-2, 1, { curvature: Float32Array.of(5) }), 1).symbols[0]).toBe(5);
    expect(run(single(-2, 1, { curvature: Float32Array.of(3) }), 1).symbols[0]).toBe(6);
  });

  test("counts how far a step moves the reconstruction", () => {
    const half = { shiftUp: Float32Array.of(0.5), shiftDown: Float32Array.of(0.5) };
    // A slope of -4 gains 2 over half a step, and 4 over a whole one.
    const steep = { gradient: Float32Array.of(-4) };
    expect(run(single(3, 9, steep), 1).symbols[0]).toBe(6);
    expect(run(single(3, 9, { ...steep, ...half }), 1).symbols[0]).toBe(5);
    // So does a sensitive cell, whose parabola is steeper.
    expect(run(single(3, 9, { ...steep, curvature: Float32Array.of(1) }), 1).symbols[0]).toBe(6);
    const sensitive = { curvature: Float32Array.of(1), sensitivity: Float32Array.of(4) };
    expect(run(single(3, 9, { ...steep, ...sensitive }), 1).symbols[0]).toBe(5);
  });

  test("lets the share move that it is told", () => {
    const count = 4000;
    const list = (value: number) => new Float32Array(count).fill(value);
    const steps = { up: list(-1), down: list(9), shiftUp: list(1), shiftDown: list(1), sensitivity: list(1) };
    const many = { N: count, symbols: list(0), gradient: list(0), slope: list(0), ...steps, share: f(0.25) };
    const { symbols } = run({ ...single(0, 0), ...many }, 5);
    expect(Math.abs(symbols.reduce((sum, symbol) => sum + symbol, 0) / count - 0.25)).toBeLessThan(0.03);
  });

  test("bears curvatures and costs beyond all measure", () => {
    const still = { symbols: new Float32Array(1), curvature: Float32Array.of(1e30) };
    expect(run(single(-30, -30, still), 1)).toEqual({ symbols: Float32Array.of(0), slope: Float32Array.of(0) });
    expect(run(single(-1e6, 1), 1).symbols[0]).toBe(6);
  });

  test("moves as often as its weights say, when it is warm", () => {
    const count = 4000;
    const list = (value: number) => new Float32Array(count).fill(value);
    // Weights 1 : 2 : 1 of going up, staying and going down.
    const cost = Math.log(2);
    const steps = { up: list(cost), down: list(cost), shiftUp: list(1), shiftDown: list(1), sensitivity: list(1) };
    const many = { N: count, symbols: list(0), gradient: list(0), slope: list(0), ...steps };
    const { symbols } = run({ ...single(0, 0), ...many, temperature: 1 }, 3);
    for (const [symbol, share] of [
      [1, 0.25],
      [0, 0.5],
      [-1, 0.25],
    ]) {
      expect(Math.abs(symbols.filter((value) => value === symbol).length / count - share)).toBeLessThan(0.03);
    }
  });
});
