import { exponential, round } from "../float32.js";
import type { ReferenceModel } from "./model.js";
import { demand } from "./refused.js";

/** The latent grid of a picture, and what of it is coded (docs/FORMAT.md, "Grid"). */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** M: channels of a cell. */
  readonly latents: number;
  /** Whether the cell (x, y) is coded. */
  readonly isCoded: (x: number, y: number) => boolean;
}

/** The quality of the cell (x, y), and all there are, rising (docs/FORMAT.md, "Quality in places"). */
export interface CellQualities {
  readonly at: (x: number, y: number) => Quality;
  readonly rising: readonly Quality[];
}

/** `finest`: the grid whose cells blocks are made of, and the level that it belongs to. `plane`: decodes a plane of so many columns and rows. */
export function cellQualities(
  model: ReferenceModel,
  finest: { readonly model: ReferenceModel; readonly grid: Grid },
  { quality, places }: { quality: number; places: Uint8Array | undefined },
  plane: (columns: number, rows: number, bytes: Uint8Array) => Uint8Array,
): CellQualities {
  if (!places) {
    const only = qualityOf(model, quality);
    return { at: () => only, rising: [only] };
  }
  demand(places.length > 0, "no size of the blocks");
  const side = places[0] + 1;
  const { columns, rows } = finest.grid;
  const across = Math.ceil(columns / side);
  const samples = plane(across, Math.ceil(rows / side), places.subarray(1));
  const ratio = model.configuration.patch.width / finest.model.configuration.patch.width;
  const blockOf = (cell: number) => Math.floor((cell * ratio) / side);
  const levelOf = (sample: number) => Math.min(Math.max(quality + 16 * (sample - 16), 0), 255);
  const all = Array.from({ length: 256 }, (_, level) => qualityOf(model, level));
  return {
    at: (x, y) => all[levelOf(samples[blockOf(y) * across + blockOf(x)])],
    rising: all.filter((_, level) => samples.some((sample) => levelOf(sample) === level)),
  };
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function gridOf({ configuration }: ReferenceModel, size: Size, alpha: Uint8Array | undefined): Grid {
  const { patch, synthesisMargin: margin, latents } = configuration;
  const isVisible = (left: number, top: number) => {
    for (let y = Math.max(top, 0); y < Math.min(top + patch.height + 2 * margin, size.height); y++) {
      for (let x = Math.max(left, 0); x < Math.min(left + patch.width + 2 * margin, size.width); x++) {
        if (alpha![y * size.width + x] > 0) return true;
      }
    }
    return false;
  };
  const holed = alpha?.includes(0) ?? false;
  return {
    columns: Math.ceil(size.width / patch.width),
    rows: Math.ceil(size.height / patch.height),
    latents,
    isCoded: (x, y) => !holed || isVisible(x * patch.width - margin, y * patch.height - margin),
  };
}

/** The rows that a quality level sets (docs/FORMAT.md, "Quality"). */
export interface Quality {
  readonly q: number;
  /** A log-linear row of the model. */
  readonly logLinear: (name: string) => Float32Array;
}

export function qualityOf(model: ReferenceModel, level: number): Quality {
  const scale = model.configuration.qualityScale ?? [-1, 1];
  const place = (level * (scale.length - 1)) / 255;
  const i = Math.min(Math.floor(place), scale.length - 2);
  const q = round(scale[i] + (place - i) * (scale[i + 1] - scale[i]));
  return {
    q,
    logLinear: (name) => {
      const [offset, slope] =
        name === "prior" ? ["prior.logScale", "prior.slope"] : [`${name}.offset`, `${name}.slope`];
      const slopes = model.weights(slope);
      return model.weights(offset).map((value, c) => round(value + round(q * slopes[c])));
    },
  };
}

export const gainsOf = (quality: Quality): Float32Array => quality.logLinear("inverseGain").map(exponential);
