/**
 * Windows of pixels (RGB, S x S) <-> windows whose colour differences have half the resolution: S x S of luma, then S/2 x S/2 of Cb, then as many of Cr (ITU-R BT.601, full
 * range). S is even. Samples are floats.
 */

const near: f32 = 0.75, far: f32 = 0.25;
const redOfCr: f32 = 1.402, greenOfCb: f32 = 0.344136, greenOfCr: f32 = 0.714136, blueOfCb: f32 = 1.772;
const lumaOfRed: f32 = 0.299, lumaOfGreen: f32 = 0.587, lumaOfBlue: f32 = 0.114;

/**
 * N windows of pixels from N windows of half colour differences, which are enlarged bilinearly: a pixel takes 3/4 of the nearer and 1/4 of the farther sample, down the columns
 * first, then along the rows; beyond the window they are 0.
 */
export function enlargeChroma(N: i32, S: i32, input: usize, output: usize): void {
  const H = S >> 1;
  const plane = <usize>(S * S) << 2, quarter = <usize>(H * H) << 2;
  for (let n = 0; n < N; n++, input += plane + 2 * quarter) {
    for (let y = 0, luma = input; y < S; y++) {
      const k = y >> 1, other = k + ((y & 1) << 1) - 1;
      const isInside = other >= 0 && other < H;
      // From a row of samples to the one that shares in the pixels' row, and what it weighs.
      const beside = isInside ? <isize>((other - k) * H) << 2 : 0;
      const fars = f32x4.splat(isInside ? far : 0);
      let cb = input + plane + (<usize>(k * H) << 2), cr = cb + quarter;
      let cbBefore = f32x4.splat(0), crBefore = f32x4.splat(0);
      let cbHere = tallSamples(cb, beside, fars, H), crHere = tallSamples(cr, beside, fars, H);
      // Four samples of each make eight pixels.
      for (let left = H; left > 0; left -= 4, luma += 32) {
        cb += 16;
        cr += 16;
        const cbAfter = tallSamples(cb, beside, fars, left - 4), crAfter = tallSamples(cr, beside, fars, left - 4);
        const cbEven = between(cbHere, v128.shuffle<f32>(cbBefore, cbHere, 3, 4, 5, 6));
        const cbOdd = between(cbHere, v128.shuffle<f32>(cbHere, cbAfter, 1, 2, 3, 4));
        const crEven = between(crHere, v128.shuffle<f32>(crBefore, crHere, 3, 4, 5, 6));
        const crOdd = between(crHere, v128.shuffle<f32>(crHere, crAfter, 1, 2, 3, 4));
        output = writePixels(
          2 * left, luma, v128.shuffle<f32>(cbEven, cbOdd, 0, 4, 1, 5), v128.shuffle<f32>(crEven, crOdd, 0, 4, 1, 5), output,
        );
        if (left > 2) {
          output = writePixels(
            2 * left - 4, luma + 16, v128.shuffle<f32>(cbEven, cbOdd, 2, 6, 3, 7), v128.shuffle<f32>(crEven, crOdd, 2, 6, 3, 7), output,
          );
        }
        cbBefore = cbHere;
        crBefore = crHere;
        cbHere = cbAfter;
        crHere = crAfter;
      }
      luma -= <usize>(((H + 3) >> 2) << 5) - (<usize>S << 2);
    }
  }
}

/** Four samples at a row of pixels, of which `left` are within the window, and the others 0. */
// @ts-ignore: decorator
@inline
function tallSamples(row: usize, beside: isize, fars: v128, left: i32): v128 {
  if (left <= 0) return f32x4.splat(0);
  const samples = f32x4.add(
    f32x4.mul(v128.load(row), f32x4.splat(near)), f32x4.mul(v128.load(row + <usize>beside), fars),
  );
  if (left >= 4) return samples;
  return v128.and(samples, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)));
}

// @ts-ignore: decorator
@inline
function between(here: v128, beside: v128): v128 {
  return f32x4.add(f32x4.mul(here, f32x4.splat(near)), f32x4.mul(beside, f32x4.splat(far)));
}

/** Four pixels, or two where `left` are no more; returns where the next ones go. */
// @ts-ignore: decorator
@inline
function writePixels(left: i32, luma: usize, cb: v128, cr: v128, output: usize): usize {
  const y = v128.load(luma);
  const red = f32x4.add(y, f32x4.mul(cr, f32x4.splat(redOfCr)));
  const some = f32x4.sub(y, f32x4.mul(cb, f32x4.splat(greenOfCb)));
  const green = f32x4.sub(some, f32x4.mul(cr, f32x4.splat(greenOfCr)));
  const blue = f32x4.add(y, f32x4.mul(cb, f32x4.splat(blueOfCb)));
  v128.store(output, v128.shuffle<f32>(v128.shuffle<f32>(red, green, 0, 4, 1, 5), blue, 0, 1, 4, 2));
  const middle = v128.shuffle<f32>(v128.shuffle<f32>(green, blue, 1, 5, 2, 6), red, 0, 1, 6, 2);
  if (left < 4) {
    v128.store64_lane(output, middle, 0, 16);
    return output + 24;
  }
  v128.store(output, middle, 16);
  v128.store(output, v128.shuffle<f32>(blue, v128.shuffle<f32>(red, green, 3, 7, 3, 7), 2, 4, 5, 3), 32);
  return output + 48;
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
