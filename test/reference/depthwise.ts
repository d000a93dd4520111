/**
 * The plain twin of assembly/depthwise.ts. `round` is Math.fround to follow the strict kernel bit by bit, or the identity
 * for 64-bit work.
 */
export type Round = (x: number) => number;

export interface GridShape {
  readonly B: number;
  readonly H: number;
  readonly W: number;
  readonly C: number;
}

/** Calls `visit` for every cell (b, y, x), channel and tap whose input lies inside the grid, taps in raster order. */
function forEachTap(
  { B, H, W, C }: GridShape,
  visit: (output: number, input: number, weight: number, channel: number) => void,
): void {
  for (let b = 0; b < B; b++)
    for (let y = 0; y < H; y++)
      for (let x = 0; x < W; x++)
        for (let c = 0; c < C; c++)
          for (let tap = 0; tap < 9; tap++) {
            const row = y + Math.floor(tap / 3) - 1;
            const column = x + (tap % 3) - 1;
            if (row < 0 || row >= H || column < 0 || column >= W) continue;
            visit(((b * H + y) * W + x) * C + c, ((b * H + row) * W + column) * C + c, tap * C + c, c);
          }
}

const cells = ({ B, H, W, C }: GridShape): number => B * H * W * C;

export function depthwise(
  shape: GridShape,
  input: ArrayLike<number>,
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
  round: Round,
): number[] {
  const output = Array.from({ length: cells(shape) }, (_, i) => bias[i % shape.C]);
  forEachTap(shape, (o, i, w) => {
    output[o] = round(output[o] + round(weights[w] * input[i]));
  });
  return output;
}

export function depthwiseInputGradient(
  shape: GridShape,
  gradientOutput: ArrayLike<number>,
  weights: ArrayLike<number>,
): number[] {
  const gradient = new Array<number>(cells(shape)).fill(0);
  forEachTap(shape, (o, i, w) => {
    gradient[i] += weights[w] * gradientOutput[o];
  });
  return gradient;
}

export function depthwiseWeightGradient(
  shape: GridShape,
  input: ArrayLike<number>,
  gradientOutput: ArrayLike<number>,
): number[] {
  const gradient = new Array<number>(9 * shape.C).fill(0);
  forEachTap(shape, (o, i, w) => {
    gradient[w] += input[i] * gradientOutput[o];
  });
  return gradient;
}
