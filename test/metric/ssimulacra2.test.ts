import { describe, expect, test } from "vitest";
import { ssimulacra2 } from "../../src/index.js";
import { drawPicture } from "../reference/pictures.js";
import { ssimulacra2 as twin } from "../reference/ssimulacra2.js";
import { damages, original, sizes } from "./pictures.js";

/** By the published formula with all of its 108 weights, in 64-bit floats. */
const scores: Record<keyof typeof damages, readonly number[]> = {
  coarse: [22.7703, 26.8537, 80.0978, 91.4613],
  blurred: [58.6199, 59.3017, 66.1985, 63.9679],
  noisy: [62.304, 60.4185, 80.9813, 90.4532],
};

const grey = (image: ReturnType<typeof original>) => ({
  ...image,
  channels: 1 as const,
  data: Uint8Array.from({ length: image.width * image.height }, (_, i) => image.data[3 * i]),
});

const withAlpha = (image: ReturnType<typeof original>, alpha: (i: number) => number) => ({
  ...image,
  channels: 4 as const,
  data: Uint8Array.from({ length: 4 * image.width * image.height }, (_, i) =>
    i % 4 === 3 ? alpha(i >> 2) : image.data[3 * (i >> 2) + (i % 4)],
  ),
});

describe.each(sizes.map((size, i) => [...size, i] as const))("the score of %i x %i pixels", (width, height, i) => {
  const image = original(width, height);

  test.each(Object.keys(damages) as (keyof typeof damages)[])("is that of the formula, %s", async (name) => {
    const found = await ssimulacra2(image, damages[name](image));
    expect(Math.abs(found - scores[name][i])).toBeLessThan(0.01);
  });

  test("is 100 for a copy", async () => {
    expect(await ssimulacra2(image, { ...image, data: image.data.slice() })).toBe(100);
  });

  test("of grey is that of grey as colour", async () => {
    const [left, right] = [grey(image), grey(damages.coarse(image))];
    const unit = (data: Uint8Array): number[] => Array.from(data, (byte) => byte / 255);
    const wanted = twin(width, height, 1, unit(left.data), unit(right.data));
    expect(Math.abs((await ssimulacra2(left, right)) - wanted)).toBeLessThan(0.01);
  });

  test("counts pixels with alpha as they look over grey", async () => {
    const damaged = damages.noisy(image);
    const alpha = (pixel: number): number => [255, 0, 90][pixel % 3];
    const over = (data: Uint8Array): number[] =>
      Array.from(data, (byte, sample) => ((byte / 255 - 0.5) * alpha(Math.floor(sample / 3))) / 255 + 0.5);
    const wanted = twin(width, height, 3, over(image.data), over(damaged.data));
    expect(Math.abs((await ssimulacra2(withAlpha(image, alpha), withAlpha(damaged, alpha))) - wanted)).toBeLessThan(
      0.01,
    );
    expect(
      await ssimulacra2(
        withAlpha(image, () => 0),
        withAlpha(damaged, () => 0),
      ),
    ).toBe(100);
  });
});

test("goes over pictures of several strips, a hundred at once", async () => {
  const image = drawPicture(200, 331, 3);
  const damaged = damages.blurred(image);
  const unit = (data: Uint8Array): number[] => Array.from(data, (byte) => byte / 255);
  const wanted = twin(200, 331, 3, unit(image.data), unit(damaged.data));
  const found = await Promise.all(Array.from({ length: 100 }, () => ssimulacra2(image, damaged)));
  for (const score of found) expect(score).toBe(found[0]);
  expect(Math.abs(found[0] - wanted)).toBeLessThan(0.01);
});

describe("bad input", () => {
  const image = original(97, 61);

  test.each([
    ["another size", original(96, 61), /97 x 61/],
    ["other channels", withAlpha(image, () => 255), /3 channels/],
  ])("%s", async (_, other, message) => {
    await expect(ssimulacra2(image, other)).rejects.toMatchObject({
      code: "invalid-parameter",
      message: expect.stringMatching(message),
    });
  });

  test("too few pixels", async () => {
    const small = drawPicture(7, 400, 3);
    await expect(ssimulacra2(small, small)).rejects.toMatchObject({
      code: "invalid-parameter",
      message: "Expected at least 8 x 8 pixels for a score but received 7 x 400",
    });
  });

  test("an aborted signal", async () => {
    const reason = AbortSignal.abort();
    await expect(ssimulacra2(image, image, { signal: reason })).rejects.toMatchObject({ code: "aborted" });
    const large = drawPicture(1500, 1500, 1);
    const soon = new AbortController();
    const call = ssimulacra2(large, large, { signal: soon.signal });
    soon.abort();
    await expect(call).rejects.toMatchObject({ code: "aborted" });
  });
});
