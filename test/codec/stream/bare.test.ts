import { describe, expect, test } from "vitest";
import { Codec } from "../../../src/codec/codec.js";
import { drawPicture } from "../../reference/pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";

const codec = await Codec.create(goldenModel("photo"));
const vectorCodec = await Codec.create(goldenModel("vector"));

describe("a bare frame", () => {
  test("leaves out the container and decodes to the same pixels", async () => {
    for (const channels of [1, 3] as const) {
      const image = drawPicture(33, 21, channels);
      const frame = await codec.encode(image, { bare: true });
      const stream = await codec.encode(image);
      const container = 17;
      const quality = 1;
      // A bare frame has no mask of channels, which saves a grey picture some bytes of its symbols.
      if (channels === 1) expect(frame.length).toBeLessThan(stream.length);
      else expect(frame.length).toBeLessThanOrEqual(stream.length - container + quality);
      const decoded = await codec.decode(frame, { bare: { width: 33, height: 21, grey: channels === 1 } });
      expect(decoded).toEqual(await codec.decode(stream));
    }
  });

  test.each([
    { width: 34, height: 33 },
    { width: 33, height: 9 },
    { width: 65536, height: 4096 },
  ])("of another size than $width x $height is noticed", async (bare) => {
    const frame = await codec.encode(drawPicture(33, 21, 3), { bare: true });
    await expect(codec.decode(frame, { bare })).rejects.toMatchObject({ code: "corrupt" });
  });

  test("needs a size that can be, and one that the model can be", async () => {
    const frame = await codec.encode(drawPicture(8, 8, 3), { bare: true });
    for (const bare of [
      { width: 0, height: 8 },
      { width: 8, height: 0.5 },
      { width: 65536, height: 65536 },
      { width: 1.5, height: 200000 },
      { width: 65537, height: 1 },
    ]) {
      await expect(codec.decode(frame, { bare })).rejects.toMatchObject({ code: "invalid-parameter" });
    }
    const vectorFrame = await vectorCodec.encode(drawPicture(11, 7, 4), { bare: true });
    const wrong = vectorCodec.decode(vectorFrame, { bare: { width: 7, height: 11 } });
    await expect(wrong).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  test("cannot carry alpha", async () => {
    const failure = codec.encode(drawPicture(8, 8, 4), { bare: true });
    await expect(failure).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});
