import { describe, expect, it } from "vitest";
import type { DecodedImage } from "../../src/image/image.js";
import type { LazyImage } from "../../src/training/gallery.js";
import { train } from "../../src/training/train.js";
import type { TrainOptions } from "../../src/training/train-options.js";
import { drawPicture, drawPictures } from "../reference/pictures.js";

const side = 80;
const bytes = side * side * 3;
const photo = { preset: "photo", latents: 8, crop: 32, batch: 2, seed: 3 } as const;

/** Images that count what of them is decoded. */
function lazy(images: readonly DecodedImage[]) {
  const decoded: number[] = [];
  const sources = images.map(
    (image, index): LazyImage => ({
      width: image.width,
      height: image.height,
      digest: `image ${index}`,
      decode: async () => {
        decoded.push(index);
        return { ...image, data: image.data.slice() };
      },
    }),
  );
  return { sources, decoded };
}

describe("images that are decoded when they are wanted", () => {
  const images = drawPictures(12, side, side, 3);

  it("give the model that they give as pixels, where there is room for all, and each is decoded about once", async () => {
    const { sources, decoded } = lazy(images);
    const options: TrainOptions = { ...photo, steps: 8 };
    expect((await train(sources, options)).id).toBe((await train(images, options)).id);
    // Looks at them besides: for their facts, their digests, and at sixteen at most for their colours.
    expect(decoded.length).toBeLessThanOrEqual(3 * images.length + Math.min(16, images.length));
  });

  it("take each other's places where there is not, the same ones again after a checkpoint", async () => {
    const options: TrainOptions = { ...photo, steps: 40, maxImageMemory: 4 * bytes };
    const { sources, decoded } = lazy(images);
    const whole = await train(sources, options);
    // All of them have been looked at, and most were not decoded anew for each step.
    expect(new Set(decoded).size).toBe(images.length);
    expect(decoded.length).toBeLessThan(40 * photo.batch + 3 * images.length);

    const controller = new AbortController();
    let resume: Uint8Array | undefined;
    const interrupted = train(sources, {
      ...options,
      signal: controller.signal,
      onProgress: ({ step }) => step > 0 && controller.abort(),
      onCheckpoint: (checkpoint) => {
        resume = checkpoint;
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: "aborted" });
    expect((await train(sources, { resume: resume!, maxImageMemory: 4 * bytes })).id).toBe(whole.id);
    const changed = sources.with(3, { ...sources[3], digest: "changed" });
    await expect(train(changed, { resume: resume! })).rejects.toMatchObject({ code: "invalid-training-set" });
  });

  it("may be tens of thousands, of which few are held", async () => {
    const count = 20_000;
    const steps = 20;
    let decoded = 0;
    const sources = Array.from(
      { length: count },
      (_, index): LazyImage => ({
        width: side,
        height: side,
        digest: `${index}`,
        decode: async () => {
          decoded++;
          return drawPicture(side, side, 3, index);
        },
      }),
    );
    const model = await train(sources, { ...photo, steps, maxImageMemory: 50 * bytes });
    expect(model.training).toMatchObject({ images: count, steps });
    // Some are looked at for their kind and their planes, 50 are there at the start, and one comes with each step.
    expect(decoded).toBeLessThan(200 + 50 + 2 * steps + 50);
  });

  it.each([
    ["of another size than they said", { width: side + 1 }, "invalid-training-set"],
    ["without a digest", { digest: undefined as never }, "invalid-parameter"],
    ["without a size", { width: 0 }, "invalid-parameter"],
  ])("are refused %s", async (_, change, code) => {
    const { sources } = lazy(images);
    await expect(train(sources.with(0, { ...sources[0], ...change }), { ...photo, steps: 1 })).rejects.toMatchObject({
      code,
    });
  });

  it("must all fit where pictures are held at once, and that is said", async () => {
    const { sources } = lazy(drawPictures(40, 12, 12, 1));
    const options: TrainOptions = { preset: "variational", latents: 3, hidden: [8], steps: 2 };
    expect((await train(sources, options)).training!.images).toBe(40);
    await expect(train(sources, { ...options, maxImageMemory: 1000 })).rejects.toMatchObject({
      code: "memory-exceeded",
      message: expect.stringContaining("variational"),
    });
  });
});
