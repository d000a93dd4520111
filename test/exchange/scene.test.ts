import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { writeKeyRequest, writeSceneFrame } from "../../src/exchange/scene-frame.js";
import { crc32 } from "../../src/ground/crc32.js";
import type { DecodedImage } from "../../src/image/image.js";
import {
  createReceiver,
  createSender,
  loadCodec,
  receiveScene,
  type SceneFrameReport,
  sendScene,
} from "../../src/index.js";
import { ReferenceModel } from "../reference/decoder/model.js";
import { ReferenceScene } from "../reference/decoder/scene.js";
import { drawMovingScene } from "../reference/moving-scenes.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";

const photo = goldenModel("photo");
const sender = await createSender({ model: photo });
const receiver = createReceiver({ resolveModel: () => photo });

/** A disc on its way over a still picture. */
const scene = (count: number, size = { width: 97, height: 75 }, channels: 1 | 3 = 3): DecodedImage[] =>
  Array.from({ length: count }, (_, i) => drawMovingScene({ ...size, channels, step: i }));

interface Sent {
  readonly frames: Uint8Array[];
  readonly reports: SceneFrameReport[];
}

async function send(pictures: readonly DecodedImage[], options = {}, interval = 40): Promise<Sent> {
  const reports: SceneFrameReport[] = [];
  const sending = sendScene(sender, { ...options, onFrame: (report) => void reports.push(report) });
  const frames: Uint8Array[] = [];
  for (const [i, picture] of pictures.entries()) {
    const frame = await sending.encode(picture, { time: 1000 + i * interval });
    if (frame) frames.push(frame);
  }
  return { frames, reports };
}

const withChecksum = (bytes: Uint8Array): Uint8Array => {
  const forged = bytes.slice();
  new DataView(forged.buffer).setUint32(forged.length - 4, crc32(forged.subarray(0, -4)), true);
  return forged;
};
const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
};
const pixelsOf = (image: DecodedImage | undefined) => {
  expect(image).toBeDefined();
  const { data, width, height, channels } = image!;
  return { data, width, height, channels };
};

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
      maxBurst: keyLength(await send([page(5)])),
    });
    expect(slow.reports.map((report) => report.dropped)).toContain("rate");
  });

  it("refuses areas that are none of its own", async () => {
    const { frames } = await send([page(5)]);
    const own = await send(scene(1));
    const referenceOf = (frame: Uint8Array) =>
      new DataView(frame.buffer, frame.byteOffset).getUint32(frame.length - 4, true);
    const areas = (key: Uint8Array, left: number, stream: Uint8Array, count = 1) =>
      writeSceneFrame({
        kind: "areas",
        sequence: 1,
        time: 0,
        reference: referenceOf(key),
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

const keyLength = ({ frames }: Sent): number => frames[0].length;

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
        const reference = new DataView(frames[0].buffer, frames[0].byteOffset).getUint32(frames[0].length - 4, true);
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
    const reference = new DataView(frames[0].buffer, frames[0].byteOffset).getUint32(frames[0].length - 4, true);
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

const decodeAll = async (frames: readonly Uint8Array[]) => {
  const receiving = receiveScene(receiver);
  let shown: Awaited<ReturnType<typeof receiving.decode>>;
  for (const frame of frames) shown = await receiving.decode(frame);
  return shown;
};

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
