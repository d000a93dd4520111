import { describe, expect, it } from "vitest";
import { writeKeyRequest, writeSceneFrame } from "../../src/exchange/scene-frame.js";
import { createSender, receiveScene, type SceneFrameReport, sendScene } from "../../src/index.js";
import { goldenModel } from "../vectors/golden-files.js";
import { decodeAll, pixelsOf, receiver, type Sent, scene, send, sender } from "./scenes.js";

describe("a sender of a scene", () => {
  it("keeps to its bytes a second, and raises the quality of what stays still", async () => {
    const bytesPerSecond = 500;
    const interval = 200;
    const moving = scene(40);
    const pictures = [...moving, ...Array.from({ length: 30 }, () => moving[39])];
    const { reports } = await send(pictures, { quality: 90, bytesPerSecond }, interval);
    const sent = reports.filter((report) => report.dropped === undefined);
    // No stretch of time holds more than a bucket and what drains meanwhile.
    for (let i = 0; i < sent.length; i++) {
      let bytes = 0;
      for (let j = i; j < sent.length; j++) {
        bytes += sent[j].bytes;
        expect(bytes).toBeLessThanOrEqual(bytesPerSecond + ((sent[j].time - sent[i].time) / 1000) * bytesPerSecond + 1);
      }
    }
    expect(sent.length).toBeGreaterThan(60);
    const free = await send(moving.slice(0, 10), { quality: 90 });
    expect(free.frames.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(bytesPerSecond * 3);
    expect(sent[0].quality).toBeLessThan(90);
    expect(sent.at(-1)!.quality).toBeCloseTo(90, 0);
    // In the end all cells have the quality, and nothing is left to send.
    expect(sent.at(-1)!.bytes).toBeLessThan(40);
    expect(sent.slice(40).reduce((sum, { newCells }) => sum + newCells, 0)).toBeGreaterThanOrEqual(100);
  });

  it("drops frames that do not fit at the least quality, and those that come late or while the channel is full", async () => {
    const [first, second, third] = scene(3);
    const strict = await send([first], { quality: 90, leastQuality: 80, bytesPerSecond: 200 });
    expect(strict.reports).toEqual([{ dropped: "rate", time: 1000 }]);
    expect(strict.frames).toEqual([]);

    let waiting = 0;
    const reports: SceneFrameReport[] = [];
    const sending = sendScene(sender, {
      buffered: () => waiting,
      maxBuffered: 1000,
      onFrame: (report) => void reports.push(report),
    });
    await sending.encode(first, { time: 0 });
    waiting = 1001;
    expect(await sending.encode(second, { time: 10 })).toBeUndefined();
    waiting = 1000;
    expect(await sending.encode(second, { time: 5 })).toBeUndefined();
    const frames = await Promise.all(
      [20, 30, 40].map((time, i) => sending.encode([first, second, third][i], { time })),
    );
    expect(frames.map((frame) => frame !== undefined)).toEqual([true, false, true]);
    expect(reports.map(({ dropped, time }) => [dropped, time])).toEqual([
      [undefined, 0],
      ["buffered", 10],
      ["late", 5],
      ["late", 30],
      [undefined, 20],
      [undefined, 40],
    ]);
  });

  it("makes key frames in time, and no more than it has rest for", async () => {
    const pictures = scene(1);
    const still = Array.from({ length: 8 }, () => pictures[0]);
    const keysOf = ({ reports }: Sent) => reports.map((report) => "key" in report && report.key);
    expect(keysOf(await send(still, { keyEvery: 200 }, 100))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    const keys: boolean[] = [];
    const sending = sendScene(sender, {
      keyRest: 200,
      onFrame: (report) => void keys.push("key" in report && report.key),
    });
    for (const [i, picture] of still.entries()) {
      sending.requestKey();
      await sending.encode(picture, { time: i * 100 });
    }
    expect(keys).toEqual([true, false, true, false, true, false, true, false]);
  });

  it("stays as it was where a picture is refused or given up", async () => {
    const pictures = scene(2);
    const sending = sendScene(sender);
    const first = (await sending.encode(pictures[0], { time: 0 }))!;
    const transparent = { data: new Uint8Array(16), width: 2, height: 2, channels: 4 };
    await expect(sending.encode(transparent, { time: 1 })).rejects.toMatchObject({
      message: 'Expected an opaque image for a scene but received "one with transparent pixels"',
    });
    await expect(sending.encode(pictures[1], { time: 2, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
    const second = (await sending.encode(pictures[1], { time: 40 }))!;
    expect(pixelsOf(await decodeAll([first, second]))).toEqual(
      pixelsOf(await decodeAll((await send(pictures)).frames)),
    );
  });

  it.each([
    [new Uint8Array(0), "not-isthmus"],
    [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), "not-isthmus"],
    [Uint8Array.of(0xcb, 0x49, 0x14), "truncated"],
    [writeKeyRequest(7).map((byte, i) => (i === 3 ? byte + 1 : byte)), "corrupt"],
    [writeSceneFrame({ kind: "key", sequence: 0, time: 0, stream: new Uint8Array(9) }), "not-isthmus"],
  ])("refuses the message %o", async (message, code) => {
    expect(() => sendScene(sender).take(message)).toThrow(expect.objectContaining({ code }));
  });

  it("refuses options that say nothing, and models that cannot", async () => {
    for (const options of [
      { bytesPerSecond: 0 },
      { quality: 101 },
      { leastQuality: 80 },
      { tolerance: -1 },
      { keyEvery: "x" },
      { bufferd: () => 0 },
    ]) {
      expect(() => sendScene(sender, options as never)).toThrow(expect.objectContaining({ code: "invalid-parameter" }));
    }
    expect(() => receiveScene(receiver, { maxWaiting: 0 })).toThrow(/^Expected a number of at least 1 for maxWaiting/);
    const vector = await createSender(goldenModel("vector"));
    expect(() => sendScene(vector)).toThrow(expect.objectContaining({ code: "model-unsuited" }));
  });
});
