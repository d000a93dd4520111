/**
 * Windows of pixels (RGB, S x S) <-> windows whose colour differences have half the resolution: S x S of luma, then S/2 x S/2 of Cb, then as many of Cr (ITU-R BT.601, full
 * range). S is even. Samples are floats.
 */

const near: f32 = 0.75, far: f32 = 0.25;
const redOfCr: f32 = 1.402, greenOfCb: f32 = 0.344136, greenOfCr: f32 = 0.714136, blueOfCb: f32 = 1.772;
const lumaOfRed: f32 = 0.299, lumaOfGreen: f32 = 0.587, lumaOfBlue: f32 = 0.114;

/** Bytes that `enlargeChroma` works in. */
export function chromaWorkBytes(S: i32): i32 {
  return 2 * lineBytes(S);
}

/** A line of colour differences, four floats of room before it and behind it, and what whole vectors write beyond. */
// @ts-ignore: decorator
@inline
function lineBytes(S: i32): i32 {
  return ((S >> 1) + 12) << 2;
}

/**
 * N windows of pixels from N windows of half colour differences, which are enlarged bilinearly: a pixel takes 3/4 of the nearer and 1/4 of the farther sample, down the columns
 * first, then along the rows; beyond the window they are 0.
 */
export function enlargeChroma(N: i32, S: i32, input: usize, work: usize, output: usize): void {
  const H = S >> 1;
  const plane = <usize>(S * S) << 2, quarter = <usize>(H * H) << 2;
  const cb = work + 16, cr = cb + <usize>lineBytes(S);
  for (let n = 0; n < N; n++, input += plane + 2 * quarter) {
    for (let y = 0, luma = input; y < S; y++, luma += <usize>S << 2) {
      enlargeRow(H, y, input + plane, cb);
      enlargeRow(H, y, input + plane + quarter, cr);
      for (let x = 0; x < S; x += 8) {
        const at = <usize>x << 1;
        writeRow(min(4, S - x), luma + (<usize>x << 2), enlarged(cb + at, 0), enlarged(cr + at, 0), output);
        if (x + 4 < S) {
          const right = <usize>(x + 4) << 2;
          writeRow(min(4, S - x - 4), luma + right, enlarged(cb + at, 1), enlarged(cr + at, 1), output + 48);
        }
        output += <usize>min(8, S - x) * 12;
      }
    }
  }
}

/** The row of H colour differences that lies at row y of twice as many, with a 0 on both sides. */
function enlargeRow(H: i32, y: i32, plane: usize, line: usize): void {
  const k = y >> 1, other = k + ((y & 1) << 1) - 1;
  const isInside = other >= 0 && other < H;
  const source = plane + (<usize>(k * H) << 2), beside = isInside ? plane + (<usize>(other * H) << 2) : source;
  const nears = f32x4.splat(near), fars = f32x4.splat(isInside ? far : 0);
  for (let j: usize = 0; j < <usize>H << 2; j += 16) {
    v128.store(line + j, f32x4.add(f32x4.mul(v128.load(source + j), nears), f32x4.mul(v128.load(beside + j), fars)));
  }
  store<f32>(line - 4, 0);
  store<f32>(line + (<usize>H << 2), 0);
}

/** Of four samples of a line, the eight that they become: the first four of them, or the others. */
// @ts-ignore: decorator
@inline
function enlarged(line: usize, others: i32): v128 {
  const fars = f32x4.splat(far), here = f32x4.mul(v128.load(line), f32x4.splat(near));
  const even = f32x4.add(here, f32x4.mul(v128.load(line - 4), fars));
  const odd = f32x4.add(here, f32x4.mul(v128.load(line + 4), fars));
  return others ? v128.shuffle<f32>(even, odd, 2, 6, 3, 7) : v128.shuffle<f32>(even, odd, 0, 4, 1, 5);
}

/** Four pixels, or two. */
// @ts-ignore: decorator
@inline
function writeRow(count: i32, luma: usize, cb: v128, cr: v128, output: usize): void {
  const y = v128.load(luma);
  const red = f32x4.add(y, f32x4.mul(cr, f32x4.splat(redOfCr)));
  const some = f32x4.sub(y, f32x4.mul(cb, f32x4.splat(greenOfCb)));
  const green = f32x4.sub(some, f32x4.mul(cr, f32x4.splat(greenOfCr)));
  const blue = f32x4.add(y, f32x4.mul(cb, f32x4.splat(blueOfCb)));
  v128.store(output, v128.shuffle<f32>(v128.shuffle<f32>(red, green, 0, 4, 1, 5), blue, 0, 1, 4, 2));
  const middle = v128.shuffle<f32>(v128.shuffle<f32>(green, blue, 1, 5, 2, 6), red, 0, 1, 6, 2);
  if (count < 4) {
    v128.store64_lane(output, middle, 0, 16);
    return;
  }
  v128.store(output, middle, 16);
  v128.store(output, v128.shuffle<f32>(blue, v128.shuffle<f32>(red, green, 3, 7, 3, 7), 2, 4, 5, 3), 32);
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
