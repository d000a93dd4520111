import { multiplyAdd } from "./simd";
import { loadPart, storePart } from "./tail";

/**
 * 3x3 convolution of every channel by itself on grids (B, H, W, C), stride 1. Outside the grid the input is zero. A sum
 * takes its taps in raster order at every cell, whether inner or at the border. Shapes: `cell` is the bytes of one cell (C floats), `line` those of a row of cells.
 */

/** output = bias + correlation of the input with the weights (9, C); `bias` 0 means none. */
export function depthwise(
  B: i32, H: i32, W: i32, C: i32, input: usize, weights: usize, bias: usize, output: usize,
): void {
  correlate(B, H, W, C, input, weights, <usize>C << 2, bias, output);
}

/** The adjoint: the same correlation with the taps in reverse. */
export function depthwiseInputGradient(
  B: i32, H: i32, W: i32, C: i32, gradientOutput: usize, weights: usize, gradientInput: usize,
): void {
  const cell = <usize>C << 2;
  correlate(B, H, W, C, gradientOutput, weights + 8 * cell, 0 - cell, 0, gradientInput);
}

/** The weights of tap t lie at `weights + t * step`. */
function correlate(
  B: i32, H: i32, W: i32, C: i32, input: usize, weights: usize, step: usize, bias: usize, output: usize,
): void {
  const cell = <usize>C << 2;
  const line = <usize>W * cell;
  if (W == 0) return;
  for (let b = 0; b < B; b++) {
    for (let y = 0; y < H; y++, input += line, output += line) {
      const whole = C & ~3;
      for (let c = 0; c < whole; c += 4) correlateLine(c, y, H, W, cell, input, weights, step, bias, output);
      correlateCell(0, y, 0, H, W, C, input, weights, step, bias, output);
      if (W > 1) correlateCell(0, y, W - 1, H, W, C, input, weights, step, bias, output);
      if (whole == C) continue;
      for (let x = 1; x < W - 1; x++) correlateCell(whole, y, x, H, W, C, input, weights, step, bias, output);
    }
  }
}

/** The channels from `from` on of one cell of row y, with checks; `input` and `output` point at the row. */
function correlateCell(
  from: i32, y: i32, x: i32, H: i32, W: i32, C: i32, input: usize, weights: usize, step: usize, bias: usize, output: usize,
): void {
  const cell = <usize>C << 2;
  const line = <usize>W * cell;
  const centre = <usize>x * cell;
  // The part of the window that lies inside the grid.
  const top = y > 0 ? -1 : 0;
  const bottom = y < H - 1 ? 1 : 0;
  const left = x > 0 ? -1 : 0;
  const right = x < W - 1 ? 1 : 0;
  for (let c = from; c < C; c += 4) {
    const part = min(C - c, 4);
    const channel = <usize>c << 2;
    let sum = bias ? v128.load(bias + channel) : f32x4.splat(0);
    for (let dy = top; dy <= bottom; dy++) {
      for (let dx = left; dx <= right; dx++) {
        const value = v128.load(input + <usize>dy * line + <usize>(x + dx) * cell + channel);
        sum = multiplyAdd(v128.load(weights + <usize>(dy * 3 + dx + 4) * step + channel), value, sum);
      }
    }
    storePart(output + centre + channel, sum, part);
  }
}

/**
 * Four channels from c on, of all cells of row y but the first and the last. A row outside the grid is stood in for by
 * row y under weights of zero.
 */
// @ts-ignore: decorator
@inline
function correlateLine(
  c: i32, y: i32, H: i32, W: i32, cell: usize, input: usize, weights: usize, step: usize, bias: usize, output: usize,
): void {
  const channel = <usize>c << 2;
  const line = <usize>W * cell;
  const hasAbove = y > 0;
  const hasBelow = y < H - 1;
  const first = weights + channel;
  const weight0 = loadIf(hasAbove, first);
  const weight1 = loadIf(hasAbove, first + step);
  const weight2 = loadIf(hasAbove, first + 2 * step);
  const weight3 = v128.load(first + 3 * step);
  const weight4 = v128.load(first + 4 * step);
  const weight5 = v128.load(first + 5 * step);
  const weight6 = loadIf(hasBelow, first + 6 * step);
  const weight7 = loadIf(hasBelow, first + 7 * step);
  const weight8 = loadIf(hasBelow, first + 8 * step);
  const start = bias ? v128.load(bias + channel) : f32x4.splat(0);
  const right = cell << 1;
  let centre = input + channel;
  let above = hasAbove ? centre - line : centre;
  let below = hasBelow ? centre + line : centre;
  let target = output + cell + channel;
  for (let x = 1; x < W - 1; x++, above += cell, centre += cell, below += cell, target += cell) {
    let sum = multiplyAdd(weight0, v128.load(above), start);
    sum = multiplyAdd(weight1, v128.load(above + cell), sum);
    sum = multiplyAdd(weight2, v128.load(above + right), sum);
    sum = multiplyAdd(weight3, v128.load(centre), sum);
    sum = multiplyAdd(weight4, v128.load(centre + cell), sum);
    sum = multiplyAdd(weight5, v128.load(centre + right), sum);
    sum = multiplyAdd(weight6, v128.load(below), sum);
    sum = multiplyAdd(weight7, v128.load(below + cell), sum);
    sum = multiplyAdd(weight8, v128.load(below + right), sum);
    v128.store(target, sum);
  }
}

