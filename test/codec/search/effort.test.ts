import { afterEach, describe, expect, test, vi } from "vitest";
import { Codec } from "../../../src/codec/codec.js";
import { searchOf } from "../../../src/codec/search/effort.js";
import { multiplierAt } from "../../../src/distortion/multiplier.js";
import type { DecodedImage } from "../../../src/image/image.js";
import { drawPicture } from "../../reference/pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";

const codecs = {
  photo: await Codec.create(goldenModel("photo")),
  grey: await Codec.create(goldenModel("grey")),
  vector: await Codec.create(goldenModel("vector")),
};
const codec = codecs.photo;
const image = drawPicture(120, 90, 3, 7);

/** Weighted squared error and the bits of the stream: what refinement is about. */
async function costOf(codec: Codec, image: DecodedImage, quality: number, effort: number): Promise<number> {
  const bytes = await codec.encode(image, { quality, effort });
  const { data } = await codec.decode(bytes);
  const error = data.reduce((sum, value, i) => sum + (value - image.data[i]) ** 2, 0);
  const q = quality / 50 - 1;
  const lambda = searchOf("psnr", effort || 3).distortionWeight(q) * multiplierAt(codec.model.configuration.lambda, q);
  return (lambda * error) / codec.model.channels + 8 * bytes.length;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("effort", () => {
  test.each([
    ["photo", image],
    ["grey", drawPicture(70, 50, 1, 3)],
  ] as const)("makes a picture of the %s model cost less, and more of it still less", async (name, picture) => {
    for (const quality of [30, 80]) {
      const costs: number[] = [];
      for (const effort of [0, 3, 6]) costs.push(await costOf(codecs[name], picture, quality, effort));
      expect(costs[1]).toBeLessThan(costs[0]);
      expect(costs[2]).toBeLessThan(costs[1]);
    }
  });

  test.each([1, 2, 4, 5, 7, 8, 9])("%s codes pictures of all kinds", async (effort) => {
    const pictures = [
      [codecs.photo, drawPicture(1, 1, 3)],
      [codecs.photo, drawPicture(30, 9, 4, 1)],
      [codecs.photo, drawPicture(17, 20, 1, 2)],
      [codecs.grey, drawPicture(9, 30, 2, 3)],
      [codecs.vector, drawPicture(11, 7, 4, 4)],
    ] as const;
    for (const [codec, picture] of pictures) {
      const { data, ...shape } = await codec.decode(await codec.encode(picture, { effort }));
      const { width, height, channels } = picture;
      expect(shape).toEqual({ width, height, channels });
      expect(data.length).toBe(picture.data.length);
    }
  });

  test("gives the same bytes again, in another codec too, and others than no effort", async () => {
    const first = await codec.encode(image, { effort: 4 });
    const other = await Codec.create(goldenModel("photo"));
    await other.encode(drawPicture(40, 40, 3, 1), { effort: 5 });
    expect(await other.encode(image, { effort: 4 })).toEqual(first);
    expect(await codec.encode(image, { effort: 0 })).toEqual(await codec.encode(image));
    expect(await codec.encode(image)).not.toEqual(first);
  });

  test.each([10, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, "5"])("%s is refused", async (effort) => {
    const options = { effort: effort as number };
    await expect(codec.encode(image, options)).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  test("tells its progress, and stops where it is told to", async () => {
    let clock = performance.now();
    vi.spyOn(performance, "now").mockImplementation(() => {
      clock += 1000;
      return clock;
    });
    const fractions: number[] = [];
    await codec.encode(image, { effort: 5, onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions.length).toBeGreaterThan(5);
    expect(fractions).toEqual(fractions.toSorted((left, right) => left - right));
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);

    const controller = new AbortController();
    const onProgress = (fraction: number): void => {
      if (fraction > 0.4) controller.abort();
    };
    const stopped = codec.encode(image, { effort: 5, signal: controller.signal, onProgress });
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  });
});
