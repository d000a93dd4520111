import type { Pointer } from "../interface.js";

/**
 * assembly/light.ts, opsin.ts, blur.ts and ssimulacra2.ts: the parts of SSIMULACRA 2. A plane is H rows of W floats without gaps, and the planes of a picture lie `plane` floats apart.
 */
export interface MetricKernels {
  /** linear[i] = light of the sRGB sample samples[i] + 0.5, which is held within 0 .. 1. */
  linearLight(count: number, samples: Pointer, linear: Pointer): void;
  /** gradient[i] += factor * linearGradient[i] * the slope of `linearLight` at samples[i]; it is 0 where a sample is held. */
  linearLightGradient(
    count: number,
    samples: Pointer,
    linearGradient: Pointer,
    factor: number,
    gradient: Pointer,
  ): void;
  /** planes[c][i] = table[pixels[i * pixelChannels + c]] for C channels; `table` holds 256 floats. */
  lookUpPlanes(
    count: number,
    C: number,
    pixels: Pointer,
    pixelChannels: number,
    table: Pointer,
    plane: number,
    planes: Pointer,
  ): void;
  /** planes[c][i] = samples[i * C + c] */
  splitChannels(count: number, C: number, samples: Pointer, plane: number, planes: Pointer): void;
  /** samples[i * C + c] = planes[c][i] */
  joinChannels(count: number, C: number, plane: number, planes: Pointer, samples: Pointer): void;
  /** output (ceil(H / 2), ceil(W / 2)) = means of 2 x 2 samples; an odd last row or column stands in for the one that is missing. */
  halvePlane(H: number, W: number, input: Pointer, output: Pointer): void;
  /** gradient (H, W) += the gradient by the input of `halvePlane` from that by its output. */
  halvePlaneGradient(H: number, W: number, halved: Pointer, gradient: Pointer): void;
  /** X, Y and B of XYB, scaled and shifted as SSIMULACRA 2 wants them, from C = 1 or 3 planes of linear light. `X` and `B` 0: not wanted. */
  opsinPlanes(count: number, C: number, linear: Pointer, plane: number, X: Pointer, Y: Pointer, B: Pointer): void;
  /** gradient (C planes) += the gradient by linear light from those by X, Y and B, all as `opsinPlanes` had and gave them. */
  opsinPlanesGradient(
    count: number,
    C: number,
    linear: Pointer,
    plane: number,
    X: Pointer,
    Y: Pointer,
    B: Pointer,
    gradientX: Pointer,
    gradientY: Pointer,
    gradientB: Pointer,
    gradient: Pointer,
  ): void;
  /**
   * output = rows `from` to `to` - 1 of a plane of H x W, blurred by 11 x 11 taps of a Gaussian of deviation 1.5; outside of the plane there is
   * nothing. `work` has room for W + 32 floats.
   */
  blurRows(H: number, W: number, from: number, to: number, input: Pointer, work: Pointer, output: Pointer): void;
  /** squares[i] = x[i] ** 2 + y[i] ** 2, products[i] = x[i] * y[i] */
  secondMoments(count: number, x: Pointer, y: Pointer, squares: Pointer, products: Pointer): void;
  /**
   * Adds to six 64-bit floats the sums over `count` pixels of the three error maps (likeness, ringing, blurring), then of their fourth powers. The
   * maps are made of the planes x and y and of four blurred planes: of x, of y, of their squares and of their products.
   */
  addErrors(
    count: number,
    x: Pointer,
    y: Pointer,
    meanX: Pointer,
    meanY: Pointer,
    squares: Pointer,
    products: Pointer,
    sums: Pointer,
  ): void;
  /**
   * The slopes of the sum of factors[m] * map + factors[3 + m] / 4 * map ** 4 over the maps m (six floats): `direct`, by y where it stands alone,
   * and those by the blurred planes of y, squares and products, which they replace.
   */
  errorSlopes(
    count: number,
    x: Pointer,
    y: Pointer,
    meanX: Pointer,
    meanY: Pointer,
    squares: Pointer,
    products: Pointer,
    factors: Pointer,
    direct: Pointer,
  ): void;
  /** direct[i] += meanY[i] + 2 * y[i] * squares[i] + x[i] * products[i], where the three are slopes that were blurred again. */
  joinSlopes(
    count: number,
    x: Pointer,
    y: Pointer,
    meanY: Pointer,
    squares: Pointer,
    products: Pointer,
    direct: Pointer,
  ): void;
  /** The score of a weighted sum of errors and its slope by the sum, two 64-bit floats; 100 and 0 for no errors. */
  scoreOfErrors(sum: number, output: Pointer): void;
}
