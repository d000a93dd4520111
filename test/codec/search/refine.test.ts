import { describe, expect, test } from "vitest";
import { Analysis } from "../../../src/codec/latents/analysis.js";
import { stripsOfHeight } from "../../../src/codec/latents/strips.js";
import type { Schedule } from "../../../src/codec/search/annealing.js";
import { Objective } from "../../../src/codec/search/objective.js";
import { refineStrip } from "../../../src/codec/search/refine.js";
import { multiplierAt } from "../../../src/distortion/multiplier.js";
import { Pacer } from "../../../src/ground/pacer.js";
import { finish } from "../../../src/ground/steps.js";
import { loadKernels } from "../../../src/kernels/instantiate.js";
import { gridSize } from "../../../src/models/tiling.js";
import { type Grid, rowsOf, sizeOf } from "../../../src/nn/grid.js";
import { drawPicture } from "../../reference/pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";

const kernels = await loadKernels();
const { call, memory } = kernels;
const [level] = goldenModel("photo").network(kernels, { differentiable: true }).levels;
const { configuration: c } = level;
const picture = drawPicture(150, 117, 3, 6);
const grid = gridSize(c, picture);
const q = 0.2;
const pacer = new Pacer({});
const schedule: Schedule = { sweeps: 4, temperature: 0.5, rate: 0.6, reluctance: 0.3, share: [1, 1] };
const search = { schedule, distortionWeight: () => 1.4 };
const pixels = { ...picture, top: 0 };

/** Rows above a strip that the pipeline would hand on, and rows at the end of a strip that nothing below is known of. */
const knownRows = 2;
const halo = 3;

const gridOf = (values: Float32Array, channels = c.latents): Grid => ({
  ...{ pointer: memory.place(values), batch: 1, width: grid.width, channels },
  height: values.length / (grid.width * channels),
});

/** The symbols of the picture, strip by strip, refined or rounded to the nearest. */
async function symbolsOf(
  stripRows: number,
  options: { refined: boolean; covered?: Uint8Array },
): Promise<Float32Array> {
  const analysis = new Analysis(level, picture);
  const steps = memory.f32(level.inverseGain.row(q), c.latents).slice();
  const rowFloats = grid.width * c.latents;
  const symbols = new Float32Array(grid.height * rowFloats);
  for (const strip of stripsOfHeight(grid.height, stripRows)) {
    const latents = await analysis.latents(strip, pixels, pacer);
    call.scaleColumns(rowsOf(latents), c.latents, latents.pointer, level.gain!.row(q), latents.pointer);
    const first = Math.max(0, strip.first - knownRows) * rowFloats;
    const known = symbols.slice(first, strip.first * rowFloats).map((symbol, i) => symbol * steps[i % c.latents]);
    const covered = options.covered?.subarray(strip.first * grid.width, strip.end * grid.width);
    const given = {
      latents,
      strip,
      above: gridOf(known),
      pixels,
      picture,
      q,
      covered,
      alpha: undefined,
      coarser: undefined,
    };
    if (options.refined) await refineStrip(level, given, search, pacer);
    else call.roundNearest(sizeOf(latents), latents.pointer, latents.pointer);
    symbols.set(memory.f32(latents.pointer, sizeOf(latents)), strip.first * rowFloats);
  }
  return symbols.map((symbol) => symbol + 0);
}

function costOf(symbols: Float32Array): number {
  const samples = memory.place(Float32Array.from(picture.data, (sample) => sample / 255 - 0.5));
  const margin = c.synthesisMargin;
  const target = { pixels: { pointer: samples, batch: 1, ...picture }, left: margin, top: margin };
  const weights = { error: 1.4 * multiplierAt(c.lambda, q), score: 0, means: 0 };
  return finish(new Objective(level, target, { q }, () => weights).cost(gridOf(symbols)));
}

describe("a refined strip", () => {
  test("makes the picture cost less, whole or strip by strip", async () => {
    const plain = costOf(await symbolsOf(grid.height, { refined: false }));
    const whole = costOf(await symbolsOf(grid.height, { refined: true }));
    const strips = costOf(await symbolsOf(8, { refined: true }));
    expect(whole).toBeLessThan(plain);
    expect(strips).toBeLessThan(plain);
  });

  test("holds integers near its latents, and leaves alone the rows whose surroundings are not known", async () => {
    const plain = await symbolsOf(8, { refined: false });
    const refined = await symbolsOf(8, { refined: true });
    const rowFloats = grid.width * c.latents;
    const changed = (row: number): boolean => {
      const range = [row * rowFloats, (row + 1) * rowFloats] as const;
      return !refined.subarray(...range).every((symbol, i) => symbol === plain[range[0] + i]);
    };
    const rows = Array.from({ length: grid.height }, (_, row) => row);
    expect(rows.filter((row) => row < 8 - halo).some(changed)).toBe(true);
    expect(rows.filter((row) => row >= 8 - halo && row < 8).some(changed)).toBe(false);
    expect(rows.filter((row) => row >= 8).some(changed)).toBe(true);
    for (const [i, symbol] of refined.entries()) {
      expect(Number.isInteger(symbol)).toBe(true);
      expect(Math.abs(symbol - plain[i])).toBeLessThanOrEqual(schedule.sweeps);
    }
  });

  test("keeps the symbols of cells that are not coded at 0", async () => {
    const covered = Uint8Array.from({ length: grid.width * grid.height }, (_, cell) => (cell % 3 === 0 ? 0 : 1));
    const symbols = await symbolsOf(8, { refined: true, covered });
    covered.forEach((bit, cell) => {
      const own = symbols.subarray(cell * c.latents, (cell + 1) * c.latents);
      if (!bit) expect(own.every((symbol) => symbol === 0)).toBe(true);
    });
    expect(symbols.some((symbol) => symbol !== 0)).toBe(true);
  });
});
