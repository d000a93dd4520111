import type { Pacer } from "../../ground/pacer.js";
import type { DecodedImage } from "../../image/image.js";
import { rowsInMemory } from "../../image/pixel-rows.js";
import { earlierPrediction } from "../../models/earlier-latents.js";
import type { Network } from "../../models/network.js";
import type { AdjustPrediction } from "../../models/prior.js";
import { scaleCells } from "../../models/quality-runs.js";
import { maxSymbol } from "../../models/tables.js";
import { gridSize, type Size } from "../../models/tiling.js";
import { sizeOf } from "../../nn/grid.js";
import { Analysis } from "../latents/analysis.js";
import { colourOnlyChannels } from "../latents/grey-channels.js";
import { clearFloats, copyFloats } from "../latents/paced-floats.js";
import { gridOf } from "../latents/pipeline.js";
import { coordinateOf } from "../latents/quality.js";
import { type CodedStrip, joinStrips, type StripSection } from "../latents/strip-section.js";
import { stripsOf } from "../latents/strips.js";
import { encodeSymbols } from "../latents/symbols.js";
import { encodePlane } from "../planes/plane.js";
import { type CellArea, grown, markedAreas } from "./cell-areas.js";
import { type CellRows, cellRows, copied, fresh } from "./cell-kinds.js";
import { KindChoice } from "./kind-choice.js";
import type { SceneCoding } from "./scene-coding.js";
import { seesEarlier } from "./scene-decoder.js";

/** Latents of some cells, before the gains. */
export interface CellLatents {
  /** Where the latents of each cell of the grid are, counted in cells; -1 for cells that were not asked for. */
  readonly places: Int32Array;
  readonly latents: Float32Array;
}

/** A frame's cells as they are coded, and what they leave behind once the frame is on its way. */
export interface EncodedCells {
  readonly level: number;
  /** See cell-kinds.ts. */
  readonly kinds: Uint8Array;
  readonly section: StripSection;
  /** Dequantized latents of all cells. */
  readonly dequantized: Float32Array;
}

/**
 * The newest picture of a scene at its sender: the latents that the next frame is predicted from. 4 bytes for each
 * latent are held.
 */
export class SceneEncoder {
  private readonly grid: Size;
  private readonly rowFloats: number;
  private dequantized: Float32Array;
  private readonly choice: KindChoice;
  /** 1 for each channel that a grey picture has no use for. */
  private readonly silent: Uint8Array | undefined;

  /** @param grey whether the pictures have one channel */
  constructor(
    private readonly coding: SceneCoding<Network>,
    size: Size,
    grey: boolean,
  ) {
    const { network } = coding;
    const c = network.configuration;
    this.grid = gridSize(c, size);
    this.rowFloats = this.grid.width * c.latents;
    this.dequantized = new Float32Array(this.grid.height * this.rowFloats);
    this.choice = new KindChoice(coding.model.tables);
    this.silent = grey && c.channels === 3 ? colourOnlyChannels(network.levels[0]) : undefined;
  }

  /** Cells of a picture. */
  get cells(): number {
    return this.grid.width * this.grid.height;
  }

  /** Latents of the marked cells of a picture in the network's channels, the same as all of it would give. */
  async analyse(picture: DecodedImage, marks: Uint8Array, pacer: Pacer): Promise<CellLatents> {
    const { analysis, configuration: c } = this.coding.network.levels[0];
    const places = new Int32Array(marks.length).fill(-1);
    let count = 0;
    for (let cell = 0; cell < marks.length; cell++) if (marks[cell]) places[cell] = count++;
    const latents = new Float32Array(count * c.latents);
    const reach = analysis!.reach + Math.ceil(c.analysisMargin / Math.min(c.patch.width, c.patch.height));
    for (const area of markedAreas(marks, this.grid, 2 * reach)) {
      await this.analyseArea(picture, area, grown(area, reach, this.grid), { places, latents }, pacer);
    }
    return { places, latents };
  }

  /**
   * Codes the marked cells, whose latents are known, at a quality level; all others are copied. The picture that is
   * remembered stays as it is until `keep`. Throws `invalid-model` for latents that cannot be coded.
   */
  async encode(
    known: CellLatents,
    marks: Uint8Array,
    level: number,
    isKey: boolean,
    pacer: Pacer,
  ): Promise<EncodedCells> {
    const { network, turns } = this.coding;
    const kinds = Uint8Array.from(marks, (mark) => (mark ? fresh : copied));
    const dequantized = isKey ? new Float32Array(this.dequantized.length) : this.dequantized.slice();
    const coded: CodedStrip[] = [];
    if (kinds.includes(fresh)) {
      for (const strip of stripsOf(this.grid)) {
        const rows = cellRows(kinds, this.grid, strip, network.levels[0].prior.contextRows);
        coded.push(
          await turns.run(() => this.encodeStrip(rows, known, level, isKey, dequantized, pacer), pacer.signal),
        );
      }
    }
    const section = coded.length ? joinStrips([coded], true) : { masked: false, bytes: new Uint8Array(0) };
    return { level, kinds, section, dequantized };
  }

  /** The bytes of kinds of cells. */
  encodeKinds(kinds: Uint8Array, pacer: Pacer): Promise<Uint8Array> {
    const { network, turns, planeCells } = this.coding;
    const plane = async () => (await encodePlane(network.kernels, kinds, this.grid, planeCells, pacer))!;
    return turns.run(plane, pacer.signal);
  }

  /** What was encoded is what the next frame is predicted from. */
  keep({ dequantized }: EncodedCells): void {
    this.dequantized = dequantized;
  }

