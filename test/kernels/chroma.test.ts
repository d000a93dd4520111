import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { strict } from "./builds.js";
import { callWith, dot, samples, seeds } from "./harness.js";

const shapes = fc.record({ N: fc.integer({ min: 1, max: 3 }), half: fc.integer({ min: 1, max: 13 }) });
const pixels = (N: number, S: number): number => 3 * N * S * S;

function enlarge(N: number, S: number, halved: Float32Array): Float32Array {
  return callWith(strict, [halved, new Float32Array(pixels(N, S))], (call, from, to) =>
    call.enlargeChroma(N, S, from, to),
  )[1];
}

const gradientOf = (N: number, S: number, gradient: Float32Array): Float32Array =>
  callWith(strict, [gradient, new Float32Array(pixels(N, S) / 2)], (call, from, to) =>
    call.enlargeChromaGradient(N, S, from, to),
  )[1];

const halve = (N: number, S: number, windows: Float32Array): Float32Array =>
  callWith(strict, [windows, new Float32Array(pixels(N, S) / 2)], (call, from, to) =>
    call.halveChroma(N, S, from, to),
  )[1];

/** docs/FORMAT.md, "Synthesis", step 2, of one window. */
function twin(S: number, halved: Float32Array): Float32Array {
  const { fround } = Math;
  const H = S / 2;
  const at = (plane: number, y: number, x: number): number =>
    y < 0 || x < 0 || y >= H || x >= H ? 0 : halved[S * S + plane * H * H + y * H + x];
  const between = (i: number, sample: (k: number) => number): number => {
    const k = i >> 1;
    return fround(fround(sample(k) * 0.75) + fround(sample(i % 2 ? k + 1 : k - 1) * 0.25));
  };
  const colour = (y: number, column: number): readonly number[] => {
    if (column < 0 || column >= H) return [0, 0, 0];
    const [cb, cr] = [0, 1].map((plane) => between(y, (row) => at(plane, row, column)));
    const green = fround(-fround(cb * fround(0.344136)) - fround(cr * fround(0.714136)));
    return [fround(cr * fround(1.402)), green, fround(cb * fround(1.772))];
  };
  return Float32Array.from({ length: 3 * S * S }, (_, i) => {
    const [y, x] = [Math.floor(i / 3 / S), Math.floor(i / 3) % S];
    return fround(halved[y * S + x] + between(x, (column) => colour(y, column)[i % 3]));
  });
}

describe("windows of half colour differences", () => {
  test("are enlarged as their twin says, in every bit", () => {
    fc.assert(
      fc.property(shapes, seeds, ({ N, half }, seed) => {
        const S = 2 * half;
        const halved = samples(pixels(N, S) / 2, seed);
        const enlarged = enlarge(N, S, halved);
        for (let n = 0; n < N; n++) {
          const [floats, from] = [pixels(1, S), n * pixels(1, S)];
          const own = halved.slice(from / 2, (from + floats) / 2);
          expect(enlarged.slice(from, from + floats)).toEqual(twin(S, own));
        }
      }),
    );
  });

  test("have the gradient that is the adjoint", () => {
    fc.assert(
      fc.property(shapes, seeds, ({ N, half }, seed) => {
        const S = 2 * half;
        const [halved, gradient] = [samples(pixels(N, S) / 2, seed), samples(pixels(N, S), seed + 1)];
        const difference = dot(enlarge(N, S, halved), gradient) - dot(halved, gradientOf(N, S, gradient));
        expect(Math.abs(difference)).toBeLessThan(1e-4 * Math.sqrt(gradient.length));
      }),
    );
  });

  test("come of pixels whose sums they are, and give flat colours back", () => {
    fc.assert(
      fc.property(shapes, seeds, ({ N, half }, seed) => {
        const S = 2 * half;
        const colour = samples(3, seed);
        const flat = new Float32Array(pixels(N, S)).map((_, i) => colour[i % 3]);
        const isLuma = (i: number): boolean => i % (1.5 * S * S) < S * S;
        const halved = halve(N, S, flat).map((value, i) => (isLuma(i) ? value : value / 4));
        const middle = enlarge(N, S, halved).filter((_, i) => {
          const [y, x] = [Math.floor(i / 3 / S) % S, Math.floor(i / 3) % S];
          return [y, x].every((place) => place > 0 && place < S - 1);
        });
        middle.forEach((value, i) => {
          expect(Math.abs(value - colour[i % 3])).toBeLessThan(1e-4);
        });
      }),
    );
    const red = halve(1, 2, Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    [0.299, 0, 0, 0, -0.299 / 1.772, 0.701 / 1.402].forEach((value, i) => {
      expect(red[i]).toBeCloseTo(value, 5);
    });
  });
});

describe("windows of bytes whose colour differences have half the resolution", () => {
  const cases = fc.record({
    N: fc.integer({ min: 1, max: 4 }),
    patch: fc.integer({ min: 1, max: 4 }),
    half: fc.integer({ min: 1, max: 6 }),
    cell: fc.integer({ min: 0, max: 2 }),
    line: fc.integer({ min: 0, max: 2 }),
  });

  test("are those of floats, twice, rounded, padded with zeros", () => {
    fc.assert(
      fc.property(cases, seeds, ({ N, half, cell, line, ...shape }, seed) => {
        const [patch, S] = [2 * shape.patch, 2 * half];
        const [x, y] = [cell * patch, line * patch];
        const [height, width] = [y + S, x + (N - 1) * patch + S];
        const rowIntegers = strict.call.integerRowBytes(1.5 * S * S) / 2;
        // Pixels of four channels, upside down and mirrored.
        const pixels = Uint8Array.from(samples(height * width * 4, seed, 255), (value) => Math.abs(value));
        const [rows, columns] = [height, width].map((side) =>
          Int32Array.from({ length: side }, (_, i) => side - 1 - i),
        );
        const [, , , , integers] = callWith(
          strict,
          [pixels, rows, columns, new Uint8Array(height * width * 3), new Uint8Array(2 * N * rowIntegers)],
          (call, from, down, along, canvas, to) => {
            call.readHalvedBytes(height, width, from, width * 4, 4, down, along, canvas);
            call.gatherHalvedWindows(N, patch, S, height, width, x, y, canvas, to);
          },
        );
        const windows = Float32Array.from({ length: 3 * N * S * S }, (_, i) => {
          const [n, row, column, channel] = [i / (3 * S * S), (i / (3 * S)) % S, (i / 3) % S, i % 3].map(Math.floor);
          const [down, along] = [rows[y + row], columns[x + n * patch + column]];
          return pixels[(down * width + along) * 4 + channel] - 128;
        });
        const halved = halve(N, S, windows);
        const found = new Int16Array(integers.buffer);
        for (let n = 0; n < N; n++) {
          const own = found.subarray(n * rowIntegers, (n + 1) * rowIntegers);
          const floats = halved.subarray(n * 1.5 * S * S, (n + 1) * 1.5 * S * S);
          floats.forEach((value, i) => void expect(Math.abs(own[i] - 2 * value)).toBeLessThan(0.51));
          expect(own.subarray(floats.length).every((value) => value === 0)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
