/**
 * Pictures -> windows in integers of 16 bits, for products whose inputs are bytes (see patches.ts for canvases and windows): bytes less 128; or luma and
 * colour differences in halves, where the latter have half the resolution (see chroma.ts).
 */
import { integerRowBytes } from "./integer-gemm";

/** canvas[y][x][c] = pixels[rows[y]][columns[x]][c] - 128 */
export function readBytes(
  H: i32, W: i32, C: i32, pixels: usize, pixelStride: i32, pixelChannels: i32, rows: usize, columns: usize, canvas: usize,
): void {
  for (let y = 0; y < H; y++) {
    const line = pixels + <usize>load<i32>(rows + (<usize>y << 2)) * <usize>pixelStride;
    for (let x = 0; x < W; x++) {
      const pixel = line + <usize>load<i32>(columns + (<usize>x << 2)) * <usize>pixelChannels;
      for (let c = 0; c < C; c++, canvas += 2) store<i16>(canvas, <i16>load<u8>(pixel + <usize>c) - 128);
    }
  }
}

/** The windows of W neighbouring cells, rows of integers as `multiplyIntegers` wants them; `canvas` is at the corner of the first. */
export function gatherByteWindows(
  W: i32, C: i32, patch: i32, S: i32, canvasWidth: i32, canvas: usize, windows: usize,
): void {
  const run = <usize>(S * C) << 1, line = <usize>(canvasWidth * C) << 1;
  const padding = <usize>integerRowBytes(S * S * C) - <usize>S * run;
  for (let x = 0; x < W; x++, canvas += <usize>(patch * C) << 1) {
    let source = canvas;
    for (let s = 0; s < S; s++, source += line, windows += run) copy(run, source, windows);
    memory.fill(windows, 0, padding);
    windows += padding;
  }
}

/** What red, green and blue have of luma, in parts of 2^16 (ITU-R BT.601). */
const lumaOfRed = 19595, lumaOfGreen = 38470, lumaOfBlue = 7471;
/** From sums of 2 x 2 pixels, in parts of 2^16, to halves of colour differences. */
const cbOfBlue: f32 = 2.0 / 65536 / 1.772, crOfRed: f32 = 2.0 / 65536 / 1.402;

/**
 * A canvas whose colour differences have half the resolution: H x W of 2 * (luma - 128), then H/2 x W/2 of 2 * Cb, as sums of 2 x 2 pixels, and as many of 2 * Cr. H and W are even.
 */
export function readHalvedBytes(
  H: i32, W: i32, pixels: usize, pixelStride: i32, pixelChannels: i32, rows: usize, columns: usize, canvas: usize,
): void {
  const line = <usize>W << 1, quarter = <usize>(W >> 1) * <usize>(H >> 1) << 1;
  let cb = canvas + line * <usize>H;
  for (let y = 0; y < H; y += 2, canvas += 2 * line) {
    const upper = pixels + <usize>load<i32>(rows + (<usize>y << 2)) * <usize>pixelStride;
    const lower = pixels + <usize>load<i32>(rows + (<usize>y << 2), 4) * <usize>pixelStride;
    for (let x = 0; x < W; x += 2, cb += 2) {
      const left = <usize>load<i32>(columns + (<usize>x << 2)) * <usize>pixelChannels;
      const right = <usize>load<i32>(columns + (<usize>x << 2), 4) * <usize>pixelChannels;
      const target = canvas + (<usize>x << 1);
      const luma = storeLuma(upper + left, target) + storeLuma(upper + right, target + 2)
        + storeLuma(lower + left, target + line) + storeLuma(lower + right, target + line + 2);
      const red = <i32>load<u8>(upper + left) + load<u8>(upper + right) + load<u8>(lower + left) + load<u8>(lower + right);
      const blue = <i32>load<u8>(upper + left, 2) + load<u8>(upper + right, 2) + load<u8>(lower + left, 2) + load<u8>(lower + right, 2);
      store<i16>(cb, <i16>nearest<f32>(<f32>((blue << 16) - luma) * cbOfBlue));
      store<i16>(cb + quarter, <i16>nearest<f32>(<f32>((red << 16) - luma) * crOfRed));
    }
  }
}

/** Stores a pixel's luma and returns it, in parts of 2^16. */
// @ts-ignore: decorator
@inline
function storeLuma(pixel: usize, target: usize): i32 {
  const luma = <i32>load<u8>(pixel) * lumaOfRed + <i32>load<u8>(pixel, 1) * lumaOfGreen + <i32>load<u8>(pixel, 2) * lumaOfBlue;
  store<i16>(target, <i16>(((luma + 16384) >> 15) - 256));
  return luma;
}

/** As `gatherByteWindows`, of a canvas of `readHalvedBytes`: S x S of luma, then S/2 x S/2 of each colour difference. The first window's corner is at (x, y) of the canvas. */
export function gatherHalvedWindows(
  N: i32, patch: i32, S: i32, canvasHeight: i32, canvasWidth: i32, x: i32, y: i32, canvas: usize, windows: usize,
): void {
  const line = <usize>canvasWidth << 1, half = line >> 1;
  const run = <usize>S << 1, halfRun = <usize>S;
  const padding = <usize>integerRowBytes(S * S / 2 * 3) - <usize>(S * S * 3);
  const quarter = half * <usize>(canvasHeight >> 1);
  let luma = canvas + <usize>y * line + (<usize>x << 1);
  let cb = canvas + line * <usize>canvasHeight + <usize>(y >> 1) * half + <usize>x;
  for (let n = 0; n < N; n++, luma += <usize>patch << 1, cb += <usize>patch) {
    for (let s = 0, source = luma; s < S; s++, source += line, windows += run) copy(run, source, windows);
    for (let s = 0, source = cb; s < S; s += 2, source += half, windows += halfRun) copy(halfRun, source, windows);
    for (let s = 0, source = cb + quarter; s < S; s += 2, source += half, windows += halfRun) copy(halfRun, source, windows);
    memory.fill(windows, 0, padding);
    windows += padding;
  }
}

/** `bytes` is even. */
// @ts-ignore: decorator
@inline
function copy(bytes: usize, source: usize, target: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(target + i, v128.load(source + i));
  for (; i < bytes; i += 2) store<u16>(target + i, load<u16>(source + i));
}
