import type { Pacer } from "../../ground/pacer.js";
import { earlierPrediction, earlierScales } from "../../models/earlier-latents.js";
import { gridSize, type Size } from "../../models/tiling.js";
import { sizeOf } from "../../nn/grid.js";
import { clearFloats, copyFloats } from "../latents/paced-floats.js";
import { gridOf } from "../latents/pipeline.js";
import { coordinateOf } from "../latents/quality.js";
import type { ReadStrip } from "../latents/strip-section.js";
import { stripsOf } from "../latents/strips.js";
import { decodeSymbols } from "../latents/symbols.js";
import { synthesisOf } from "../latents/synthesis.js";
import { type CellArea, grown, markedAreas } from "./cell-areas.js";
import { type CellRows, cellRows, copied } from "./cell-kinds.js";
import type { SceneCoding } from "./scene-coding.js";

/** What a frame says of its picture. */
export interface CodedCells {
  /** Quality level of its symbols. */
  readonly level: number;
  /** How each cell comes about: see cell-kinds.ts. */
  readonly kinds: Uint8Array;
  /** Of the whole grid; none where all cells are copied. */
  readonly strips: readonly ReadStrip[];
}

/**
 * The newest picture of a scene at its receiver: latents, to which frames are changes, and pixels, of which only
 * those are made again that a change reaches. Both are bit for bit what they would be if all of it were made anew. 8
 * bytes for each latent and one for each sample are held.
 */
export class SceneDecoder {
  private readonly grid: Size;
  private readonly rowFloats: number;
  /** As the prior sees them, and as the synthesis does. */
  private readonly dequantized: Float32Array;
  private readonly reconstructed: Float32Array;
  private readonly pixels: Uint8Array;
  /** 1 for each cell that has changed since its pixels were made. */
  private readonly stale: Uint8Array;

  constructor(
    private readonly coding: SceneCoding,
    readonly size: Size,
  ) {
    const { configuration: c } = coding.network;
    this.grid = gridSize(c, size);
    this.rowFloats = this.grid.width * c.latents;
    const cells = this.grid.width * this.grid.height;
    this.dequantized = new Float32Array(cells * c.latents);
    this.reconstructed = new Float32Array(cells * c.latents);
    this.pixels = new Uint8Array(size.width * size.height * c.channels);
    this.stale = new Uint8Array(cells);
  }

  /**
   * Takes the latents of a frame over. Where it throws, the picture is spoilt.
   * @throws IsthmusError `corrupt` or `aborted`
   */
  async take({ level, kinds, strips }: CodedCells, pacer: Pacer): Promise<void> {
    const { network, turns } = this.coding;
    const all = strips.length ? stripsOf(this.grid) : [];
    const rows = all.map((strip) => cellRows(kinds, this.grid, strip, network.levels[0].prior.contextRows));
    for (const [i, strip] of rows.entries()) {
      await turns.run(() => this.decodeStrip(strip, strips[i], level, pacer), pacer.signal);
    }
    kinds.forEach((kind, cell) => {
      if (kind !== copied) this.stale[cell] = 1;
    });
  }

  /** The samples of the picture in the network's channels; the next `picture` may change them. */
  async picture(pacer: Pacer): Promise<Uint8Array> {
    const { synthesis, configuration: c } = this.coding.network.levels[0];
    // A cell changes the cells that blocks mix it with, and the pixels of their windows, which those of others overlap.
    const reach = synthesis.reach + Math.ceil(c.synthesisMargin / Math.min(c.patch.width, c.patch.height));
    for (const area of markedAreas(this.stale, this.grid, 4 * reach)) {
      await this.synthesize(grown(area, reach, this.grid), grown(area, 2 * reach, this.grid), pacer);
    }
    this.stale.fill(0);
    return this.pixels;
  }

