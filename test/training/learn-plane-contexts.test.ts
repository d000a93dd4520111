import { describe, expect, test } from "vitest";
import { encodePlane } from "../../src/codec/planes/plane.js";
import { Pacer } from "../../src/ground/pacer.js";
import type { DecodedImage } from "../../src/image/image.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { cellsOf } from "../../src/models/plane-contexts.js";
import { trainingPlanes, trainPlaneContexts } from "../../src/training/learn-plane-contexts.js";
import { train } from "../../src/training/train.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { drawPictures } from "../reference/pictures.js";

const kernels = await loadKernels();

const draw = (kind: "scene" | "ink" | "hidden", channels: 1 | 2 | 3 | 4, seed = 1): DecodedImage =>
  drawExactPicture({ width: 40, height: 32, channels, kind, seed });

describe("planes of training images", () => {
  test("are alpha, and grey of few levels, where they hold more than one value", async () => {
    const images = [draw("scene", 3), draw("scene", 4), draw("ink", 3), draw("ink", 2), draw("hidden", 4)];
    expect(await trainingPlanes(images, 3)).toHaveLength(4);
    const [alpha, ink] = await trainingPlanes(images, 3);
    expect(alpha.samples).toEqual(images[1].data.filter((_, i) => i % 4 === 3));
    expect(ink.samples).toEqual(images[2].data.filter((_, i) => i % 3 === 0));
  });

  test("leave out alpha that the network codes, but not that of lossless pictures", async () => {
    expect(await trainingPlanes([draw("scene", 4)], 4)).toHaveLength(0);
    expect(await trainingPlanes([draw("ink", 4)], 4)).toHaveLength(2);
  });

  test("are thinned out evenly where they are many, and cut where they are large", async () => {
    const side = 1500;
    const image = { width: side, height: side, channels: 1 as const, data: new Uint8Array(side * side) };
    const many = Array.from({ length: 6 }, (_, i) => ({ ...image, data: image.data.with(i, 255) }));
    const planes = await trainingPlanes(many, 1);
    expect(planes.length).toBeLessThan(6);
    expect(planes.length).toBeGreaterThan(0);
    for (const { width, height, samples } of planes) {
      expect(width).toBe(side);
      expect(samples).toHaveLength(width * height);
      expect(samples.length).toBeLessThanOrEqual(1 << 20);
    }
  });
});

describe("trained contexts", () => {
  test("are none without planes", async () => {
    expect(await trainPlaneContexts(kernels, [])).toBeUndefined();
  });

  test("make other pictures of the kind smaller, those with planes of two kinds as well", async () => {
    const images = Array.from({ length: 20 }, (_, seed) => draw("ink", 2, seed + 10));
    const cells = cellsOf(await trainPlaneContexts(kernels, await trainingPlanes(images, 1)));
    for (const { samples, ...size } of await trainingPlanes([draw("ink", 2, 3)], 1)) {
      const encoded = (start: Uint32Array) => encodePlane(kernels, samples, size, start, new Pacer({}));
      const [known, fresh] = [await encoded(cells), await encoded(cellsOf(undefined))];
      expect(known!.length).toBeLessThan(fresh!.length);
    }
  });

  test("are in the model only where the images have planes", async () => {
    const options = { preset: "photo", steps: 2, batch: 2, latents: 4 } as const;
    expect((await train(drawPictures(3, 32, 32, 3), options)).planeContexts).toBeUndefined();
    const model = await train([draw("ink", 1, 1), draw("ink", 1, 2)], options);
    const { indices, seen } = model.planeContexts!;
    expect(indices.length).toBeGreaterThan(10);
    expect(seen).toHaveLength(indices.length);
    const further = await train(drawPictures(3, 32, 32, 1), { from: model, steps: 1, batch: 2 });
    expect(further.planeContexts).toEqual(model.planeContexts);
  });
});
