import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { contextTableShape } from "../../src/models/context-prior.js";
import { placeSavings } from "../../src/models/context-send.js";
import { Model } from "../../src/models/model.js";
import type { Network } from "../../src/models/network.js";
import { sendStretches } from "../../src/models/rate.js";
import { type Grid, gridLike, sizeOf } from "../../src/nn/grid.js";
import { Random } from "../../src/nn/random.js";
import { goldenModel } from "../vectors/golden-files.js";

const q = 0.25;
const width = 7;
const height = 12;

/** Symbols of a few steps around 0, and what they are dequantized to. */
async function setting(model: Model) {
  const kernels = await loadKernels();
  const network = model.network(kernels);
  const { latents } = network.configuration;
  const values = new Random(kernels, 4).uniforms(width * height * latents).map((u) => Math.round(6 * u - 3));
  const pointer = kernels.memory.place(Int32Array.from(values));
  const symbols: Grid = { pointer, batch: 1, height, width, channels: latents };
  const dequantized = gridLike(kernels, symbols);
  kernels.call.dequantize(width * height, latents, pointer, network.levels[0].inverseGain.row(q), dequantized.pointer);
  return { kernels, network, symbols, dequantized };
}

/** Rows `first` .. `end` - 1 of a grid, in place. */
const rowsOf = (grid: Grid, first: number, end: number): Grid => ({
  ...grid,
  pointer: grid.pointer + first * grid.width * grid.channels * 4,
  height: end - first,
});

/** Table and coded integer of every symbol that a walk passes, as text, in no order. */
function walked(
  network: Network,
  grid: { symbols: Grid; dequantized: Grid; unrounded?: Grid; firstRow?: number },
): string[] {
  const { memory } = network.kernels;
  const passed: string[] = [];
  for (const { count, tables, coded, first, channels } of sendStretches(network.levels[0].prior, {
    ...grid,
    covered: undefined,
    q,
  })) {
    const integers = memory.i32(coded, count);
    memory.u8(tables, count).forEach((table, i) => {
      passed.push(`channel ${first + (i % channels)}: ${integers[i]} under ${table}`);
    });
  }
  return passed;
}

describe.each(["photo", "grey"])("a grid walked in strips, %s", (name) => {
  it.each([1, 2, 5])("loses nothing of its context at seams: %i rows a strip", async (rows) => {
    const { network, symbols, dequantized } = await setting(goldenModel(name));
    const { contextRows } = network.levels[0].prior;
    const strips: string[] = [];
    for (let first = 0; first < height; first += rows) {
      const top = Math.max(0, first - contextRows);
      const [strip, known] = [symbols, dequantized].map((grid) => rowsOf(grid, top, Math.min(height, first + rows)));
      strips.push(...walked(network, { symbols: strip, dequantized: known, firstRow: first - top }));
    }
    expect(strips.sort()).toEqual(walked(network, { symbols, dequantized }).sort());
  });

  it("keeps channels that are not coded at 0, whatever stands in their place", async () => {
    const { kernels, network, symbols, dequantized } = await setting(goldenModel(name));
    const { memory, call } = kernels;
    const { latents } = network.configuration;
    const channels = Uint8Array.from({ length: latents }, (_, c) => (c % 3 === 1 ? 0 : 1));
    channels.fill(0, latents - 2);
    const values = memory.i32(symbols.pointer, sizeOf(symbols));
    values.forEach((_, i) => {
      if (!channels[i % latents]) values[i] = 0;
    });
    const expected = values.slice();
    call.dequantize(
      width * height,
      latents,
      symbols.pointer,
      network.levels[0].inverseGain.row(q),
      dequantized.pointer,
    );
    const sent: Int32Array[] = [];
    for (const { count, coded } of sendStretches(network.levels[0].prior, {
      symbols,
      dequantized,
      covered: undefined,
      q,
    })) {
      sent.push(memory.i32(coded, count).slice());
    }
    const zeros = (): Grid => {
      const grid = gridLike(kernels, symbols);
      call.fill(sizeOf(grid), 0, grid.pointer);
      return grid;
    };
    const received = { symbols: zeros(), dequantized: zeros() };
    for (const stretch of network.levels[0].prior.receive({ ...received, covered: undefined, q, channels })) {
      const integers = sent.shift()!;
      const target = memory.i32(stretch.coded, stretch.count);
      integers.forEach((integer, i) => {
        target[i] = channels[stretch.first + (i % stretch.channels)] ? integer : 99;
      });
    }
    expect(memory.i32(received.symbols.pointer, sizeOf(symbols))).toEqual(expected);
    const floats = (grid: Grid) => memory.f32(grid.pointer, sizeOf(grid)).slice();
    expect(floats(received.dequantized)).toEqual(floats(dequantized));
  });
});

