import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addAlpha, joinAlpha, separateAlpha } from "../../src/image/alpha.js";
import { convertColour, isGrey } from "../../src/image/channels.js";
import type { DecodedImage } from "../../src/image/image.js";
import { drawPicture } from "../reference/pictures.js";

describe("alpha", () => {
  it("leaves images without alpha alone", () => {
    const image = drawPicture(5, 4, 3);
    expect(separateAlpha(image)).toEqual({ colour: image, alpha: undefined });
  });

  it("keeps every visible pixel and both planes apart, whatever the size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(2 as const, 4 as const),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        (width, height, channels, stream) => {
          const samples = stream.take(width * height * channels);
          const data = Uint8Array.from([...samples].map((value) => (value < 100 ? 0 : value)));
          const image: DecodedImage = { data, width, height, channels };
          const { colour, alpha } = separateAlpha(image);
          const joined = joinAlpha(colour, alpha!);
          for (let i = 0; i < width * height; i++) {
            const before = [...data.subarray(i * channels, (i + 1) * channels)];
            const visible = before[channels - 1] !== 0;
            const after = [...joined.data.subarray(i * channels, (i + 1) * channels)];
            expect(after).toEqual(visible ? before : before.map(() => 0));
          }
        },
      ),
    );
  });

  it("fills invisible pixels from the visible ones around them, not from what was hidden there", () => {
    const image = drawPicture(16, 16, 4);
    const [hidden, other] = [new Uint8Array(image.data), new Uint8Array(image.data)];
    for (let i = 0; i < 256; i++) {
      const visible = i % 16 < 8;
      hidden.set(visible ? [200, 40, 90, 255] : [1, 2, 3, 0], i * 4);
      other.set(visible ? [200, 40, 90, 255] : [77, 99, 250, 0], i * 4);
    }
    const filled = separateAlpha({ ...image, data: hidden }).colour;
    expect(filled).toEqual(separateAlpha({ ...image, data: other }).colour);
    for (let i = 0; i < 256; i++) expect([...filled.data.subarray(i * 3, i * 3 + 3)]).toEqual([200, 40, 90]);
  });

  it("gives a neutral picture where nothing is visible", () => {
    const image: DecodedImage = { data: new Uint8Array(24), width: 3, height: 2, channels: 4 };
    expect(new Set(separateAlpha(image).colour.data)).toEqual(new Set([128]));
  });

  it("makes RGBA of anything", () => {
    for (const channels of [1, 2, 3, 4] as const) {
      const image = drawPicture(6, 5, channels);
      const { data } = addAlpha(image);
      expect(data.length).toBe(6 * 5 * 4);
      expect(data[3]).toBe(channels % 2 === 0 ? image.data[channels - 1] : 255);
    }
  });
});

describe("colour", () => {
  it("goes from grey to RGB and back without loss", () => {
    const grey = drawPicture(7, 3, 1);
    const rgb = convertColour(grey, 3);
    expect(isGrey(rgb)).toBe(true);
    expect(convertColour(rgb, 1)).toEqual(grey);
    expect(isGrey(drawPicture(7, 3, 3))).toBe(false);
  });
});
