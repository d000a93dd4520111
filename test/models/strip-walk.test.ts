import { describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Network } from "../../src/models/network.js";
import { sendStretches } from "../../src/models/rate.js";
import { type Grid, gridLike, sizeOf } from "../../src/nn/grid.js";
import { Random } from "../../src/nn/random.js";
import { goldenModel } from "../vectors/golden-files.js";

const q = 0.25;
const width = 7;
const height = 12;

/** Symbols of a few steps around 0, and what they are dequantized to. */
async function setting(name: string) {
  const kernels = await loadKernels();
  const network = goldenModel(name).network(kernels);
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
function walked(network: Network, grid: { symbols: Grid; dequantized: Grid; firstRow?: number }): string[] {
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
    const { network, symbols, dequantized } = await setting(name);
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
    const { kernels, network, symbols, dequantized } = await setting(name);
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