  /**
   * Codes a strip; its dequantized latents take their place among all, and its kinds say where the earlier latents
   * help.
   */
  private async encodeStrip(
    rows: CellRows,
    { places, latents }: CellLatents,
    level: number,
    isKey: boolean,
    all: Float32Array,
    pacer: Pacer,
  ): Promise<CodedStrip> {
    const { network, tables } = this.coding;
    const [latentLevel] = network.levels;
    const { kernels, configuration: c, gain, inverseGain } = latentLevel;
    const { call, memory } = kernels;
    const { rowFloats, grid } = this;
    const M = c.latents;
    const { top, first, end, kinds, covered, cells } = rows;
    const q = coordinateOf(c, level);
    const empty = (count: number) => gridOf(memory.allocateFloats(count * M), grid.width, count / grid.width, M);
    const symbols = empty((end - top) * grid.width);
    await clearFloats(kernels, symbols.pointer, sizeOf(symbols), pacer);
    const dequantized = empty((end - top) * grid.width);
    const before = this.dequantized.subarray(top * rowFloats, end * rowFloats);
    if (cells.length) {
      const firstPlace = places[top * grid.width + cells[0]];
      // Cells that are known besides and not coded now lie between.
      const lastPlace = places[top * grid.width + cells[cells.length - 1]];
      const own = gridOf(
        memory.place(latents.subarray(firstPlace * M, (lastPlace + 1) * M)),
        lastPlace + 1 - firstPlace,
        1,
        M,
      );
      const values = gridOf(memory.allocateFloats(sizeOf(own)), own.width, 1, M);
      scaleCells(gain!, own, { q }, own.pointer);
      if (this.silent) silence(memory.f32(own.pointer, sizeOf(own)), this.silent);
      call.quantize(sizeOf(own), own.pointer, maxSymbol, own.pointer);
      scaleCells(inverseGain, own, { q }, values.pointer, "dequantize");
      const [from, floats] = [memory.i32(own.pointer, sizeOf(own)), memory.f32(values.pointer, sizeOf(own))];
      const to = memory.i32(symbols.pointer, sizeOf(symbols));
      for (const cell of cells) {
        const place = places[top * grid.width + cell] - firstPlace;
        const [begin, close] = [place * M, (place + 1) * M];
        to.set(from.subarray(begin, close), cell * M);
        all.set(floats.subarray(begin, close), top * rowFloats + cell * M);
      }
    }
    await copyFloats(
      all.subarray(top * rowFloats, end * rowFloats),
      memory.f32(dequantized.pointer, sizeOf(dequantized)),
      pacer,
    );
    const given = { symbols, dequantized, q, firstRow: first - top, covered };
    const code = (adjust?: AdjustPrediction) =>
      encodeSymbols({ latentLevel, tables, sealed: true }, { ...given, adjust }, pacer);
    if (isKey || c.prior.kind !== "context" || cells.length === 0) return code();
    const integers = memory.i32(symbols.pointer, sizeOf(symbols)).slice();
    const { count, best } = this.choice.watch(memory, integers, before, this.units(level), cells);
    const mark = memory.mark();
    const coded = await code(count);
    for (const cell of cells) kinds[cell] = best(cell) ?? fresh;
    if (!seesEarlier(kinds)) return coded;
    memory.release(mark);
    return code(earlierPrediction(memory, { kinds, latents: before }));
  }

  /** One over the gains of a level, for each channel. */
  private units(level: number): Float32Array {
    const { inverseGain, kernels, configuration: c } = this.coding.network.levels[0];
    const { memory } = kernels;
    return memory.scope(() => memory.f32(inverseGain.row(coordinateOf(c, level)), c.latents).map((gain) => 1 / gain));
  }

  private async analyseArea(
    picture: DecodedImage,
    area: CellArea,
    outer: CellArea,
    { places, latents }: CellLatents,
    pacer: Pacer,
  ): Promise<void> {
    const { network, turns } = this.coding;
    const { kernels, configuration: c } = network;
    const part = cut(picture, outer, c.patch);
    const analysis = new Analysis(network.levels[0], part);
    const source = rowsInMemory(part);
    const width = outer.right - outer.left;
    for (const strip of stripsOf(gridSize(c, part))) {
      const { first, end } = analysis.pixelRows(strip);
      const pixels = await source.window(first, end);
      await turns.run(async () => {
        const made = await analysis.latents(strip, pixels, pacer);
        const floats = kernels.memory.f32(made.pointer, sizeOf(made));
        for (
          let y = Math.max(area.top, outer.top + strip.first);
          y < Math.min(area.bottom, outer.top + strip.end);
          y++
        ) {
          for (let x = area.left; x < area.right; x++) {
            const place = places[y * this.grid.width + x];
            if (place < 0) continue;
            const at = ((y - outer.top - strip.first) * width + x - outer.left) * c.latents;
            latents.set(floats.subarray(at, at + c.latents), place * c.latents);
          }
          if (pacer.isDue) await pacer.breathe();
        }
      }, pacer.signal);
    }
  }
}

function silence(latents: Float32Array, silent: Uint8Array): void {
  for (let i = 0; i < latents.length; i++) if (silent[i % silent.length]) latents[i] = 0;
}

/** The pixels of an area of cells. */
function cut(picture: DecodedImage, area: CellArea, patch: Size): DecodedImage {
  const { data, width, height, channels } = picture;
  const left = area.left * patch.width;
  const right = Math.min(width, area.right * patch.width);
  const top = area.top * patch.height;
  const bottom = Math.min(height, area.bottom * patch.height);
  const stride = (right - left) * channels;
  if (stride === width * channels && bottom - top === height) return picture;
  const part = new Uint8Array((bottom - top) * stride);
  for (let y = top; y < bottom; y++) {
    const at = (y * width + left) * channels;
    part.set(data.subarray(at, at + stride), (y - top) * stride);
  }
  return { data: part, width: right - left, height: bottom - top, channels };
}
