import { describe, expect, it } from "vitest";
import { writeSceneFrame } from "../../src/exchange/scene-frame.js";
import type { DecodedImage } from "../../src/image/image.js";
import { receiveScene, type SceneFrameReport } from "../../src/index.js";
import { ReferenceModel } from "../reference/decoder/model.js";
import { ReferenceScene } from "../reference/decoder/scene.js";
import { readGolden } from "../vectors/golden-files.js";
import { checksumOf, pixelsOf, receiver, scene, send, withChecksum } from "./scenes.js";

describe("a scene of few colours", () => {
  /** A page on which a block of ink grows; `coloured`: with a part of many colours. */
  const page = (ink: number, coloured = false, channels: 1 | 3 = 3): DecodedImage => {
    const [width, height] = [90, 61];
    const data = new Uint8Array(width * height * channels);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const isInk = (y % 12 < 6 && (x * 7 + y * 3) % 11 < 5 && y < 40) || (y > 45 && x < ink);
      const sample = isInk ? 30 : 250;
      for (let c = 0; c < channels; c++) {
        const isBlue = channels === 3 && c === 2 && y > 55;
        data[i * channels + c] = coloured && x > 40 ? (x * (c + 3) + y * 5) % 251 : isBlue ? 200 : sample;
      }
    }
    return { data, width, height, channels };
  };

  it.each([3, 1] as const)(
    "is sent without loss, changed areas alone, as the second decoder says: %s channels",
    async (channels) => {
      const pages = [
        page(5, false, channels),
        page(12, false, channels),
        page(12, false, channels),
        page(80, false, channels),
      ];
      const { frames, reports } = await send(pages);
      const receiving = receiveScene(receiver);
      const reference = new ReferenceScene(new ReferenceModel(readGolden("photo.isthm")));
      for (const [i, frame] of frames.entries()) {
        const shown = pixelsOf(await receiving.decode(frame));
        expect(shown).toEqual(pages[i]);
        expect(reference.decode(frame)).toEqual(shown);
      }
      expect(reports.map((report) => "key" in report && [report.key, report.lossless])).toEqual([
        [true, true],
        [false, true],
        [false, true],
        [false, true],
      ]);
      expect(frames[1].length).toBeLessThan(frames[0].length / 2);
      expect(frames[2].length).toBeLessThan(40);
    },
  );

  it("becomes one of latents where it has more colours or does not fit, and is one without loss again at a key frame", async () => {
    const pages = [page(5), page(9, true), page(12, true), page(12)];
    const { frames, reports } = await send(pages);
    const tell = (report: SceneFrameReport) => "key" in report && [report.key, report.lossless];
    expect(reports.map(tell)).toEqual([
      [true, true],
      [true, false],
      [false, false],
      [false, false],
    ]);
    const receiving = receiveScene(receiver);
    for (const frame of frames) await receiving.decode(frame);
    const keys = await send([page(9, true), page(12)], { keyEvery: 10 });
    expect(keys.reports.map(tell)).toEqual([
      [true, false],
      [true, true],
    ]);
    const slow = await send([page(5), page(85), page(3), page(85)], {
      bytesPerSecond: 400,
      maxBurst: (await send([page(5)])).frames[0].length,
    });
    expect(slow.reports.map((report) => report.dropped)).toContain("rate");
  });

  it("refuses areas that are none of its own", async () => {
    const { frames } = await send([page(5)]);
    const own = await send(scene(1));
    const areas = (key: Uint8Array, left: number, stream: Uint8Array, count = 1) =>
      writeSceneFrame({
        kind: "areas",
        sequence: 1,
        time: 0,
        reference: checksumOf(key),
        areas: Array.from({ length: count }, () => ({ left, top: 0, stream })),
      });
    const stream = frames[0].subarray(5, -4);
    for (const [key, frame] of [
      [frames[0], areas(frames[0], 1, stream)],
      [frames[0], areas(frames[0], 0, stream, 2)],
      [frames[0], areas(frames[0], 0, own.frames[0].subarray(5, -4))],
      [own.frames[0], areas(own.frames[0], 0, stream)],
      [frames[0], areas(frames[0], 0, stream).map((byte, i) => (i === 2 ? byte ^ 10 : byte))],
    ]) {
      const receiving = receiveScene(receiver);
      await receiving.decode(key);
      await expect(receiving.decode(withChecksum(frame))).rejects.toMatchObject({ name: "IsthmusError" });
    }
    const receiving = receiveScene(receiver);
    await receiving.decode(frames[0]);
    expect(pixelsOf(await receiving.decode(areas(frames[0], 0, stream)))).toEqual(page(5));
  });
});
