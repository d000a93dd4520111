import { mirroredIndex } from "../image/mirror.js";
import type { Kernels } from "../kernels/kernels.js";
import { type Grid, gridLike, sizeOf } from "../nn/grid.js";
import type { ModelConfiguration } from "./configuration.js";

/** Geometry between pictures, canvases (padded float pictures), windows and the latent grid. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Cells of the latent grid of a picture. */
export function gridSize(c: Pick<ModelConfiguration, "patch">, picture: Size): Size {
  return {
    width: Math.ceil(picture.width / c.patch.width),
    height: Math.ceil(picture.height / c.patch.height),
  };
}

/** Pixels of the canvas that holds all windows of a grid: its patches and `margin` pixels on every side. */
export function canvasSize(c: ModelConfiguration, grid: Size, margin: number): Size {
  return {
    width: grid.width * c.patch.width + 2 * margin,
    height: grid.height * c.patch.height + 2 * margin,
  };
}

/**
 * For `count` positions from `start` on, the index within 0 .. size - 1 that they mirror, without repeating the edge
 * (as in ... 2 1 0 1 2 ... n-2 n-1 n-2 ...); everything is 0 where size is 1.
 */
export function mirroredIndices(start: number, count: number, size: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => mirroredIndex(start + i, size));
}

/** The window around every cell as a row: a batch of canvases -> (batch, grid height, grid width, window floats). */
export function gatherWindows(kernels: Kernels, c: ModelConfiguration, canvas: Grid, grid: Size, margin: number): Grid {
  const side = c.patch.width + 2 * margin;
  if (c.fixedSize) return { ...canvas, height: 1, width: 1, channels: canvas.height * canvas.width * c.channels };
  const windows = gridLike(kernels, { ...canvas, ...grid }, side * side * c.channels);
  kernels.call.gatherWindows(
    canvas.batch,
    grid.height,
    grid.width,
    c.channels,
    c.patch.width,
    side,
    canvas.width,
    canvas.pointer,
    windows.pointer,
  );
  return windows;
}

/** The adjoint of `gatherWindows`: adds the windows up, in raster order of their cells, on a fresh canvas. */
export function addWindows(kernels: Kernels, c: ModelConfiguration, windows: Grid, margin: number): Grid {
  const canvas = canvasOf(kernels, c, windows, margin);
  kernels.call.fill(sizeOf(canvas), 0, canvas.pointer);
  addWindowsOnto(kernels, c, windows, margin, canvas);
  return canvas;
}

/** A canvas for the windows of a batch of grids, not cleared. */
export function canvasOf(
  kernels: Kernels,
  c: ModelConfiguration,
  grid: Size & { batch: number },
  margin: number,
): Grid {
  const size = canvasSize(c, grid, margin);
  const floats = grid.batch * size.width * size.height * c.channels;
  const pointer = kernels.memory.allocateFloats(floats);
  return { pointer, batch: grid.batch, height: size.height, width: size.width, channels: c.channels };
}

/**
 * Adds the windows onto a canvas that may already hold part of the sum. Windows of some columns alone go to a canvas whose pointer is at the first of them;
 * a row of cells is cut from left to right, so that every sample takes its sum in raster order.
 */
export function addWindowsOnto(
  kernels: Kernels,
  c: ModelConfiguration,
  windows: Grid,
  margin: number,
  canvas: Grid,
): void {
  if (c.fixedSize) {
    kernels.call.add(sizeOf(canvas), canvas.pointer, windows.pointer, canvas.pointer);
    return;
  }
  const side = c.patch.width + 2 * margin;
  kernels.call.addWindows(
    windows.batch,
    windows.height,
    windows.width,
    c.channels,
    c.patch.width,
    side,
    canvas.width,
    windows.pointer,
    canvas.pointer,
  );
}
