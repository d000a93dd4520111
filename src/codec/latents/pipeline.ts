import { Pacer } from "../../ground/pacer.js";
import type { PixelRows, PixelWindow } from "../../image/pixel-rows.js";
import type { Pointer } from "../../kernels/kernels.js";
import type { Turns } from "../../kernels/turns.js";
import type { LatentLevel } from "../../models/latent-level.js";
import { cellQualityOf, scaleCells } from "../../models/quality-runs.js";
import { choosesSymbols } from "../../models/rate.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import { maxSymbol } from "../../models/tables.js";
import { gridSize, type Size } from "../../models/tiling.js";
import { type Grid, rowsOf, sizeOf } from "../../nn/grid.js";
import { Analysis } from "./analysis.js";
import type { Coverage } from "./coverage.js";
import { type KnownRows, knownRows } from "./known-rows.js";
import { clearFloats } from "./paced-floats.js";
import { type Places, placesOf } from "./places.js";
import { coordinateOf } from "./quality.js";
import type { CodedStrip, ReadStrip } from "./strip-section.js";
import { type Strip, stripsOf } from "./strips.js";
import { decodeSymbols, type EntropyModel, encodeSymbols } from "./symbols.js";
import { synthesisOf } from "./synthesis.js";

/**
 * The levels of a picture <-> coded strips, a strip at a time: what is held grows with the width of the picture and not with its height. Each strip
 * takes a turn at the kernels; between turns nothing of a picture lies in kernel memory, so that calls may overlap or be given up.
 */
export interface PipelineSettings extends Omit<EntropyModel, "latentLevel"> {
  /** Of the network, the finest first. */
  readonly levels: readonly ReceiverLevel[];
  readonly turns: Turns;
  /** Quality level, 0 .. 255. */
  readonly level: number;
  /** Steps of quality from place to place; undefined where it is the same everywhere. */
  readonly places?: Places | undefined;
  readonly pacer: Pacer;
}

/** What a refiner of latents has to work with: one strip of the finest level of a picture, before its latents are rounded. */
export interface RefinableStrip {
  /** Latents after the gains, 1 x rows x width x latents; one unit is one quantization step. A refiner changes them in place. */
  readonly latents: Grid;
  /** Which rows of the picture's grid these are. */
  readonly strip: Strip;
  /**
   * Dequantized symbols of the rows right above the strip, which are final: as many as prior and synthesis look at, fewer at the top of
   * the picture. `height` is 0 for the first strip.
   */
  readonly above: Grid;
  /** Pixels of the network's channels: at least the strip's own rows and the synthesis margin around them. */
  readonly pixels: PixelWindow;
  /** What coarser levels show, where there are any: samples -0.5 .. 0.5 of all rows of the picture. */
  readonly coarser?: readonly Float32Array[] | undefined;
  /** The picture in pixels. */
  readonly picture: Size;
  /** Quality, -1 .. 1. */
  readonly q: number;
  /** Quality of each cell of `above` and of the strip, in place of `q`, where it differs from place to place. */
  readonly places?: Float32Array<ArrayBuffer> | undefined;
  /** 1 for each cell of the strip that is coded; the others' latents are ignored. Undefined where all are. */
  readonly covered: Uint8Array | undefined;
  /** Of the whole picture, where it has alpha: what is 0 is not seen. */
  readonly alpha: Uint8Array | undefined;
}

/** Improves the latents of a strip, in the caller's part of the arena; the receiver never knows. */
export type Refiner = (strip: RefinableStrip, pacer: Pacer) => Promise<void>;

export interface EncodeSettings extends PipelineSettings {
  readonly levels: readonly LatentLevel[];
  /** 1 for each cell of the whole grid that is coded; undefined where all are. */
  readonly covered: Uint8Array | undefined;
  /** 1 for each channel that is set to 0 everywhere, because the picture has no use for it. */
  readonly silent?: Uint8Array | undefined;
  readonly refine?: Refiner | undefined;
  /** What a refiner starts from: see `RefinableStrip`. */
  readonly coarser?: readonly Float32Array[] | undefined;
  /** Alpha of the picture, which a refiner looks at. */
  readonly alpha?: Uint8Array | undefined;
  /** Latents of the level, before the gains, by the first row of their strip: what is there is not made again, what is not is put there. */
  readonly latents?: Map<number, Float32Array> | undefined;
}

