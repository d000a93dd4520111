/**
 * Windows of pixels (RGB, S x S) <-> windows whose colour differences have half the resolution: S x S of luma, then S/2 x S/2 of Cb, then as many of Cr (ITU-R BT.601, full
 * range). S is even. Samples are floats.
 */

const near: f32 = 0.75, far: f32 = 0.25;
const redOfCr: f32 = 1.402, greenOfCb: f32 = 0.344136, greenOfCr: f32 = 0.714136, blueOfCb: f32 = 1.772;
const lumaOfRed: f32 = 0.299, lumaOfGreen: f32 = 0.587, lumaOfBlue: f32 = 0.114;

/**
 * N windows of pixels from N windows of half colour differences, which are enlarged bilinearly: a pixel takes 3/4 of the nearer and 1/4 of the farther sample, down the columns
 * first, then, as colours, along the rows; beyond the window they are 0.
 */
export function enlargeChroma(N: i32, S: i32, input: usize, output: usize): void {
  const H = S >> 1;
  const plane = <usize>(S * S) << 2, quarter = <usize>(H * H) << 2;
  for (let n = 0; n < N; n++, input += plane + 2 * quarter) {
    for (let y = 0, luma = input; y < S; y++) {
      const k = y >> 1, other = k + ((y & 1) << 1) - 1;
      const isInside = other >= 0 && other < H;
      const beside = <isize>((other - k) * H) << 2;
      let cb = input + plane + (<usize>(k * H) << 2);
      let before = f32x4.splat(0), here = colour(cb, quarter, beside, isInside);
      for (let left = H; left > 0; left--, luma += 8, output += 24) {
        cb += 4;
        const after = left > 1 ? colour(cb, quarter, beside, isInside) : f32x4.splat(0);
        writePixel(luma, here, before, output);
        writePixel(luma + 4, here, after, output + 12);
        before = here;
        here = after;
      }
    }
  }
}

/** What samples of Cb and Cr, in a row and the one beside it, give to red, green and blue. */
function colour(cb: usize, quarter: usize, beside: isize, isInside: bool): v128 {
  const b = tallSample(cb, beside, isInside), r = tallSample(cb + quarter, beside, isInside);
  return f32x4(redOfCr * r, -(greenOfCb * b) - greenOfCr * r, blueOfCb * b, 0);
}

// @ts-ignore: decorator
@inline
function tallSample(at: usize, beside: isize, isInside: bool): f32 {
  return near * load<f32>(at) + far * (isInside ? load<f32>(at + <usize>beside) : 0);
}

// @ts-ignore: decorator
@inline
function writePixel(luma: usize, here: v128, beside: v128, output: usize): void {
  const difference = f32x4.add(f32x4.mul(here, f32x4.splat(near)), f32x4.mul(beside, f32x4.splat(far)));
  const pixel = f32x4.add(v128.load32_splat(luma), difference);
  v128.store64_lane(output, pixel, 0);
  v128.store32_lane(output, pixel, 2, 8);
}

/** The adjoint of `enlargeChroma`: from gradients by pixels to those by the windows of half colour differences. */
export function enlargeChromaGradient(N: i32, S: i32, input: usize, output: usize): void {
  const H = S >> 1;
  const plane = <usize>(S * S) << 2, quarter = <usize>(H * H) << 2;
  for (let n = 0; n < N; n++, output += plane + 2 * quarter) {
    const cb = output + plane, cr = cb + quarter;
    memory.fill(cb, 0, 2 * quarter);
    for (let y = 0, luma = output; y < S; y++) {
      for (let x = 0; x < S; x++, luma += 4, input += 12) {
        const red = load<f32>(input), green = load<f32>(input, 4), blue = load<f32>(input, 8);
        store<f32>(luma, red + green + blue);
        spread(H, y, x, cb, blueOfCb * blue - greenOfCb * green);
        spread(H, y, x, cr, redOfCr * red - greenOfCr * green);
      }
    }
  }
}

/** Gives each sample that a pixel takes its share of the pixel's gradient. */
// @ts-ignore: decorator
@inline
function spread(H: i32, y: i32, x: i32, plane: usize, gradient: f32): void {
  const row = y >> 1, otherRow = row + ((y & 1) << 1) - 1;
  spreadRow(H, x, plane + (<usize>(row * H) << 2), near * gradient);
  if (otherRow >= 0 && otherRow < H) spreadRow(H, x, plane + (<usize>(otherRow * H) << 2), far * gradient);
}

// @ts-ignore: decorator
@inline
function spreadRow(H: i32, x: i32, row: usize, gradient: f32): void {
  const k = x >> 1, other = k + ((x & 1) << 1) - 1;
  addTo(row + (<usize>k << 2), near * gradient);
  if (other >= 0 && other < H) addTo(row + (<usize>other << 2), far * gradient);
}

// @ts-ignore: decorator
@inline
function addTo(target: usize, value: f32): void {
  store<f32>(target, load<f32>(target) + value);
}

/**
 * N windows of half colour differences from N windows of pixels, for an analysis: sums of 2 x 2 pixels, which are about as large as what weights make of luma, so that one
 * scale suits all weights of a latent.
 */
export function halveChroma(N: i32, S: i32, input: usize, output: usize): void {
  const H = S >> 1;
  const plane = <usize>(S * S) << 2, quarter = <usize>(H * H) << 2;
  for (let n = 0; n < N; n++, output += plane + 2 * quarter) {
    const cb = output + plane, cr = cb + quarter;
    memory.fill(cb, 0, 2 * quarter);
    for (let y = 0, luma = output; y < S; y++) {
      for (let x = 0; x < S; x++, luma += 4, input += 12) {
        const red = load<f32>(input), green = load<f32>(input, 4), blue = load<f32>(input, 8);
        const value = lumaOfRed * red + lumaOfGreen * green + lumaOfBlue * blue;
        store<f32>(luma, value);
        const at = <usize>((y >> 1) * H + (x >> 1)) << 2;
        addTo(cb + at, (blue - value) * (1 / blueOfCb));
        addTo(cr + at, (red - value) * (1 / redOfCr));
      }
    }
  }
}