  private async decodeStrip(rows: CellRows, strip: ReadStrip, level: number, pacer: Pacer): Promise<void> {
    const { network, tables } = this.coding;
    const { kernels, configuration: c } = network;
    const { memory } = kernels;
    const { rowFloats } = this;
    const { top, first, end, kinds, covered, cells } = rows;
    const empty = () => gridOf(memory.allocateFloats((end - top) * rowFloats), this.grid.width, end - top, c.latents);
    const floatsOf = (pointer: number) => memory.f32(pointer, (end - top) * rowFloats);
    const before = this.dequantized.subarray(top * rowFloats, end * rowFloats);
    const [symbols, dequantized, reconstructed] = [empty(), empty(), empty()];
    await clearFloats(kernels, symbols.pointer, sizeOf(symbols), pacer);
    await copyFloats(before, floatsOf(dequantized.pointer), pacer);
    await copyFloats(
      this.reconstructed.subarray(top * rowFloats, end * rowFloats),
      floatsOf(reconstructed.pointer),
      pacer,
    );
    for (const { pointer } of [dequantized, reconstructed]) {
      const floats = floatsOf(pointer);
      for (const cell of cells) floats.fill(0, cell * c.latents, (cell + 1) * c.latents);
    }
    const given = {
      symbols,
      dequantized,
      reconstructed,
      q: coordinateOf(c, level),
      firstRow: first - top,
      covered,
      channels: strip.channels,
      adjust: seesEarlier(kinds) ? earlierPrediction(memory, { kinds, latents: before }) : undefined,
    };
    await decodeSymbols({ latentLevel: network.levels[0], tables, sealed: true }, given, strip.bytes, pacer);
    for (const [{ pointer }, kept] of [
      [dequantized, this.dequantized],
      [reconstructed, this.reconstructed],
    ] as const) {
      await copyFloats(floatsOf(pointer).subarray((first - top) * rowFloats), kept.subarray(first * rowFloats), pacer);
    }
  }

  /**
   * Makes the pixels of `inner` from the latents of `outer`, as if that were a picture: what its edges spoil lies
   * between the two.
   */
  private async synthesize(inner: CellArea, outer: CellArea, pacer: Pacer): Promise<void> {
    const { network, turns } = this.coding;
    const { kernels, configuration: c } = network;
    const { memory } = kernels;
    const [from, made] = [this.pixelsOf(outer), this.pixelsOf(inner)];
    const width = outer.right - outer.left;
    const synthesis = synthesisOf(network.levels[0], { width: from.right - from.left, height: from.bottom - from.top });
    let y = from.top;
    for (const strip of stripsOf({ width, height: outer.bottom - outer.top })) {
      const top = Math.max(0, strip.first - synthesis.contextRows);
      const rows = await turns.run(async () => {
        const latents = gridOf(
          memory.allocateFloats((strip.end - top) * width * c.latents),
          width,
          strip.end - top,
          c.latents,
        );
        const floats = memory.f32(latents.pointer, sizeOf(latents));
        for (let row = top; row < strip.end; row++) {
          const at = (outer.top + row) * this.rowFloats + outer.left * c.latents;
          floats.set(this.reconstructed.subarray(at, at + width * c.latents), (row - top) * width * c.latents);
          if (pacer.isDue) await pacer.breathe();
        }
        return synthesis.pixels(latents, top, pacer);
      }, pacer.signal);
      const stride = (from.right - from.left) * c.channels;
      for (let at = 0; at < rows.length; at += stride, y++) {
        if (y < made.top || y >= made.bottom) continue;
        const row = rows.subarray(
          at + (made.left - from.left) * c.channels,
          at + (made.right - from.left) * c.channels,
        );
        this.pixels.set(row, (y * this.size.width + made.left) * c.channels);
      }
    }
  }

  private pixelsOf({ left, top, right, bottom }: CellArea): CellArea {
    const { patch } = this.coding.network.configuration;
    return {
      left: left * patch.width,
      top: top * patch.height,
      right: Math.min(this.size.width, right * patch.width),
      bottom: Math.min(this.size.height, bottom * patch.height),
    };
  }

  /** How many new cells each strip of a frame claims. To be known before memory is taken for them. */
  static newCells(grid: Size, kinds: Uint8Array): number[] {
    return stripsOf(grid).map(({ first, end }) => {
      const own = kinds.subarray(first * grid.width, end * grid.width);
      return own.reduce((sum, kind) => sum + (kind === copied ? 0 : 1), 0);
    });
  }
}

/** True where the prior sees the earlier latents of a cell. */
export const seesEarlier = (kinds: Uint8Array): boolean =>
  kinds.some((kind) => kind !== copied && kind <= earlierScales);
