import { hiddenRuns, type Region } from "../../distortion/region.js";
import { scaledWeights, weightsAt } from "../../distortion/weights.js";
import type { Pacer } from "../../ground/pacer.js";
import { cellQualityOf, onceForEach, qualityRuns } from "../../models/quality-runs.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import { type Grid, rowsOf, sizeOf } from "../../nn/grid.js";
import type { RefinableStrip } from "../latents/pipeline.js";
import { anneal } from "./annealing.js";
import { type Area, copyArea, cutArea, growArea, pasteArea, runsOf, valuesOf } from "./areas.js";
import type { Search } from "./effort.js";
import { Objective } from "./objective.js";

/** Largest side in cells of what is refined at once: bounds memory. */
const areaSide = 96;
const seed = 0x1d0c;

/**
 * Rounds the latents of a strip so that the picture costs less, in place: area after area, each with its surroundings held. Rows at the end
 * of a strip that is not the last are rounded to the nearest, because nothing is known yet of what lies below.
 * `level`: one whose inputs' gradients are wanted.
 */
export async function refineStrip(
  level: ReceiverLevel,
  given: RefinableStrip,
  { schedule, distortionWeight }: Search,
  pacer: Pacer,
): Promise<void> {
  const { kernels, configuration: c, synthesis } = level;
  const { call, memory } = kernels;
  const { latents, strip, above, q, places } = given;
  const symbols = symbolsOf(level, given);
  const still = stillChannels(memory.f32(latents.pointer, sizeOf(latents)), c.latents);
  const random = memory.allocate(64);
  call.seedRandom(seed ^ strip.first, random);

  // A symbol acts on pixels so far away, and these depend on symbols as far again.
  const halo = 2 * synthesis.reach + (c.synthesisMargin > 0 ? 1 : 0);
  const whole: Area = { left: 0, top: 0, right: symbols.width, bottom: symbols.height };
  const end = strip.isLast ? whole.bottom : Math.max(above.height, whole.bottom - halo);
  const cores = cutArea({ ...whole, top: above.height, bottom: end }, areaSide);
  const isCoded = (column: number, row: number): boolean =>
    given.covered?.[(row - above.height) * symbols.width + column] !== 0;
  for (const [i, core] of cores.entries()) {
    const mark = memory.mark();
    const area = growArea(core, halo, whole);
    const target = targetOf(level, given, area);
    if (target) {
      const piece = copyArea(kernels, symbols, area);
      const quality = { q, places: places && valuesOf(places, symbols.width, area) };
      const objective = new Objective(level, target, quality, (at) =>
        scaledWeights(weightsAt(c, at), distortionWeight(at)),
      );
      const freedom = { movable: runsOf(core, area, isCoded), still };
      const part = pacer.part(i / cores.length, (i + 1) / cores.length);
      await anneal(level, objective, piece, freedom, schedule, random, part);
      pasteArea(kernels, piece, symbols, area);
    }
    memory.release(mark);
  }
  const known = above.height * symbols.width * c.latents * 4;
  memory.copy(symbols.pointer + known, latents.pointer, sizeOf(latents) * 4);
}

/** The symbols of the known rows and of the strip below them, integers as floats. */
function symbolsOf({ kernels, inverseGain }: ReceiverLevel, given: RefinableStrip): Grid {
  const { latents, above, covered } = given;
  const { call, memory } = kernels;
  const known = sizeOf(above);
  const pointer = memory.allocateFloats(known + sizeOf(latents));
  const symbols = { ...latents, height: above.height + latents.height, pointer };
  const inverse = onceForEach((q) => {
    const steps = memory.f32(inverseGain.row(q), latents.channels);
    return memory.place(Float32Array.from(steps, (step) => 1 / step));
  });
  for (const { first, cells, q } of qualityRuns(cellQualityOf(given, 0, rowsOf(above)), rowsOf(above))) {
    const at = first * latents.channels * 4;
    call.scaleColumns(cells, latents.channels, above.pointer + at, inverse(q), symbols.pointer + at);
  }
  memory.copy(latents.pointer, symbols.pointer + known * 4, sizeOf(latents) * 4);
  call.roundNearest(sizeOf(symbols), symbols.pointer, symbols.pointer);
  const strip = memory.f32(symbols.pointer + known * 4, sizeOf(latents));
  covered?.forEach((bit, cell) => {
    if (!bit) strip.fill(0, cell * latents.channels, (cell + 1) * latents.channels);
  });
  return symbols;
}

/** 1 for each channel whose latents are all exactly 0: what the picture has no use for stays so. */
function stillChannels(latents: Float32Array, channels: number): Uint8Array {
  const still = new Uint8Array(channels).fill(1);
  for (let at = 0; at < latents.length; at += channels) {
    for (let channel = 0; channel < channels; channel++) if (latents[at + channel] !== 0) still[channel] = 0;
  }
  return still;
}

/**
 * The pixels of an area that its symbols determine. Towards what lies beyond the area, that leaves out those that symbols from there
 * act on. Undefined where there are none.
 */
function targetOf(
  { kernels, configuration: c, synthesis }: ReceiverLevel,
  given: RefinableStrip,
  area: Area,
): Region | undefined {
  const { call, memory } = kernels;
  const { strip, above, pixels, picture, latents } = given;
  const margin = c.synthesisMargin;
  const firstRow = strip.first - above.height;
  const { reach } = synthesis;
  const inner = (cell: number, patch: number, side: 1 | -1): number => (cell + side * reach) * patch + side * margin;
  const left = area.left === 0 ? 0 : inner(area.left, c.patch.width, 1);
  const right = area.right === latents.width ? picture.width : inner(area.right, c.patch.width, -1);
  const top = firstRow + area.top === 0 ? 0 : inner(firstRow + area.top, c.patch.height, 1);
  const isBottom = strip.isLast && area.bottom === above.height + latents.height;
  const bottom = isBottom ? picture.height : inner(firstRow + area.bottom, c.patch.height, -1);
  const start = Math.max(top, pixels.top);
  const width = right - left;
  const height = bottom - start;
  if (width <= 0 || height <= 0) return undefined;

  const pointer = memory.allocateFloats(width * height * c.channels);
  const mark = memory.mark();
  const stride = pixels.width * pixels.channels;
  const bytes = memory.place(pixels.data.subarray((start - pixels.top) * stride, (bottom - pixels.top) * stride));
  const rows = memory.place(Int32Array.from({ length: height }, (_, y) => y));
  const columns = memory.place(Int32Array.from({ length: width }, (_, x) => left + x));
  call.readPixels(height, width, c.channels, bytes, stride, pixels.channels, rows, columns, 1 / 255, -0.5, pointer);
  memory.release(mark);
  const alpha = given.alpha?.subarray(start * picture.width, bottom * picture.width);
  return {
    pixels: { pointer, batch: 1, height, width, channels: c.channels },
    hidden: alpha && hiddenRuns(columnsOf(alpha, picture.width, left, right), width, height),
    added: given.coarser?.slice(start, bottom).map((row) => row.subarray(left * c.channels, right * c.channels)),
    left: left - area.left * c.patch.width + margin,
    top: start - (firstRow + area.top) * c.patch.height + margin,
  };
}

/** Columns `left` to `right` - 1 of a plane that is `width` wide. */
function columnsOf(plane: Uint8Array, width: number, left: number, right: number): Uint8Array {
  if (right - left === width) return plane;
  const columns = right - left;
  const cut = new Uint8Array((plane.length / width) * columns);
  for (let y = 0; y * columns < cut.length; y++) {
    cut.set(plane.subarray(y * width + left, y * width + right), y * columns);
  }
  return cut;
}
