import fc from "fast-check";
import { expect, test } from "vitest";
import { strict } from "./builds.js";
import { callWith, samples, seeds } from "./harness.js";

const tableEntries = 32;
const shapes = fc.record({
  N: fc.integer({ min: 1, max: 6 }),
  C: fc.integer({ min: 1, max: 9 }),
  more: fc.nat(3),
  worth: fc.constantFrom(0, 0.02, 0.1, 1),
});

test("symbols move to the neighbour towards the prediction where its bits are worth more than its error", () => {
  let moved = 0;
  fc.assert(
    fc.property(shapes, seeds, ({ N, C, more, worth }, seed) => {
      const stride = C + more;
      // Rows from the last cell to the first; some latents are 0, as those of channels that are not coded, and some are no numbers.
      const cells = Int32Array.from({ length: N }, (_, n) => N - 1 - n);
      const latents = samples(N * stride, seed, 4).map((value, i) =>
        i % 5 === 4 ? 0 : i % 7 === 6 ? Number.NaN : value,
      );
      const symbols = Int32Array.from(latents, Math.round);
      const gain = samples(C, seed + 1);
      const share = samples(C, seed + 2).map(Math.abs);
      const dequantized = Float32Array.from(symbols, (symbol, i) => symbol * (gain[i % stride] ?? 0));
      const mean = samples(N * C, seed + 3, 4);
      const tables = Uint8Array.from(mean, (_, i) => i % 3);
      const savings = samples(3 * tableEntries, seed + 4, 5);
      const centroids = samples(3 * tableEntries, seed + 5, 0.3);
      const [, , , , , , , , chosen, values] = callWith(
        strict,
        [latents, mean, tables, savings, centroids, share, gain, cells, symbols, dequantized],
        (call, latentsAt, meanAt, tablesAt, savingsAt, centroidsAt, shareAt, gainAt, cellsAt, symbolsAt, valuesAt) =>
          call.chooseSymbols(
            ...([N, C, latentsAt, meanAt, tablesAt, savingsAt, centroidsAt, shareAt, gainAt] as const),
            ...([worth, cellsAt, stride, symbolsAt, valuesAt] as const),
          ),
      );
      const [wanted, wantedValues] = [symbols.slice(), dequantized.slice()];
      cells.forEach((cell, n) => {
        for (let c = 0; c < C; c++) {
          const at = cell * stride + c;
          const near = nearest(mean[n * C + c]);
          const sign = mean[n * C + c] < near ? -1 : 1;
          const centred = (symbols[at] - near) * sign;
          if (centred === 0 || centred < -16 || centred > 15 || latents[at] === 0) continue;
          const other = centred - Math.sign(centred);
          const entry = (symbol: number) => tables[n * C + c] * tableEntries + symbol + 16;
          const errorOf = (symbol: number) =>
            ((latents[at] - near) * sign - symbol - centroids[entry(symbol)] * share[c]) ** 2;
          const [grown, saved] = [errorOf(other) - errorOf(centred), savings[entry(centred)]];
          // Where numbers of 32 bits may not agree, either will do.
          const isClose = Math.abs(grown - worth * saved) < 1e-5;
          if (saved <= 0 || (isClose ? chosen[at] === symbols[at] : !(grown < worth * saved))) continue;
          wanted[at] = near + other * sign;
          wantedValues[at] = Math.fround(wanted[at] * gain[c]);
          moved++;
        }
      });
      expect(chosen).toEqual(wanted);
      expect(values).toEqual(wantedValues);
    }),
  );
  expect(moved).toBeGreaterThan(20);
});

/** Half to even. */
function nearest(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}
