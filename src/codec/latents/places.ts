import type { ModelConfiguration } from "../../models/configuration.js";
import { gridSize, type Size } from "../../models/tiling.js";
import { coordinateOf, highestLevel } from "./quality.js";

/** Levels between one step of a place and the next, and the step that stands for the level of the stream itself. */
export const levelsPerStep = 16;
export const middleStep = 16;

/** How quality differs from place to place of a picture: a step for each block of cells of the finest grid (docs/FORMAT.md, "Quality in places"). */
export interface Places {
  /** Pixels of the side of a block: 1 .. 256 cells. */
  readonly side: number;
  /** In raster order of the blocks. */
  readonly steps: Uint8Array;
}

/** Blocks of a picture, with sides of so many pixels. */
export const blocksOf = ({ width, height }: Size, side: number): Size => ({
  width: Math.ceil(width / side),
  height: Math.ceil(height / side),
});

/** The level of a place that is so many steps above the level of its stream. */
export const movedLevel = (level: number, steps: number): number =>
  Math.min(highestLevel, Math.max(0, level + levelsPerStep * steps));

/** What the field of a stream says of the places of a picture before its plane of steps is decoded. */
export function placesIn(field: Uint8Array, { patch }: Pick<ModelConfiguration, "patch">, size: Size) {
  // A field of no bytes has a plane of none, which is refused.
  const side = ((field[0] | 0) + 1) * patch.width;
  return { side, blocks: blocksOf(size, side), plane: field.subarray(1) };
}

/**
 * The quality coordinate, -1 .. 1, of each cell of some rows of a level's grid: that of the block in which its first pixel lies; undefined where it is the same in
 * all places. `size`: of the picture.
 */
export function placesOf(
  places: Places | undefined,
  configuration: Pick<ModelConfiguration, "patch" | "qualityScale">,
  level: number,
  size: Size,
  first: number,
  end: number,
): Float32Array<ArrayBuffer> | undefined {
  if (!places) return undefined;
  const { side, steps } = places;
  const { width: across } = blocksOf(size, side);
  const { width } = gridSize(configuration, size);
  const blockAt = (cell: number): number => Math.floor((cell * configuration.patch.width) / side);
  const cells = new Float32Array((end - first) * width);
  for (let at = 0; at < cells.length; at++) {
    const row = first + Math.floor(at / width);
    const step = steps[blockAt(row) * across + blockAt(at % width)] - middleStep;
    cells[at] = coordinateOf(configuration, movedLevel(level, step));
  }
  return cells;
}
