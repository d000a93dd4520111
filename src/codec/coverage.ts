import type { ModelConfiguration } from "../models/configuration.js";
import { gridSize, type Size } from "../models/tiling.js";

/**
 * Which cells of the latent grid are coded, 1 or 0 in raster order: those whose synthesis window touches a pixel that is not
 * fully transparent. Undefined where all are. Sender and receiver both derive it from the alpha plane, which comes first.
 */
export function coveredCells(c: ModelConfiguration, size: Size, alpha: Uint8Array | undefined): Uint8Array | undefined {
  if (!alpha?.includes(0)) return undefined;
  const grid = gridSize(c, size);
  const margin = c.synthesisMargin;
  const covered = new Uint8Array(grid.width * grid.height);
  for (let row = 0; row < grid.height; row++) {
    const top = Math.max(0, row * c.patch.height - margin);
    const bottom = Math.min(size.height, (row + 1) * c.patch.height + margin);
    for (let column = 0; column < grid.width; column++) {
      const left = Math.max(0, column * c.patch.width - margin);
      const right = Math.min(size.width, (column + 1) * c.patch.width + margin);
      covered[row * grid.width + column] = isVisible(alpha, size.width, top, bottom, left, right) ? 1 : 0;
    }
  }
  return covered.includes(0) ? covered : undefined;
}

function isVisible(
  alpha: Uint8Array,
  width: number,
  top: number,
  bottom: number,
  left: number,
  right: number,
): boolean {
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (alpha[y * width + x] !== 0) return true;
    }
  }
  return false;
}
