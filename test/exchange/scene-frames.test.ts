import { describe, expect, it } from "vitest";
import type { DecodedImage } from "../../src/image/image.js";
import { createReceiver, createSender, loadCodec, receiveScene, sendScene } from "../../src/index.js";
import { ReferenceModel } from "../reference/decoder/model.js";
import { ReferenceScene } from "../reference/decoder/scene.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";
import { photo, pixelsOf, receiver, scene, send } from "./scenes.js";

describe("frames of a scene", () => {
  it("begin with the stream that the codec makes", async () => {
    const [picture] = scene(1);
    const { frames } = await send([picture], { quality: 60 });
    const codec = await loadCodec({ model: photo });
    const stream = await codec.encode(picture, { quality: 60 });
    expect(frames[0].subarray(5, -4)).toEqual(stream);
    expect(pixelsOf(await receiveScene(receiver).decode(frames[0]))).toEqual(await codec.decode(stream));
  });

  it.each([
    ["photo", 3, { width: 97, height: 75 }],
    ["levels", 3, { width: 60, height: 33 }],
    ["photo", 1, { width: 61, height: 45 }],
    ["grey", 1, { width: 61, height: 45 }],
    ["integers", 1, { width: 70, height: 30 }],
    ["photo", 3, { width: 16, height: 300 }],
    ["photo", 3, { width: 5, height: 4 }],
  ] as const)(
    "give the pixels of the second decoder, which makes every picture anew: %s, %s channels, %o",
    async (name, channels, size) => {
      const model = goldenModel(name);
      const sending = sendScene(await createSender({ model }), { quality: 70, tolerance: 1 });
      const receiving = receiveScene(createReceiver({ resolveModel: () => model }));
      const reference = new ReferenceScene(new ReferenceModel(readGolden(`${name}.isthm`)));
      for (const picture of scene(4, size, channels)) {
        const frame = (await sending.encode(picture))!;
        expect(pixelsOf(await receiving.decode(frame))).toEqual(reference.decode(frame));
      }
    },
  );

  it("are a fraction of pictures by themselves, under 40 bytes where nothing changes, and the picture stays as it is", async () => {
    const pictures = scene(6);
    const { frames, reports } = await send([...pictures, pictures[5], pictures[5]]);
    const receiving = receiveScene(receiver);
    const shown = [];
    for (const frame of frames) shown.push(pixelsOf(await receiving.decode(frame)));
    for (const frame of frames.slice(1, 6)) expect(frame.length).toBeLessThan(frames[0].length / 2);
    for (const frame of frames.slice(6)) expect(frame.length).toBeLessThan(40);
    expect(shown[6]).toEqual(shown[5]);
    expect(shown[7]).toEqual(shown[5]);
    expect(reports[0]).toMatchObject({ dropped: undefined, key: true, sequence: 0, newCells: 130, cells: 130 });
    expect(reports[6]).toMatchObject({ key: false, sequence: 6, newCells: 0, bytes: frames[6].length });
  });

  it("look like pictures by themselves, also after many of them", async () => {
    const pictures = scene(30);
    const { frames } = await send(pictures, { quality: 80 });
    const codec = await loadCodec({ model: photo });
    const receiving = receiveScene(receiver);
    const errorOf = (image: DecodedImage, i: number) =>
      Math.sqrt(
        image.data.reduce((sum, sample, at) => sum + (sample - pictures[i].data[at]) ** 2, 0) / image.data.length,
      );
    for (const [i, frame] of frames.entries()) {
      const error = errorOf((await receiving.decode(frame))!, i);
      const alone = errorOf(await codec.decode(await codec.encode(pictures[i], { quality: 80 })), i);
      expect(error).toBeLessThan(alone + 1.5);
    }
  });

  it("are not made of noise, but of what changes slowly", async () => {
    const [picture] = scene(1);
    const noisy = (seed: number, shift = 0): DecodedImage => ({
      ...picture,
      data: picture.data.map((sample, i) => Math.min(250, sample) + shift + (Math.imul(i + seed, 0x9e3779b1) >>> 31)),
    });
    const noise = await send([1, 2, 3].map((seed) => noisy(seed * 77_777)));
    expect(noise.reports.slice(1).map((report) => "newCells" in report && report.newCells)).toEqual([0, 0]);
    const slow = await send([0, 1, 2, 3, 4, 5].map((shift) => noisy(1, shift)));
    const counts = slow.reports.map((report) => ("newCells" in report ? report.newCells : 0));
    expect(counts[1]).toBe(0);
    expect(Math.max(...counts.slice(2))).toBeGreaterThan(100);
  });

  it("are the same whatever else is at work with the model", async () => {
    const pictures = scene(4);
    const alone = await send(pictures);
    const both = await Promise.all([send(pictures), send(scene(3, { width: 40, height: 90 })), send(pictures)]);
    expect(both[0].frames).toEqual(alone.frames);
    expect(both[2].frames).toEqual(alone.frames);
    const receivers = [receiveScene(receiver), receiveScene(receiver)];
    for (const frame of alone.frames) {
      const [left, right] = await Promise.all(receivers.map((one) => one.decode(frame)));
      expect(left).toEqual(right);
    }
  });
});
