import { describe, expect, test } from "vitest";
import { analysePicture, synthesisePicture } from "../../src/codec/transform.js";
import type { DecodedImage } from "../../src/image/image.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Network } from "../../src/models/network.js";
import { addWindows, canvasSize, gatherWindows, gridSize, mirroredIndices } from "../../src/models/tiling.js";
import { type Grid, gridLike, sizeOf } from "../../src/nn/grid.js";
import { Pacer } from "../../src/pacer.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { goldenModel } from "../vectors/golden-files.js";

/** The latents of the whole picture as one band. */
function analyseWhole({ kernels, configuration: c, analysis }: Network, { data, ...size }: DecodedImage): Grid {
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
  return analysis!.infer(gatherWindows(kernels, c, canvas, grid, margin));
}

/** The picture of the whole grid as one band. */
function synthesiseWhole(
  { kernels, configuration: c, synthesis }: Network,
  latents: Grid,
  size: DecodedImage,
): Uint8Array {
  const { call, memory } = kernels;
  const margin = c.synthesisMargin;
  const canvas = addWindows(kernels, c, synthesis.infer(latents), margin);
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
  // Bands hold 2^22 floats of windows: a few grid rows of these pictures, one where even one row is more than that.
  test.each([
    { model: "photo", width: 8000, height: 150 },
    { model: "photo", width: 45000, height: 20 },
    { model: "grey", width: 30001, height: 50 },
    { model: "photo", width: 13, height: 5 },
  ])("do not depend on where bands are cut: $model, $width x $height", async ({ model, width, height }) => {
    const kernels = await loadKernels();
    const network = goldenModel(model).network(kernels);
    const { channels } = network.configuration;
    if (channels === 4) throw new Error("Expected a photo model");
    const picture = drawExactPicture({ width, height, channels, kind: "scene", seed: 1 });
    const { memory } = kernels;

    const latents = await analysePicture(network, picture, new Pacer({}));
    const whole = memory.scope(() => {
      const { pointer } = analyseWhole(network, picture);
      return memory.f32(pointer, sizeOf(latents)).slice();
    });
    expect(sameBytes(memory.f32(latents.pointer, sizeOf(latents)), whole)).toBe(true);

    const copy = gridLike(kernels, latents);
    memory.copy(latents.pointer, copy.pointer, sizeOf(latents) * 4);
    const pixels = memory.scope(() => synthesiseWhole(network, copy, picture));
    expect(sameBytes(await synthesisePicture(network, latents, picture, new Pacer({})), pixels)).toBe(true);
  });
});