/** The strips of level `i` of a picture of the network's channels. */
export async function encodeStrips(picture: PixelRows, settings: EncodeSettings, i: number): Promise<CodedStrip[]> {
  const { levels, turns, level, covered, places, pacer, silent, refine, coarser } = settings;
  const latentLevel = levels[i];
  const { kernels, configuration: c, gain, inverseGain, prior } = latentLevel;
  const { call, memory } = kernels;
  if (!gain) throw new Error("A receiver's level cannot encode");
  const q = coordinateOf(c, level);
  const grid = gridSize(c, picture);
  const analysis = new Analysis(latentLevel, picture);
  const synthesis = synthesisOf(latentLevel, picture);
  const known = knownRows(grid.width * c.latents, Math.max(prior.contextRows, synthesis.contextRows));
  // Shares of the time that analysis and refinement have taken at their ends.
  const [analysed, refined] = refine ? [0.05, 0.9] : [0.4, 0.4];
  const coded: CodedStrip[] = [];
  for (const strip of stripsOf(grid, gridSize(levels[0].configuration, picture))) {
    const { first, end } = analysis.pixelRows(strip);
    const pixels = await picture.window(first, end);
    const part = pacer.part(strip.first / grid.height, strip.end / grid.height);
    coded.push(
      await turns.run(async () => {
        const rows = known.count() + strip.end - strip.first;
        const at = known.count() * grid.width * c.latents * 4;
        const dequantized = gridOf(memory.allocateFloats(rows * grid.width * c.latents), grid.width, rows, c.latents);
        await known.restore(memory.f32(dequantized.pointer, sizeOf(dequantized)), part);
        const latents = settings.latents?.has(strip.first)
          ? gridOf(memory.place(settings.latents.get(strip.first)!), grid.width, strip.end - strip.first, c.latents)
          : await analysis.latents(strip, pixels, part.part(0, analysed));
        settings.latents?.set(strip.first, memory.f32(latents.pointer, sizeOf(latents)).slice());
        const quality = { q, places: placesOf(places, c, level, picture, strip.first - known.count(), strip.end) };
        const own = cellQualityOf(quality, known.count() * grid.width, rowsOf(latents));
        scaleCells(gain, latents, own, latents.pointer);
        const silence = () => silent && clearChannels(memory.f32(latents.pointer, sizeOf(latents)), silent);
        silence();
        const mask = covered?.subarray(strip.first * grid.width, strip.end * grid.width);
        const above = gridOf(dequantized.pointer, grid.width, known.count(), c.latents);
        const seen = { pixels, coarser, picture, alpha: settings.alpha };
        const given = { latents, strip, above, ...seen, ...quality, covered: mask };
        await refine?.(given, part.part(analysed, refined));
        silence();
        const unrounded = !refine && choosesSymbols(c) ? memory.allocateFloats(sizeOf(latents)) : undefined;
        if (unrounded) memory.copy(latents.pointer, unrounded, sizeOf(latents) * 4);
        // Symbols take the place of the latents: both are 32 bits wide. Of the known rows above only the dequantized ones are looked at.
        call.quantize(sizeOf(latents), latents.pointer, maxSymbol, latents.pointer);
        if (mask) clearCells(memory.i32(latents.pointer, sizeOf(latents)), mask, c.latents);
        const symbols = gridOf(latents.pointer - at, grid.width, rows, c.latents);
        scaleCells(inverseGain, latents, own, dequantized.pointer + at, "dequantize");
        const cells = {
          symbols,
          dequantized,
          ...quality,
          firstRow: known.count(),
          covered: coveredRows(covered, grid, strip, known),
          ...(unrounded && { unrounded: { ...symbols, pointer: unrounded - at } }),
        };
        const bytes = await encodeSymbols({ ...settings, latentLevel }, cells, part.part(refined, 1));
        await known.keep(memory.f32(dequantized.pointer, sizeOf(dequantized)), part);
        return bytes;
      }, pacer.signal),
    );
  }
  return coded;
}

/** The strips of all levels of a picture. */
export interface CodedPicture extends PipelineSettings {
  readonly size: Size;
  readonly coded: readonly (readonly ReadStrip[])[];
  /** Which cells of the finest level are coded; undefined where all are, as those of the others. */
  readonly coverage?: Coverage | undefined;
}

