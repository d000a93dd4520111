import { expect, test } from "vitest";
import { Codec } from "../../../src/codec/codec.js";
import type { DecodedImage } from "../../../src/image/image.js";
import { ssimulacra2 } from "../../../src/metric/ssimulacra2.js";
import { train } from "../../../src/training/train.js";
import { drawPicture, drawPictures } from "../../reference/pictures.js";

const pictures = drawPictures(6, 96, 80, 3);
const model = await train(pictures, { preset: "photo", tune: "ssimulacra2", steps: 40, crop: 64, batch: 2, seed: 4 });
const codec = await Codec.create(model);
const score = async (image: DecodedImage, bytes: Uint8Array) => ssimulacra2(image, await codec.decode(bytes));

test("effort finds streams that are smaller or look better, by what the model is tuned for", async () => {
  const image = drawPicture(120, 96, 3, 9);
  for (const effort of [3, 6]) {
    let gains = 0;
    for (const quality of [60, 80, 95]) {
      const [plain, refined] = [await codec.encode(image, { quality }), await codec.encode(image, { quality, effort })];
      const [before, after] = [await score(image, plain), await score(image, refined)];
      // Where nothing better is found the stream stays as it is.
      if (refined.length === plain.length && after === before) continue;
      expect(refined.length < plain.length || after > before).toBe(true);
      gains++;
    }
    expect(gains).toBeGreaterThan(1);
  }
});

test("effort spends nothing on pixels that nobody sees", async () => {
  const { data, width, height } = drawPicture(128, 128, 3, 3);
  const disc = (i: number): number => (Math.hypot((i % 128) - 64, Math.floor(i / 128) - 64) < 50 ? 255 : 0);
  const masked = {
    ...{ width, height, channels: 4 as const },
    data: Uint8Array.from({ length: 4 * 128 * 128 }, (_, at) => {
      const i = at >> 2;
      // A disc of smooth shades: nothing in it needs many symbols.
      return at % 4 === 3 ? disc(i) : 60 + ((i % 128) >> 1) + 10 * (at % 4);
    }),
  };
  const plain = await codec.encode(masked, { quality: 90 });
  const refined = await codec.encode(masked, { quality: 90, effort: 6 });
  const isBetter = async () => (await score(masked, refined)) > (await score(masked, plain));
  expect(refined.length < plain.length || (await isBetter())).toBe(true);

  // What lies behind the mask makes no difference.
  const other = {
    ...masked,
    data: masked.data.map((byte, at) => (disc(at >> 2) ? byte : at % 4 === 3 ? 0 : data[at % data.length])),
  };
  expect(await codec.encode(other, { quality: 90, effort: 3 })).toEqual(
    await codec.encode(masked, { quality: 90, effort: 3 }),
  );
});
