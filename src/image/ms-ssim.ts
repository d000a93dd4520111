import type { Image } from "./image.js";
import { halve, luma } from "./luma.js";
import { checkPair } from "./psnr.js";
import { similarity, windowSide } from "./ssim.js";

/** Exponents from the finest scale to the coarsest (Wang, Simoncelli and Bovik 2003, section 4). */
const exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Multi-scale structural similarity of two images, 0 .. 1 (Wang, Simoncelli and Bovik 2003, equation 7): over luma (BT.601), with the
 * window of `ssim` on five scales, each half the size of the one before. An image whose shorter side is below 176 pixels has room for fewer
 * scales, whose exponents are then divided by their sum. Pixels with alpha are seen over black. Throws `invalid-parameter` where
 * width, height or channels differ.
 */
export function msSsim(reference: Image, image: Image): number {
  return structuralScores(reference, image).msSsim;
}

/** Both at once, because the finest scale of MS-SSIM is SSIM's own. Throws as `msSsim` does. */
export function structuralScores(reference: Image, image: Image): { ssim: number; msSsim: number } {
  const [checkedLeft, checkedRight] = checkPair(reference, image);
  let [left, right] = [luma(checkedLeft), luma(checkedRight)];
  const scales = scalesThatFit(Math.min(left.width, left.height));
  const total = scales < exponents.length ? sum(exponents.slice(0, scales)) : 1;
  let product = 1;
  let finest = 0;
  for (let scale = 0; scale < scales; scale++) {
    if (scale > 0) [left, right] = [halve(left), halve(right)];
    const { ssim, contrastStructure } = similarity(left, right);
    if (scale === 0) finest = ssim;
    // Luminance counts at the coarsest scale alone. A negative mean (anticorrelated pictures) has no real power.
    const factor = scale === scales - 1 ? ssim : contrastStructure;
    product *= Math.max(0, factor) ** (exponents[scale] / total);
  }
  return { ssim: finest, msSsim: product };
}

/** Scales on which the window fits whole into a picture whose shorter side is `side`, at least one. */
function scalesThatFit(side: number): number {
  let scales = 1;
  while (scales < exponents.length && side >> scales >= windowSide) scales++;
  return scales;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