/**
 * The rows that the strips of a picture decode to, with the network's channels: each piece as soon as its strip has proved to be whole. Those of level `i` and all coarser
 * ones together: pixels of the finest, otherwise rows of samples.
 */
export async function* decodeStrips(
  picture: CodedPicture,
  i = 0,
): AsyncGenerator<Uint8Array | Float32Array[], void, void> {
  const { size, levels, turns, level, places } = picture;
  const latentLevel = levels[i];
  const { kernels, configuration: c, prior } = latentLevel;
  const { memory } = kernels;
  const floatsOf = (grid: Grid) => memory.f32(grid.pointer, sizeOf(grid));
  const grid = gridSize(c, size);
  const { width, height } = grid;
  const synthesis = synthesisOf(latentLevel, size, i > 0);
  const coverage = i ? undefined : picture.coverage;
  const coarser = levels[i + 1] && (decodeStrips(picture, i + 1) as AsyncIterator<Float32Array[]>);
  let [added, shownRows]: [Float32Array[], number] = [[], 0];
  // The progress that is told is that of the finest.
  const pacer = i ? new Pacer({ signal: picture.pacer.signal }) : picture.pacer;
  // Both grids have the same rows, though the prior looks at the dequantized and the synthesis at the reconstructed latents.
  const rowsKept = Math.max(prior.contextRows, synthesis.contextRows);
  const [known, shown] = [0, 0].map(() => knownRows(width * c.latents, rowsKept));
  for (const [number, { first, end }] of stripsOf(grid, gridSize(levels[0].configuration, size)).entries()) {
    const part = pacer.part(first / height, end / height);
    const above = known.count();
    const rows = above + end - first;
    // Alpha and coarser levels have turns of their own.
    const covered = coverage && new Uint8Array(rows * width);
    for (let row = first; coverage && row < end; row++)
      covered?.set(await coverage(row), (above + row - first) * width);
    while (coarser && shownRows < Math.min(size.height, end * c.patch.height)) {
      const { value } = await coarser.next();
      added = added.concat(value);
      shownRows += value.length;
    }
    yield await turns.run(async () => {
      const gridWith = async (rowsAbove?: KnownRows): Promise<Grid> => {
        const grid = gridOf(memory.allocateFloats(rows * width * c.latents), width, rows, c.latents);
        await clearFloats(kernels, grid.pointer, sizeOf(grid), part);
        await rowsAbove?.restore(floatsOf(grid), part);
        return grid;
      };
      const reconstructed = await gridWith(shown);
      const mark = memory.mark();
      const dequantized = await gridWith(known);
      const { channels, bytes } = picture.coded[i][number];
      const cells = {
        dequantized,
        reconstructed,
        q: coordinateOf(c, level),
        places: placesOf(places, c, level, size, first - above, end),
        firstRow: above,
        covered,
        symbols: await gridWith(),
        channels,
      };
      await decodeSymbols({ ...picture, latentLevel }, cells, bytes, part.part(0, 0.6));
      await known.keep(floatsOf(dequantized), part);
      memory.release(mark);
      await shown.keep(floatsOf(reconstructed), part);
      return synthesis.pixels(reconstructed, first - above, part.part(0.6, 1), added);
    }, pacer.signal);
  }
}

/** A grid of cells at a place in kernel memory. */
export const gridOf = (pointer: Pointer, width: number, height: number, channels: number): Grid => ({
  pointer,
  batch: 1,
  height,
  width,
  channels,
});

/** The cells of a strip and of the known rows above it, 1 where coded. */
const coveredRows = (covered: Uint8Array | undefined, { width }: Size, strip: Strip, known: KnownRows) =>
  covered?.subarray((strip.first - known.count()) * width, strip.end * width);

/** The symbols of cells that are not coded are 0, for the sender's context as for the receiver's. */
function clearCells(symbols: Int32Array, covered: Uint8Array, channels: number): void {
  covered.forEach((bit, cell) => {
    if (!bit) symbols.fill(0, cell * channels, (cell + 1) * channels);
  });
}

function clearChannels(latents: Float32Array, silent: Uint8Array): void {
  const channels = silent.length;
  for (let c = 0; c < channels; c++) {
    if (!silent[c]) continue;
    for (let i = c; i < latents.length; i += channels) latents[i] = 0;
  }
}
