import type { Memory } from "../kernels/memory.js";
import type { AdjustPrediction } from "./prior.js";

/** Scales of the context prior's tables: see `contextTableShape`. */
export const earlierScales = 40;
/** Tables of each scale, one for each distance of a mean from its nearest integer. */
export const tablesOfScale = 6;
const stepsOfDistance = 10;

/** What the prior sees of the frame before. */
export interface EarlierLatents {
  /**
   * 0 .. 255 for each cell of the grid; `k` from 1 to `earlierScales` says that the symbols lie about as near to the
   * earlier latents as the scale k - 1 says.
   */
  readonly kinds: Uint8Array;
  /** Dequantized latents of the frame before, for each cell. */
  readonly latents: Float32Array;
}

/**
 * Where the context prior is less sure of a symbol than the cell's scale, the earlier latent takes the place of the
 * mean, and that scale the place of its own (docs/FORMAT.md, "Scenes"). All operations are exact or rounded once, so
 * that both ends predict the same tables.
 */
export const earlierPrediction =
  (memory: Memory, { kinds, latents }: EarlierLatents): AdjustPrediction =>
  (mean, tables, { rows, indices: cells, units: { inverse } }, { first, channels }) => {
    const stride = latents.length / kinds.length;
    const indices = memory.i32(cells, rows);
    const units = memory.f32(inverse + first * 4, channels);
    const means = memory.f32(mean, rows * channels);
    const numbers = memory.u8(tables, rows * channels);
    for (let row = 0; row < rows; row++) {
      const cell = indices[row];
      const kind = kinds[cell];
      if (kind === 0 || kind > earlierScales) continue;
      const wider = kind * tablesOfScale;
      for (let c = 0; c < channels; c++) {
        const at = row * channels + c;
        if (numbers[at] < wider) continue;
        const value = Math.fround(latents[cell * stride + first + c] * units[c]);
        means[at] = value;
        numbers[at] = wider - tablesOfScale + distanceStep(value);
      }
    }
  };

/** Tenths of the distance to the nearest integer, 0 .. 5; ties go to the even one. */
export function distanceStep(value: number): number {
  const tenths = Math.fround(Math.abs(value - Math.round(value)) * stepsOfDistance);
  const step = Math.round(tenths);
  return step - tenths === 0.5 && step % 2 === 1 ? step - 1 : step;
}
