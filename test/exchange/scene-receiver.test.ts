import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { writeSceneFrame } from "../../src/exchange/scene-frame.js";
import { createReceiver, receiveScene, sendScene } from "../../src/index.js";
import {
  checksumOf,
  decodeAll,
  flipped,
  photo,
  pixelsOf,
  receiver,
  scene,
  send,
  sender,
  withChecksum,
} from "./scenes.js";

describe("a receiver of a scene", () => {
  it("refuses what follows a frame that was lost, asks once, and goes on with the key frame", async () => {
    const sending = sendScene(sender);
    const requests: Uint8Array[] = [];
    const receiving = receiveScene(receiver, { ask: (request) => void requests.push(request) });
    const pictures = scene(7);
    const frame = async (i: number) => (await sending.encode(pictures[i], { time: i * 300 }))!;
    await receiving.decode(await frame(0));
    await frame(1);
    for (const i of [2, 3]) {
      const missing = { code: "reference-missing", message: expect.stringContaining(`frame ${i} of the scene`) };
      await expect(receiving.decode(await frame(i))).rejects.toMatchObject(missing);
    }
    expect(requests).toHaveLength(1);
    expect(requests[0].length).toBeLessThan(10);
    sending.take(requests[0]);
    const key = await frame(4);
    expect(pixelsOf(await receiving.decode(key))).toEqual(pixelsOf(await receiveScene(receiver).decode(key)));
    // That request is met: it makes no other key frame when it comes again.
    sending.take(requests[0]);
    const next = await frame(5);
    expect(next.length).toBeLessThan(key.length / 2);
    expect(await receiving.decode(next)).toMatchObject({ sequence: 5, time: 1500 });
    sending.requestKey();
    expect((await frame(6)).length).toBeGreaterThan(key.length / 2);
  });

  it("leaves frames alone that come late or twice, and begins anew with a new scene", async () => {
    const { frames } = await send(scene(3));
    const receiving = receiveScene(receiver);
    const first = await receiving.decode(frames[0]);
    await receiving.decode(frames[1]);
    expect(await receiving.decode(frames[1])).toBeUndefined();
    const last = pixelsOf(await receiving.decode(frames[2]));
    expect(await receiving.decode(frames[1])).toBeUndefined();
    expect(last).toEqual(pixelsOf(await decodeAll(frames)));
    const swapped = receiveScene(receiver);
    await swapped.decode(frames[0]);
    await expect(swapped.decode(frames[2])).rejects.toMatchObject({ code: "reference-missing" });
    expect(await swapped.decode(frames[1])).toMatchObject({ sequence: 1 });
    expect(await receiving.decode(frames[0])).toEqual(first);
    expect(pixelsOf(await receiving.decode(frames[1]))).toEqual(pixelsOf(await decodeAll(frames.slice(0, 2))));
  });

  it("shows the last of the frames that wait, and some on the way", async () => {
    const { frames } = await send(scene(9));
    const receiving = receiveScene(receiver);
    const shown = await Promise.all(frames.map((frame) => receiving.decode(frame)));
    expect(shown.map((image) => image !== undefined)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(shown[8]).toEqual(await decodeAll(frames));
  });

  it("drops frames where too many wait, and asks for a key frame", async () => {
    const { frames } = await send(scene(5));
    const ask = vi.fn();
    const receiving = receiveScene(receiver, { maxWaiting: 2, ask });
    const shown = await Promise.all(frames.map((frame) => receiving.decode(frame)));
    expect(shown.slice(2)).toEqual([undefined, undefined, undefined]);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("follows pictures of another size, or without colour", async () => {
    const pictures = [...scene(2), ...scene(2, { width: 40, height: 30 }), ...scene(2, { width: 40, height: 30 }, 1)];
    const { frames, reports } = await send(pictures);
    expect(reports.map((report) => "key" in report && report.key)).toEqual([true, false, true, false, true, false]);
    const receiving = receiveScene(receiver);
    const shapes = [];
    for (const frame of frames) {
      const { width, height, channels } = (await receiving.decode(frame))!;
      shapes.push([width, height, channels]);
    }
    expect(shapes).toEqual([
      [97, 75, 3],
      [97, 75, 3],
      [40, 30, 3],
      [40, 30, 3],
      [40, 30, 1],
      [40, 30, 1],
    ]);
  });

  it("takes a frame with any bit flipped for damaged, and goes on as if it had not come", async () => {
    const { frames } = await send(scene(3, { width: 24, height: 20 }));
    const receiving = receiveScene(receiver);
    await receiving.decode(frames[0]);
    for (let bit = 0; bit < frames[1].length * 8; bit++) {
      await expect(receiving.decode(flipped(frames[1], bit))).rejects.toMatchObject({ name: "IsthmusError" });
    }
    for (let length = 0; length < frames[1].length; length++) {
      await expect(receiving.decode(frames[1].subarray(0, length))).rejects.toMatchObject({ name: "IsthmusError" });
    }
    await receiving.decode(frames[1]);
    expect(await receiving.decode(frames[2])).toEqual(await decodeAll(frames));
  });

  it("meets forged frames with the library's errors, or with a picture", async () => {
    const { frames } = await send(scene(3, { width: 24, height: 20 }));
    const codes = new Set<string>();
    const attempt = async (forged: Uint8Array) => {
      const receiving = receiveScene(receiver);
      await receiving.decode(frames[0]);
      const image = await receiving.decode(withChecksum(forged)).catch((error) => {
        expect(error).toMatchObject({ name: "IsthmusError" });
        codes.add(error.code);
      });
      if (image) expect([image.width, image.height]).toEqual([24, 20]);
      // Whatever it was, a key frame mends it.
      expect(await receiving.decode(frames[0])).toMatchObject({ sequence: 0 });
    };
    for (let bit = 0; bit < (frames[1].length - 4) * 8; bit++) await attempt(flipped(frames[1], bit));
    const noise = fc.uint8Array({ maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(noise, noise, fc.boolean(), fc.nat(255), async (cells, symbols, masked, level) => {
        const reference = checksumOf(frames[0]);
        await attempt(
          writeSceneFrame({ kind: "delta", sequence: 1, time: 0, reference, level, masked, cells, symbols }),
        );
      }),
      { numRuns: 150 },
    );
    expect(codes).toContain("corrupt");
    expect(codes).toContain("reference-missing");
  }, 60_000);

  it("holds strangers to its limits", async () => {
    const { frames } = await send(scene(2));
    await expect(receiveScene(receiver, { maxPixels: 97 * 75 - 1 }).decode(frames[0])).rejects.toMatchObject({
      code: "image-too-large",
    });
    const strict = createReceiver({ resolveModel: () => photo, maxFrameBytes: frames[0].length - 1, maxPixels: 100 });
    await expect(receiveScene(strict).decode(frames[0])).rejects.toMatchObject({ code: "corrupt" });
    const short = createReceiver({ resolveModel: () => photo, maxPixels: 100 });
    await expect(receiveScene(short).decode(frames[0])).rejects.toMatchObject({ code: "image-too-large" });
    const receiving = receiveScene(receiver);
    await receiving.decode(frames[0]);
    const reference = checksumOf(frames[0]);
    const delta = { kind: "delta", sequence: 1, time: 0, reference, level: 99, masked: false } as const;
    // One byte that says that all cells are new, and no symbols for them.
    const claim = writeSceneFrame({ ...delta, cells: Uint8Array.of(255), symbols: Uint8Array.of(1, 0, 0) });
    await expect(receiving.decode(claim)).rejects.toMatchObject({ code: "corrupt" });
  });

  it("says which model is missing, and stops when it is told to", async () => {
    const { frames } = await send(scene(2));
    const ask = vi.fn();
    const without = receiveScene(createReceiver({ resolveModel: () => undefined }), { ask });
    await expect(without.decode(frames[0])).rejects.toMatchObject({ code: "model-missing" });
    expect(ask).toHaveBeenCalledTimes(1);
    const aborted = receiveScene(receiver).decode(frames[0], { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "aborted" });
  });
});
