import { afterEach, describe, expect, test, vi } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { drawPicture } from "../reference/pictures.js";
import { goldenModel } from "../vectors/golden-files.js";

const codec = await Codec.create(goldenModel("photo"));

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a long call", () => {
  const image = drawPicture(90, 70, 3);

  /** Lets every look at the clock find that much time has passed. */
  const slowDown = (): void => {
    let clock = performance.now();
    vi.spyOn(performance, "now").mockImplementation(() => {
      clock += 1000;
      return clock;
    });
  };

  test("tells its progress, never backwards", async () => {
    slowDown();
    const hidden = { ...image, data: new Uint8Array(90 * 70 * 4), channels: 4 };
    for (const one of [image, hidden]) {
      const encoding: number[] = [];
      const decoding: number[] = [];
      const stream = await codec.encode(one, { onProgress: (fraction) => encoding.push(fraction) });
      await codec.decode(stream, { onProgress: (fraction) => decoding.push(fraction) });
      for (const fractions of [encoding, decoding]) {
        expect(fractions.length).toBeGreaterThan(0);
        expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
        expect(fractions).toEqual(fractions.toSorted((left, right) => left - right));
      }
    }
  });

  test("ends at once where its signal was raised before", async () => {
    const stream = await codec.encode(image);
    const signal = AbortSignal.abort("enough");
    await expect(codec.encode(image, { signal })).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    await expect(codec.decode(stream, { signal })).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  });

  test("ends in the middle of its work, and the codec works on as if nothing had been", async () => {
    const stream = await codec.encode(image);
    const decoded = await codec.decode(stream);
    slowDown();
    for (const after of [1, 2, 5]) {
      for (const work of ["encode", "decode"] as const) {
        const controller = new AbortController();
        let reports = 0;
        const options = {
          signal: controller.signal,
          onProgress: () => {
            reports++;
            if (reports === after) controller.abort();
          },
        };
        const call = work === "encode" ? codec.encode(image, options) : codec.decode(stream, options);
        await expect(call).rejects.toMatchObject({ code: "aborted" });
        expect(reports).toBe(after);
      }
    }
    expect(await codec.encode(image)).toEqual(stream);
    expect(await codec.decode(stream)).toEqual(decoded);
  });

  test("ends where its signal is raised while it waits for its turn", async () => {
    const controller = new AbortController();
    const first = codec.encode(image);
    const second = codec.encode(image, { signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: "aborted" });
    expect(await codec.decode(await first)).toMatchObject({ width: 90, height: 70 });
  });
});
