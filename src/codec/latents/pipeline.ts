import type { Pacer } from "../../ground/pacer.js";
import type { PixelRows, PixelWindow } from "../../image/pixel-rows.js";
import type { Pointer } from "../../kernels/kernels.js";
import type { Turns } from "../../kernels/turns.js";
import type { LatentLevel } from "../../models/latent-level.js";
import { cellQualityOf, scaleCells } from "../../models/quality-runs.js";
import { tableLimits } from "../../models/tables.js";
import { gridSize, type Size } from "../../models/tiling.js";
import { type Grid, rowsOf, sizeOf } from "../../nn/grid.js";
import { Analysis } from "./analysis.js";
import type { Coverage } from "./coverage.js";
import { clearFloats, copyFloats } from "./paced-floats.js";
import { type Places, placesOf } from "./places.js";
import { coordinateOf } from "./quality.js";
import type { CodedStrip, ReadStrip } from "./strip-section.js";
import { type Strip, stripsOf } from "./strips.js";
import { decodeSymbols, type EntropyModel, encodeSymbols } from "./symbols.js";
import { synthesisOf } from "./synthesis.js";

/**
 * A picture <-> coded strips, a strip at a time: what is held grows with the width of the picture and not with its height. Each strip
 * takes a turn at the kernels; between turns nothing of a picture lies in kernel memory, so that calls may overlap or be given up.
 */
export interface PipelineSettings {
  readonly entropy: EntropyModel;
  readonly turns: Turns;
  /** Quality level, 0 .. 255. */
  readonly level: number;
  /** Steps of quality from place to place; undefined where it is the same everywhere. */
  readonly places?: Places | undefined;
  readonly pacer: Pacer;
}

/** What a refiner of latents has to work with: one strip of a picture, before its latents are rounded. */
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

export interface DecodeSettings extends PipelineSettings {
  /** Which cells are coded; undefined where all are. */
  readonly coverage: Coverage | undefined;
}

export interface EncodeSettings extends PipelineSettings {
  /** 1 for each cell of the whole grid that is coded; undefined where all are. */
  readonly covered: Uint8Array | undefined;
  /** That of `entropy`, whole. */
  readonly latentLevel: LatentLevel;
  /** 1 for each channel that is set to 0 everywhere, because the picture has no use for it. */
  readonly silent?: Uint8Array | undefined;
  readonly refine?: Refiner | undefined;
  /** Alpha of the picture, which a refiner looks at. */
  readonly alpha?: Uint8Array | undefined;
  /** Latents of this picture, before the gains, by the first row of their strip: what is there is not made again, what is not is put there. */
  readonly latents?: Map<number, Float32Array> | undefined;
}

/** The strips of a picture of the network's channels. */
export async function encodeStrips(picture: PixelRows, settings: EncodeSettings): Promise<CodedStrip[]> {
  const { latentLevel, entropy, turns, level, covered, places, pacer, silent, refine } = settings;
  const { kernels, configuration: c, gain, inverseGain, prior } = latentLevel;
  const { call, memory } = kernels;
  if (!gain) throw new Error("A receiver's level cannot encode");
  const q = coordinateOf(c, level);
  const grid = gridSize(c, picture);
  const analysis = new Analysis(latentLevel, picture);
  const synthesis = synthesisOf(latentLevel, picture);
  const known = new KnownRows(grid.width * c.latents, Math.max(prior.contextRows, synthesis.contextRows));
  // Shares of the time that analysis and refinement have taken at their ends.
  const [analysed, refined] = refine ? [0.05, 0.9] : [0.4, 0.4];
  const coded: CodedStrip[] = [];
  for (const strip of stripsOf(grid)) {
    const { first, end } = analysis.pixelRows(strip);
    const pixels = await picture.window(first, end);
    const part = pacer.part(strip.first / grid.height, strip.end / grid.height);
    coded.push(
      await turns.run(async () => {
        const rows = known.rows + strip.end - strip.first;
        const at = known.rows * grid.width * c.latents * 4;
        const dequantized = gridOf(memory.allocateFloats(rows * grid.width * c.latents), grid.width, rows, c.latents);
        await known.restore(memory.f32(dequantized.pointer, sizeOf(dequantized)), part);
        const latents = settings.latents?.has(strip.first)
          ? gridOf(memory.place(settings.latents.get(strip.first)!), grid.width, strip.end - strip.first, c.latents)
          : await analysis.latents(strip, pixels, part.part(0, analysed));
        settings.latents?.set(strip.first, memory.f32(latents.pointer, sizeOf(latents)).slice());
        const quality = { q, places: placesOf(places, c, level, grid, strip.first - known.rows, strip.end) };
        const own = cellQualityOf(quality, known.rows * grid.width, rowsOf(latents));
        scaleCells(gain, latents, own, latents.pointer);
        const silence = () => silent && clearChannels(memory.f32(latents.pointer, sizeOf(latents)), silent);
        silence();
        const mask = covered?.subarray(strip.first * grid.width, strip.end * grid.width);
        const above = gridOf(dequantized.pointer, grid.width, known.rows, c.latents);
        const given = { latents, strip, above, pixels, picture, ...quality, covered: mask, alpha: settings.alpha };
        await refine?.(given, part.part(analysed, refined));
        silence();
        // Symbols take the place of the latents: both are 32 bits wide. Of the known rows above only the dequantized ones are looked at.
        call.quantize(sizeOf(latents), latents.pointer, tableLimits.maxSymbol, latents.pointer);
        if (mask) clearCells(memory.i32(latents.pointer, sizeOf(latents)), mask, c.latents);
        const symbols = gridOf(latents.pointer - at, grid.width, rows, c.latents);
        scaleCells(inverseGain, latents, own, dequantized.pointer + at, "dequantize");
        const cells = {
          symbols,
          dequantized,
          ...quality,
          firstRow: known.rows,
          covered: coveredRows(covered, grid, strip, known),
        };
        await known.keep(memory.f32(dequantized.pointer, sizeOf(dequantized)), part);
        return encodeSymbols(entropy, cells, part.part(refined, 1));
      }, pacer.signal),
    );
  }
  return coded;
}