describe("symbols that are chosen on the way", () => {
  const squaredError = Model.read(readFileSync(new URL("../../models/photo-psnr.isthm", import.meta.url)));

  it("save the bits that the density says, below 0 and above", async () => {
    const kernels = await loadKernels();
    const savings = kernels.memory.f32(placeSavings(kernels), 240 * 32);
    // Tables from a narrow one to a wide one, with means at 0 and at their farthest from it.
    for (const table of [60, 65, 120, 125, 200]) {
      const { probability } = contextTableShape(table);
      for (const symbol of [-3, -2, -1, 1, 2, 3]) {
        const [own, nearer] = [symbol, symbol - Math.sign(symbol)].map(probability);
        if (own > 1e-4) expect(savings[table * 32 + 16 + symbol]).toBeCloseTo(Math.log2(nearer / own), 2);
      }
    }
  });

  /** Small latents, rounded to the nearest. */
  async function unroundedSetting() {
    const given = await setting(squaredError);
    const { kernels, network, symbols, dequantized } = given;
    const { call, memory } = kernels;
    const latents = new Random(kernels, 5).uniforms(sizeOf(symbols)).map((u) => 1.4 * u - 0.7);
    const unrounded = { ...symbols, pointer: memory.place(Float32Array.from(latents)) };
    call.quantize(latents.length, unrounded.pointer, 99, symbols.pointer);
    const gains = network.levels[0].inverseGain.row(q);
    call.dequantize(width * height, symbols.channels, symbols.pointer, gains, dequantized.pointer);
    return { ...given, before: memory.i32(symbols.pointer, latents.length).slice(), unrounded };
  }

  it("are one step away at most, and lead to the same tables as a walk that knows them", async () => {
    const { kernels, network, symbols, dequantized, before, unrounded } = await unroundedSetting();
    const { memory, call } = kernels;
    const plain = walked(network, { symbols, dequantized });
    const chosen = walked(network, { symbols, dequantized, unrounded });
    const after = memory.i32(symbols.pointer, before.length);
    const steps = after.map((symbol, i) => Math.abs(symbol - before[i]));
    expect(Math.max(...steps)).toBe(1);
    const moved = steps.filter((step) => step > 0).length;
    expect(moved).toBeGreaterThan(10);
    expect(moved).toBeLessThan(before.length / 4);
    expect(walked(network, { symbols, dequantized }).sort()).toEqual(chosen.slice().sort());
    expect(chosen.sort()).not.toEqual(plain.sort());
    const values = memory.f32(dequantized.pointer, before.length).slice();
    const { latents } = network.configuration;
    const { inverseGain } = network.levels[0];
    call.dequantize(width * height, latents, symbols.pointer, inverseGain.row(q), dequantized.pointer);
    expect(values).toEqual(memory.f32(dequantized.pointer, before.length));
    const farther = before.filter((symbol, i) => {
      const latent = memory.f32(unrounded.pointer, before.length)[i];
      return Math.abs(after[i] - latent) < Math.abs(symbol - latent);
    });
    expect(farther.length).toBe(0);
  });

  it("are the same in strips", async () => {
    const whole = await unroundedSetting();
    walked(whole.network, whole);
    const wanted = whole.kernels.memory.i32(whole.symbols.pointer, whole.before.length).slice();
    const { network, kernels, symbols, dequantized, unrounded } = await unroundedSetting();
    const { contextRows } = network.levels[0].prior;
    for (let first = 0; first < height; first += 5) {
      const top = Math.max(0, first - contextRows);
      const end = Math.min(height, first + 5);
      const [strip, known, latents] = [symbols, dequantized, unrounded].map((grid) => rowsOf(grid, top, end));
      walked(network, { symbols: strip, dequantized: known, unrounded: latents, firstRow: first - top });
    }
    expect(kernels.memory.i32(symbols.pointer, wanted.length)).toEqual(wanted);
  });
});
