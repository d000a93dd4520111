/**
 * Pictures -> windows in integers, for products whose inputs are bytes (see patches.ts for canvases and windows). Samples are bytes less 128, 16 bits each.
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

/** `bytes` is even. */
// @ts-ignore: decorator
@inline
function copy(bytes: usize, source: usize, target: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(target + i, v128.load(source + i));
  for (; i < bytes; i += 2) store<u16>(target + i, load<u16>(source + i));
}
