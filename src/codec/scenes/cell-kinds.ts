import { IsthmusError } from "../../ground/errors.js";
import type { Pacer } from "../../ground/pacer.js";
import { collectRows } from "../../image/collect-rows.js";
import { earlierScales } from "../../models/earlier-latents.js";
import type { Size } from "../../models/tiling.js";
import type { Strip } from "../latents/strips.js";
import { checkPlaneClaim, planeRows } from "../planes/plane.js";
import type { SceneCoding } from "./scene-coding.js";

/**
 * How each cell of a frame comes about, a byte for each in raster order: docs/FORMAT.md, "Scenes".
 * - `copied`: its latents are those of the frame before.
 * - `fresh`: its symbols are in this frame.
 * - 1 .. `earlierScales`: so are they, and the prior sees the latents of the frame before, see `earlierPrediction`.
 */
export const copied = 0;
export const fresh = 255;

/** The kinds that a frame tells. Throws `corrupt`. */
export async function readKinds(
  { network, turns, planeCells }: SceneCoding,
  bytes: Uint8Array,
  grid: Size,
  pacer: Pacer,
): Promise<Uint8Array> {
  checkPlaneClaim(grid, bytes);
  const rows = planeRows(network.kernels, turns, bytes, grid, planeCells, pacer);
  const { data } = await collectRows({ ...grid, channels: 1, rows });
  const most = network.configuration.prior.kind === "context" ? earlierScales : 0;
  if (data.some((kind) => kind > most && kind !== fresh)) {
    throw new IsthmusError("corrupt", "The frame names a kind of cells that does not exist");
  }
  return data;
}

/** Rows of a strip that hold all its new cells, and the known rows above them that the prior looks at. */
export interface CellRows {
  /** Row of the grid that comes first. */
  readonly top: number;
  /** The first row with new cells: those before it are known. */
  readonly first: number;
  readonly end: number;
  /** Kinds of the cells from row `top` on. */
  readonly kinds: Uint8Array;
  /** 1 for each of them that is new. */
  readonly covered: Uint8Array;
  /** Indices of the new cells among them, rising. */
  readonly cells: readonly number[];
}

/** Where a strip has no new cells, its first row. */
export function cellRows(kinds: Uint8Array, { width }: Size, strip: Strip, contextRows: number): CellRows {
  const own = kinds.subarray(strip.first * width, strip.end * width);
  const begin = own.findIndex((kind) => kind !== copied);
  let last = own.length - 1;
  while (last >= 0 && own[last] === copied) last--;
  const first = strip.first + Math.max(0, Math.floor(begin / width));
  const end = strip.first + Math.max(0, Math.floor(last / width)) + 1;
  const top = Math.max(0, first - contextRows);
  const seen = kinds.subarray(top * width, end * width);
  const covered = Uint8Array.from(seen, (kind) => (kind === copied ? 0 : 1));
  const cells: number[] = [];
  for (let cell = (first - top) * width; cell < seen.length; cell++) if (covered[cell]) cells.push(cell);
  return { top, first, end, kinds: seen, covered, cells };
}
