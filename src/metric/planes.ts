import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type ErrorWeights, planeNames, type ScaleWeights, scaleWeights, smallestSide } from "./error-weights.js";

/** One scale of a picture. */
export interface Scale {
  readonly width: number;
  readonly height: number;
  readonly weights: ScaleWeights;
}

/** The scales at which a picture is judged, from the finest on; none where a side is below 8 pixels. */
export function scalesOf(width: number, height: number): Scale[] {
  const scales: Scale[] = [];
  for (const weights of scaleWeights) {
    if (Math.min(width, height) < smallestSide) break;
    scales.push({ width, height, weights });
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
  }
  return scales;
}

/** Planes of the opsin space that are wanted at a scale, 0 where they are not, as arguments of the kernels. */
export type OpsinPlanes = readonly [X: Pointer, Y: Pointer, B: Pointer];

/** Room for the planes that weigh something, or that others need: Y is always made. */
export const allocateOpsin = ({ memory }: Kernels, { X, B }: ScaleWeights, floats: number): OpsinPlanes => [
  X ? memory.allocateFloats(floats) : 0,
  memory.allocateFloats(floats),
  B ? memory.allocateFloats(floats) : 0,
];

/** The planes that weigh something at a scale: their weights and their place among the opsin planes. */
export const weighedPlanes = (weights: ScaleWeights): { index: number; weights: ErrorWeights }[] =>
  planeNames.flatMap((name, index) => {
    const own = weights[name];
    return own ? [{ index, weights: own }] : [];
  });
