import type { DecodedImage } from "../image/image.js";
import type { Network } from "../models/network.js";
import {
  addWindowsOnto,
  canvasSize,
  clearCanvas,
  gatherWindows,
  gridSize,
  mirroredIndices,
  type Size,
} from "../models/tiling.js";
import type { Grid } from "../nn/grid.js";
import type { Pacer } from "../pacer.js";

/**
 * Pictures <-> latent grids in bands of a few grid rows, so that memory grows with the latents and not with the windows.
 * Where the bands are cut changes no bit of the result.
 */
const bandFloats = 1 << 22;

const rowsPerBand = (grid: Size, window: number): number => Math.max(1, Math.floor(bandFloats / (grid.width * window)));

/** The latents of a picture of the network's channels, before the gains. Lives in the caller's part of the arena. */
export async function analysePicture(network: Network, picture: DecodedImage, pacer: Pacer): Promise<Grid> {
  const { kernels, configuration: c, analysis } = network;
  if (!analysis) throw new Error("A receiver's network cannot encode");
  const { memory } = kernels;
  const grid = gridSize(c, picture);
  const latents: Grid = {
    pointer: memory.allocateFloats(grid.width * grid.height * c.latents),
    batch: 1,
    ...grid,
    channels: c.latents,
  };
  const bandRows = rowsPerBand(grid, analysis.projection.linear.inputs);
  for (let first = 0; first < grid.height; first += bandRows) {
    memory.scope(() => {
      const band = { width: grid.width, height: Math.min(bandRows, grid.height - first) };
      const canvas = readBand(network, picture, first, band);
      const features = analysis.projection.infer(gatherWindows(kernels, c, canvas, band, c.analysisMargin));
      const rowBytes = grid.width * c.latents * 4;
      memory.copy(features.pointer, latents.pointer + first * rowBytes, band.height * rowBytes);
    });
    await pacer.breathe(first / grid.height);
  }
  analysis.inferBlocks(latents);
  return latents;
}

/** The canvas of `band` grid rows from `first` on: mirrored at the borders of the picture, values -0.5 .. 0.5. */
function readBand({ kernels, configuration: c }: Network, picture: DecodedImage, first: number, band: Size): Grid {
  const { call, memory } = kernels;
  const { data, width, height, channels } = picture;
  const margin = c.analysisMargin;
  const size = canvasSize(c, band, margin);
  const rows = mirroredIndices(first * c.patch.height - margin, size.height, height);
  const columns = mirroredIndices(-margin, size.width, width);
  const firstRow = rows.reduce((least, row) => Math.min(least, row));
  const lastRow = rows.reduce((most, row) => Math.max(most, row));
  const stride = width * channels;
  const canvas: Grid = {
    pointer: memory.allocateFloats(size.width * size.height * c.channels),
    batch: 1,
    ...size,
    channels: c.channels,
  };
  memory.scope(() => {
    const pixels = memory.place(data.subarray(firstRow * stride, (lastRow + 1) * stride));
    const rowTable = memory.place(rows.map((row) => row - firstRow));
    const columnTable = memory.place(columns);
    call.readPixels(
      size.height,
      size.width,
      c.channels,
      pixels,
      stride,
      channels,
      rowTable,
      columnTable,
      1 / 255,
      -0.5,
      canvas.pointer,
    );
  });
  return canvas;
}

/** The picture of a latent grid (after the inverse gains), `size` pixels large, in the network's channels. Changes the latents. */
export async function synthesisePicture(
  network: Network,
  latents: Grid,
  size: Size,
  pacer: Pacer,
): Promise<Uint8Array> {
  const { kernels, configuration: c, synthesis } = network;
  const { memory } = kernels;
  const margin = c.synthesisMargin;
  synthesis.inferBlocks(latents);
  const pixels = new Uint8Array(size.width * size.height * c.channels);
  const bandRows = rowsPerBand(latents, synthesis.projection.linear.outputs);
  // The last rows of a band's canvas overlap the next band: they are carried over, so that sums keep their raster order.
  let carried = new Float32Array(0);
  for (let first = 0; first < latents.height; first += bandRows) {
    memory.scope(() => {
      const height = Math.min(bandRows, latents.height - first);
      const pointer = latents.pointer + first * latents.width * c.latents * 4;
      const windows = synthesis.projection.infer({ ...latents, pointer, height });
      const canvas = clearCanvas(kernels, c, { batch: 1, width: latents.width, height }, margin);
      memory.f32(canvas.pointer, carried.length).set(carried);
      addWindowsOnto(kernels, c, { ...windows, height }, margin, canvas);
      const isLast = first + height === latents.height;
      const finished = isLast ? canvas.height : canvas.height - 2 * margin;
      writeBand(network, canvas, first * c.patch.height - margin, finished, size, pixels);
      const rowFloats = canvas.width * c.channels;
      carried = memory.f32(canvas.pointer + finished * rowFloats * 4, (canvas.height - finished) * rowFloats).slice();
    });
    await pacer.breathe(first / latents.height);
  }
  return pixels;
}

/** Writes the first `finished` rows of a canvas whose first row is picture row `top`, as far as they lie in the picture. */
function writeBand(
  { kernels, configuration: c }: Network,
  canvas: Grid,
  top: number,
  finished: number,
  size: Size,
  pixels: Uint8Array,
): void {
  const { call, memory } = kernels;
  const from = Math.max(0, top);
  const rows = Math.min(size.height, top + finished) - from;
  if (rows <= 0) return;
  const stride = size.width * c.channels;
  const start = ((from - top) * canvas.width + c.synthesisMargin) * c.channels;
  memory.scope(() => {
    const bytes = memory.allocate(rows * stride);
    call.writePixels(
      rows,
      size.width,
      c.channels,
      canvas.pointer + start * 4,
      canvas.width,
      255,
      127.5,
      bytes,
      stride,
      c.channels,
    );
    pixels.set(memory.u8(bytes, rows * stride), from * stride);
  });
}
