/** The plain twin of assembly/patches.ts. */

const { fround } = Math;

export interface WindowShape {
  readonly B: number;
  readonly H: number;
  readonly W: number;
  readonly C: number;
  readonly patch: number;
  readonly S: number;
}

export const canvasHeight = ({ H, patch, S }: WindowShape): number => (H - 1) * patch + S;
export const canvasWidth = ({ W, patch, S }: WindowShape): number => (W - 1) * patch + S;
export const canvasLength = (shape: WindowShape): number =>
  shape.B * canvasHeight(shape) * canvasWidth(shape) * shape.C;
export const windowsLength = ({ B, H, W, C, S }: WindowShape): number => B * H * W * S * S * C;

/** Where in its canvas each sample of the windows lies, in the order of the windows. */
function canvasIndices(shape: WindowShape): number[] {
  const { B, H, W, C, patch, S } = shape;
  const indices: number[] = [];
  for (let b = 0; b < B; b++)
    for (let y = 0; y < H; y++)
      for (let x = 0; x < W; x++)
        for (let row = y * patch; row < y * patch + S; row++)
          for (let column = x * patch; column < x * patch + S; column++)
            for (let c = 0; c < C; c++)
              indices.push(((b * canvasHeight(shape) + row) * canvasWidth(shape) + column) * C + c);
  return indices;
}

export const gatherWindows = (shape: WindowShape, canvas: Float32Array): Float32Array =>
  Float32Array.from(canvasIndices(shape), (index) => canvas[index]);

export function addWindows(shape: WindowShape, windows: Float32Array): Float32Array {
  const canvas = new Float32Array(canvasLength(shape));
  canvasIndices(shape).forEach((index, i) => {
    canvas[index] += windows[i];
  });
  return canvas;
}

export interface PixelLayout {
  readonly C: number;
  readonly pixelStride: number;
  readonly pixelChannels: number;
  readonly scale: number;
  readonly offset: number;
}

export function readPixels(
  { C, pixelStride, pixelChannels, scale, offset }: PixelLayout,
  pixels: Uint8Array,
  rows: Int32Array,
  columns: Int32Array,
): Float32Array {
  const samples: number[] = [];
  for (const row of rows)
    for (const column of columns)
      for (let c = 0; c < C; c++) {
        const sample = pixels[row * pixelStride + column * pixelChannels + c];
        samples.push(fround(sample * fround(scale)) + fround(offset));
      }
  return Float32Array.from(samples);
}

/** Rounds half to even. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return Math.round(x);
}

/** Writes over a copy of `pixels`, whose samples beyond the C colours of a pixel and beyond W pixels of a row stay. */
export function writePixels(
  { C, pixelStride, pixelChannels, scale, offset }: PixelLayout,
  H: number,
  W: number,
  canvas: Float32Array,
  canvasWidth: number,
  pixels: Uint8Array,
): Uint8Array {
  const written = pixels.slice();
  for (let y = 0; y < H; y++)
    for (let x = 0; x < W; x++)
      for (let c = 0; c < C; c++) {
        const value = fround(fround(canvas[(y * canvasWidth + x) * C + c] * fround(scale)) + fround(offset));
        written[y * pixelStride + x * pixelChannels + c] = Math.min(Math.max(roundHalfEven(value), 0), 255);
      }
  return written;
}