/** The rows of pixels, in the network's channels, that strips decode to: each piece as soon as its strip has proved to be whole. */
export async function* decodeStrips(
  size: Size,
  strips: readonly ReadStrip[],
  settings: DecodeSettings,
): AsyncGenerator<Uint8Array, void, void> {
  const { entropy, turns, level, coverage, places, pacer } = settings;
  const { kernels, configuration: c, prior } = entropy.latentLevel;
  const { memory } = kernels;
  const floatsOf = (grid: Grid) => memory.f32(grid.pointer, sizeOf(grid));
  const q = coordinateOf(c, level);
  const grid = gridSize(c, size);
  const synthesis = synthesisOf(entropy.latentLevel, size);
  // Both grids have the same rows, though the prior looks at the dequantized and the synthesis at the reconstructed latents.
  const rowsKept = Math.max(prior.contextRows, synthesis.contextRows);
  const [known, shown] = [0, 0].map(() => new KnownRows(grid.width * c.latents, rowsKept));
  for (const [i, strip] of stripsOf(grid).entries()) {
    const part = pacer.part(strip.first / grid.height, strip.end / grid.height);
    const above = known.rows;
    const rows = above + strip.end - strip.first;
    // Alpha has turns of its own.
    const covered = coverage && new Uint8Array(rows * grid.width);
    for (let row = strip.first; coverage && row < strip.end; row++) {
      covered?.set(await coverage(row), (above + row - strip.first) * grid.width);
    }
    yield await turns.run(async () => {
      const zeros = async (): Promise<Grid> => {
        const zeroed = gridOf(memory.allocateFloats(rows * grid.width * c.latents), grid.width, rows, c.latents);
        await clearFloats(kernels, zeroed.pointer, sizeOf(zeroed), part);
        return zeroed;
      };
      const reconstructed = await zeros();
      await shown.restore(floatsOf(reconstructed), part);
      const mark = memory.mark();
      const dequantized = await zeros();
      await known.restore(floatsOf(dequantized), part);
      const cells = {
        dequantized,
        reconstructed,
        q,
        places: placesOf(places, c, level, grid, strip.first - above, strip.end),
        firstRow: above,
        covered,
      };
      const { channels, bytes } = strips[i];
      await decodeSymbols(entropy, { ...cells, symbols: await zeros(), channels }, bytes, part.part(0, 0.6));
      await known.keep(floatsOf(dequantized), part);
      memory.release(mark);
      await shown.keep(floatsOf(reconstructed), part);
      return synthesis.pixels(reconstructed, strip.first - above, part.part(0.6, 1));
    }, pacer.signal);
  }
}

/** The last rows of a grid of latents, carried from strip to strip outside of kernel memory. */
export class KnownRows {
  rows = 0;
  private floats = new Float32Array(0);

  constructor(
    private readonly rowFloats: number,
    private readonly most: number,
  ) {}

  /** Writes the rows to the beginning of `grid`. */
  restore(grid: Float32Array, pacer: Pacer): Promise<void> {
    return copyFloats(this.floats, grid, pacer);
  }

  /** Keeps the last rows of `grid`. */
  keep(grid: Float32Array, pacer: Pacer): Promise<void> {
    this.rows = Math.min(this.most, grid.length / this.rowFloats);
    const kept = this.rows * this.rowFloats;
    this.floats = new Float32Array(kept);
    return copyFloats(grid.subarray(grid.length - kept), this.floats, pacer);
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
  covered?.subarray((strip.first - known.rows) * width, strip.end * width);

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