// @ts-ignore: decorator
@inline
function loadIf(wanted: bool, pointer: usize): v128 {
  return wanted ? v128.load(pointer) : f32x4.splat(0);
}

/** gradientWeights[t][c] += sum over cells of gradientOutput[cell][c] * input[cell shifted by tap t][c] */
export function depthwiseWeightGradient(
  B: i32, H: i32, W: i32, C: i32, input: usize, gradientOutput: usize, gradientWeights: usize,
): void {
  const cell = <usize>C << 2;
  const line = <usize>W * cell;
  if (W == 0) return;
  for (let b = 0; b < B; b++) {
    for (let y = 0; y < H; y++, input += line, gradientOutput += line) {
      weightGradientBorder(y, 0, H, W, C, input, gradientOutput, gradientWeights);
      if (W > 1) weightGradientBorder(y, W - 1, H, W, C, input, gradientOutput, gradientWeights);
      let c = 0;
      for (; c + 4 <= C; c += 4) weightGradientLine(4, c, y, H, W, cell, input, gradientOutput, gradientWeights);
      if (c < C) weightGradientLine(C - c, c, y, H, W, cell, input, gradientOutput, gradientWeights);
    }
  }
}

function weightGradientBorder(
  y: i32, x: i32, H: i32, W: i32, C: i32, input: usize, gradientOutput: usize, gradientWeights: usize,
): void {
  const cell = <usize>C << 2;
  const line = <usize>W * cell;
  const centre = <usize>x * cell;
  // The part of the window that lies inside the grid.
  const top = y > 0 ? -1 : 0;
  const bottom = y < H - 1 ? 1 : 0;
  const left = x > 0 ? -1 : 0;
  const right = x < W - 1 ? 1 : 0;
  for (let c = 0; c < C; c += 4) {
    const part = min(C - c, 4);
    const channel = <usize>c << 2;
    const gradient = loadPart(gradientOutput + centre + channel, part);
    for (let dy = top; dy <= bottom; dy++) {
      for (let dx = left; dx <= right; dx++) {
        const value = loadPart(input + <usize>dy * line + <usize>(x + dx) * cell + channel, part);
        const target = gradientWeights + <usize>(dy * 3 + dx + 4) * cell + channel;
        storePart(target, multiplyAdd(gradient, value, loadPart(target, part)), part);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function weightGradientLine(
  part: i32, c: i32, y: i32, H: i32, W: i32, cell: usize, input: usize, gradientOutput: usize, gradientWeights: usize,
): void {
  const channel = <usize>c << 2;
  const line = <usize>W * cell;
  const hasAbove = y > 0;
  const hasBelow = y < H - 1;
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  let sum4 = f32x4.splat(0);
  let sum5 = f32x4.splat(0);
  let sum6 = f32x4.splat(0);
  let sum7 = f32x4.splat(0);
  let sum8 = f32x4.splat(0);
  const right = cell << 1;
  let centre = input + channel;
  let above = hasAbove ? centre - line : centre;
  let below = hasBelow ? centre + line : centre;
  let source = gradientOutput + cell + channel;
  for (let x = 1; x < W - 1; x++, above += cell, centre += cell, below += cell, source += cell) {
    const gradient = loadPart(source, part);
    sum0 = multiplyAdd(gradient, loadPart(above, part), sum0);
    sum1 = multiplyAdd(gradient, loadPart(above + cell, part), sum1);
    sum2 = multiplyAdd(gradient, loadPart(above + right, part), sum2);
    sum3 = multiplyAdd(gradient, loadPart(centre, part), sum3);
    sum4 = multiplyAdd(gradient, loadPart(centre + cell, part), sum4);
    sum5 = multiplyAdd(gradient, loadPart(centre + right, part), sum5);
    sum6 = multiplyAdd(gradient, loadPart(below, part), sum6);
    sum7 = multiplyAdd(gradient, loadPart(below + cell, part), sum7);
    sum8 = multiplyAdd(gradient, loadPart(below + right, part), sum8);
  }
  const target = gradientWeights + channel;
  if (hasAbove) {
    addTo(target, sum0, part);
    addTo(target + cell, sum1, part);
    addTo(target + 2 * cell, sum2, part);
  }
  addTo(target + 3 * cell, sum3, part);
  addTo(target + 4 * cell, sum4, part);
  addTo(target + 5 * cell, sum5, part);
  if (hasBelow) {
    addTo(target + 6 * cell, sum6, part);
    addTo(target + 7 * cell, sum7, part);
    addTo(target + 8 * cell, sum8, part);
  }
}

// @ts-ignore: decorator
@inline
function addTo(target: usize, sum: v128, part: i32): void {
  storePart(target, f32x4.add(loadPart(target, part), sum), part);
}
