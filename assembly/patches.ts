import { add } from "./elementwise";

/**
 * Pictures <-> windows. A canvas is a float picture (height, width, C), already padded; the window of grid cell (y, x) starts
 * at canvas row y * patch, column x * patch, and its S rows are runs of S * C floats of the canvas. The windows may cover a part of its width alone.
 */

/** canvas[y][x][c] = pixels[rows[y]][columns[x]][c] * scale + offset */
export function readPixels(
  H: i32, W: i32, C: i32, pixels: usize, pixelStride: i32, pixelChannels: i32,
  rows: usize, columns: usize, scale: f32, offset: f32, canvas: usize,
): void {
  for (let y = 0; y < H; y++) {
    const line = pixels + <usize>load<i32>(rows + (<usize>y << 2)) * <usize>pixelStride;
    for (let x = 0; x < W; x++) {
      const pixel = line + <usize>load<i32>(columns + (<usize>x << 2)) * <usize>pixelChannels;
      for (let c = 0; c < C; c++, canvas += 4) {
        store<f32>(canvas, <f32>load<u8>(pixel + <usize>c) * scale + offset);
      }
    }
  }
}

/** pixels[y][x][c] = clamp(round(canvas[y][x][c] * scale + offset), 0, 255), half to even; NaN becomes 0. */
export function writePixels(
  H: i32, W: i32, C: i32, canvas: usize, canvasWidth: i32, scale: f32, offset: f32,
  pixels: usize, pixelStride: i32, pixelChannels: i32,
): void {
  const canvasLine = (<usize>canvasWidth * <usize>C) << 2;
  for (let y = 0; y < H; y++, canvas += canvasLine, pixels += <usize>pixelStride) {
    if (pixelChannels == C) {
      writeSamples(W * C, canvas, scale, offset, pixels);
      continue;
    }
    let sample = canvas;
    let pixel = pixels;
    for (let x = 0; x < W; x++, pixel += <usize>pixelChannels) {
      for (let c = 0; c < C; c++, sample += 4) store<u8>(pixel + <usize>c, writtenSample(load<f32>(sample) * scale + offset));
    }
  }
}

/** A run of samples without gaps. */
function writeSamples(count: i32, samples: usize, scale: f32, offset: f32, bytes: usize): void {
  const scales = f32x4.splat(scale), offsets = f32x4.splat(offset);
  for (; count >= 16; count -= 16, samples += 64, bytes += 16) {
    const low = i16x8.narrow_i32x4_s(integers(samples, scales, offsets), integers(samples + 16, scales, offsets));
    const high = i16x8.narrow_i32x4_s(integers(samples + 32, scales, offsets), integers(samples + 48, scales, offsets));
    v128.store(bytes, i8x16.narrow_i16x8_u(low, high));
  }
  for (; count > 0; count--, samples += 4, bytes++) store<u8>(bytes, writtenSample(load<f32>(samples) * scale + offset));
}

// @ts-ignore: decorator
@inline
function integers(samples: usize, scales: v128, offsets: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.add(f32x4.mul(v128.load(samples), scales), offsets)));
}

// @ts-ignore: decorator
@inline
function writtenSample(value: f32): u32 {
  const whole = nearest<f32>(value);
  return whole > 0 ? <u32>min<f32>(whole, 255) : 0;
}

/** Copies every window out of its canvas. */
export function gatherWindows(
  B: i32, H: i32, W: i32, C: i32, patch: i32, S: i32, canvasWidth: i32, canvas: usize, windows: usize,
): void {
  const run = <usize>(S * C);
  const line = canvasLine(canvasWidth, C);
  for (let b = 0; b < B; b++, canvas += canvasBytes(H, patch, S, line)) {
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        let source = canvas + <usize>(y * patch) * line + (<usize>(x * patch * C) << 2);
        for (let s = 0; s < S; s++, source += line, windows += run << 2) copy(run, source, windows);
      }
    }
  }
}

/** Adds every window onto its canvas, in raster order of the cells. */
export function addWindows(
  B: i32, H: i32, W: i32, C: i32, patch: i32, S: i32, canvasWidth: i32, windows: usize, canvas: usize,
): void {
  const run = <usize>(S * C);
  const line = canvasLine(canvasWidth, C);
  for (let b = 0; b < B; b++, canvas += canvasBytes(H, patch, S, line)) {
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        let target = canvas + <usize>(y * patch) * line + (<usize>(x * patch * C) << 2);
        for (let s = 0; s < S; s++, target += line, windows += run << 2) add(<i32>run, target, windows, target);
      }
    }
  }
}

/** Bytes of one row of a canvas. */
// @ts-ignore: decorator
@inline
function canvasLine(canvasWidth: i32, C: i32): usize {
  return <usize>(canvasWidth * C) << 2;
}

// @ts-ignore: decorator
@inline
function canvasBytes(H: i32, patch: i32, S: i32, line: usize): usize {
  return <usize>((H - 1) * patch + S) * line;
}

/** Runs are short: a loop of our own is faster than a call of memory.copy. */
// @ts-ignore: decorator
@inline
function copy(count: usize, source: usize, target: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) v128.store(target + (i << 2), v128.load(source + (i << 2)));
  for (; i < count; i++) store<f32>(target + (i << 2), load<f32>(source + (i << 2)));
}
