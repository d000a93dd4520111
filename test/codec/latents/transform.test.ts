import { describe, expect, test } from "vitest";
import { Analysis } from "../../../src/codec/latents/analysis.js";
import { stripsOfHeight } from "../../../src/codec/latents/strips.js";
import { synthesisOf } from "../../../src/codec/latents/synthesis.js";
import { Pacer } from "../../../src/ground/pacer.js";
import type { DecodedImage } from "../../../src/image/image.js";
import { rowsInMemory } from "../../../src/image/pixel-rows.js";
import { loadKernels } from "../../../src/kernels/instantiate.js";
import type { LatentLevel } from "../../../src/models/latent-level.js";
import { addWindows, canvasSize, gatherWindows, gridSize, mirroredIndices } from "../../../src/models/tiling.js";
import { inferTransform } from "../../../src/models/transform.js";
import { ByteProjection } from "../../../src/nn/byte-projection.js";
import { type Grid, sizeOf } from "../../../src/nn/grid.js";
import { drawExactPicture } from "../../reference/exact-pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";

/** The latents of the whole picture at once. */
function analyseWhole(
  { kernels, configuration: c, analysis }: LatentLevel,
  { data, ...size }: DecodedImage,
): Float32Array {
  const { call, memory } = kernels;
  const grid = gridSize(c, size);
  const margin = c.analysisMargin;
  const { width, height } = canvasSize(c, grid, margin);
  const canvas: Grid = {
    pointer: memory.allocateFloats(width * height * c.channels),
    batch: 1,
    width,
    height,
    channels: c.channels,
  };
  const rows = memory.place(mirroredIndices(-margin, height, size.height));
  const columns = memory.place(mirroredIndices(-margin, width, size.width));
  const stride = size.width * c.channels;
  const pixels = memory.place(data);
  call.readPixels(height, width, c.channels, pixels, stride, c.channels, rows, columns, 1 / 255, -0.5, canvas.pointer);
  const { projection } = analysis!;
  if (!(projection instanceof ByteProjection)) {
    const latents = inferTransform(analysis!, gatherWindows(kernels, c, canvas, grid, margin));
    return memory.f32(latents.pointer, sizeOf(latents)).slice();
  }
  const { byteProduct } = projection;
  const bytes = memory.allocate(width * height * c.channels * 2);
  if (c.chroma) call.readHalvedBytes(height, width, pixels, stride, c.channels, rows, columns, bytes);
  else call.readBytes(height, width, c.channels, pixels, stride, c.channels, rows, columns, bytes);
  const rowBytes = call.integerRowBytes(byteProduct.inputs);
  const windows = memory.allocate(grid.width * grid.height * rowBytes);
  for (let y = 0; y < grid.height; y++) {
    const top = y * c.patch.height;
    const side = c.patch.width + 2 * margin;
    const to = windows + y * grid.width * rowBytes;
    if (c.chroma) call.gatherHalvedWindows(grid.width, c.patch.width, side, height, width, 0, top, bytes, to);
    else {
      const corner = bytes + top * width * c.channels * 2;
      call.gatherByteWindows(grid.width, c.channels, c.patch.width, side, width, corner, to);
    }
  }
  const pointer = memory.allocateFloats(grid.width * grid.height * c.latents);
  const latents = { pointer, batch: 1, ...grid, channels: c.latents };
  byteProduct.multiply(grid.width * grid.height, windows, pointer);
  for (const block of analysis!.blocks) for (const _ of block.steps(latents, latents));
  return memory.f32(pointer, sizeOf(latents)).slice();
}

/** The picture of the whole grid at once. */
function synthesiseWhole(
  { kernels, configuration: c, synthesis }: LatentLevel,
  floats: Float32Array,
  size: DecodedImage,
) {
  const { call, memory } = kernels;
  const margin = c.synthesisMargin;
  const latents = { pointer: memory.place(floats), batch: 1, ...gridSize(c, size), channels: c.latents };
  const canvas = addWindows(kernels, c, inferTransform(synthesis, latents), margin);
  const start = canvas.pointer + (margin * canvas.width + margin) * c.channels * 4;
  const stride = size.width * c.channels;
  const pixels = memory.allocate(size.height * stride);
  call.writePixels(size.height, size.width, c.channels, start, canvas.width, 255, 127.5, pixels, stride, c.channels);
  return memory.u8(pixels, size.height * stride).slice();
}

/** Quicker than `toEqual` on millions of numbers. */
const sameBytes = (left: Float32Array | Uint8Array, right: Float32Array | Uint8Array): boolean =>
  Buffer.from(left.buffer, left.byteOffset, left.byteLength).equals(
    Buffer.from(right.buffer, right.byteOffset, right.byteLength),
  );

describe("pictures and latents", () => {
  // Bands hold 2^22 floats of windows: a few grid rows of the wide pictures, one where even one row is more than that.
  test.each([
    { model: "photo", width: 8000, height: 150, rows: 19 },
    { model: "photo", width: 8000, height: 150, rows: 7 },
    { model: "photo", width: 45000, height: 20, rows: 1 },
    { model: "grey", width: 30001, height: 50, rows: 5 },
    { model: "grey", width: 31, height: 90, rows: 1 },
    { model: "grey", width: 31, height: 90, rows: 3 },
    { model: "photo", width: 31, height: 90, rows: 1 },
    { model: "photo", width: 31, height: 97, rows: 4 },
    { model: "photo", width: 13, height: 5, rows: 1 },
    { model: "halved", width: 8000, height: 150, rows: 7 },
    { model: "halved", width: 31, height: 97, rows: 4 },
  ])("do not depend on where strips and bands are cut: $model, $width x $height in strips of $rows", async (shape) => {
    const kernels = await loadKernels();
    const [level] = goldenModel(shape.model).network(kernels).levels;
    const { channels, latents: features } = level.configuration;
    if (channels === 4) throw new Error("Expected a photo model");
    const picture = drawExactPicture({ ...shape, channels, kind: "scene", seed: 1 });
    const { memory } = kernels;
    const grid = gridSize(level.configuration, picture);
    const strips = stripsOfHeight(grid.height, shape.rows);
    const pacer = new Pacer({});

    const whole = memory.scope(() => analyseWhole(level, picture));
    const analysis = new Analysis(level, picture);
    const rowFloats = grid.width * features;
    const source = rowsInMemory(picture);
    for (const strip of strips) {
      const { first, end } = analysis.pixelRows(strip);
      const mark = memory.mark();
      const latents = await analysis.latents(strip, await source.window(first, end), pacer);
      const part = whole.slice(strip.first * rowFloats, strip.end * rowFloats);
      expect(sameBytes(memory.f32(latents.pointer, sizeOf(latents)), part)).toBe(true);
      memory.release(mark);
    }

    const pixels = memory.scope(() => synthesiseWhole(level, whole, picture));
    const synthesis = synthesisOf(level, picture);
    const pieces: Uint8Array[] = [];
    for (const strip of strips) {
      const top = Math.max(0, strip.first - synthesis.contextRows);
      const mark = memory.mark();
      const pointer = memory.place(whole.slice(top * rowFloats, strip.end * rowFloats));
      const latents = { pointer, batch: 1, height: strip.end - top, width: grid.width, channels: features };
      pieces.push(await synthesis.pixels(latents, top, pacer));
      memory.release(mark);
    }
    expect(sameBytes(Buffer.concat(pieces), pixels)).toBe(true);
  });
});
