import type { ModelConfiguration } from "../../models/configuration.js";
import type { Size } from "../../models/tiling.js";
import { coordinateOf, highestLevel } from "./quality.js";

/** Levels between one step of a place and the next, and the step that stands for the level of the stream itself. */
export const levelsPerStep = 16;
export const middleStep = 16;

/** How quality differs from place to place of a picture: a step for each block of cells of the latent grid (docs/FORMAT.md, "Quality in places"). */
export interface Places {
  /** Cells of the side of a block, 1 .. 256. */
  readonly side: number;
  /** In raster order of the blocks. */
  readonly steps: Uint8Array;
}

/** Blocks of a grid of cells. */
export const blocksOf = ({ width, height }: Size, side: number): Size => ({
  width: Math.ceil(width / side),
  height: Math.ceil(height / side),
});

/** The level of a place that is so many steps above the level of its stream. */
export const movedLevel = (level: number, steps: number): number =>
  Math.min(highestLevel, Math.max(0, level + levelsPerStep * steps));

/** What the field of a stream says of a grid's places before its plane of steps is decoded. */
export function placesIn(field: Uint8Array, grid: Size) {
  // A field of no bytes has a plane of none, which is refused.
  const side = (field[0] | 0) + 1;
  return { side, blocks: blocksOf(grid, side), plane: field.subarray(1) };
}

/** The quality coordinate, -1 .. 1, of each cell of some rows of a grid of `width` cells; undefined where it is the same in all places. */
export function placesOf(
  places: Places | undefined,
  configuration: Pick<ModelConfiguration, "qualityScale">,
  level: number,
  { width }: Pick<Size, "width">,
  first: number,
  end: number,
): Float32Array<ArrayBuffer> | undefined {
  if (!places) return undefined;
  const { side, steps } = places;
  const across = Math.ceil(width / side);
  const cells = new Float32Array((end - first) * width);
  for (let row = first, at = 0; row < end; row++, at += width) {
    for (let x = 0; x < width; x += side) {
      const step = steps[Math.floor(row / side) * across + x / side] - middleStep;
      const quality = coordinateOf(configuration, movedLevel(level, step));
      // What a last block has too much goes to the next row, which comes later.
      cells.fill(quality, at + x, at + x + side);
    }
  }
  return cells;
}
