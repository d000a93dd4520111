import { describe, expect, it, vi } from "vitest";
import { createReceiver, loadCodec, readHead } from "../../src/index.js";
import { drawPicture } from "../reference/pictures.js";
import { goldenModel } from "../vectors/golden-files.js";

const photo = goldenModel("photo");
const codec = await loadCodec({ model: photo });
const frame = await codec.encode(drawPicture(60, 40, 3));

/** An answer whose body comes when it is told to. */
function slowAnswer() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const cancelled = vi.fn();
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel: cancelled,
  });
  return {
    answer: new Response(body),
    cancelled,
    send: (bytes: Uint8Array) => controller.enqueue(bytes),
    end: () => controller.close(),
  };
}

describe("a receiver whose frame is on its way", () => {
  it("looks for the model as soon as the head is there, once", async () => {
    const resolveModel = vi.fn((_id: string) => photo.receiver());
    const { answer, send, end } = slowAnswer();
    const decoding = createReceiver({ resolveModel }).decode(answer);
    send(frame.subarray(0, 7));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(resolveModel).not.toHaveBeenCalled();
    send(frame.subarray(7, 20));
    await expect.poll(() => resolveModel.mock.calls).toEqual([[photo.id, expect.anything()]]);
    send(frame.subarray(20));
    end();
    expect(await decoding).toEqual(await codec.decode(frame));
    expect(resolveModel).toHaveBeenCalledTimes(1);
  });

  it("takes frames however they are cut", async () => {
    const receiver = createReceiver({ resolveModel: () => photo.receiver() });
    const { answer, send, end } = slowAnswer();
    for (const byte of frame) send(Uint8Array.of(byte));
    end();
    expect(await receiver.decode(answer)).toEqual(await codec.decode(frame));
  });

  it.each([
    ["a picture that is too large", { maxPixels: 60 * 40 - 1 }, frame, "image-too-large"],
    ["a picture of another size than its own limit allows", {}, largeHead(), "image-too-large"],
    ["what is no stream", {}, new TextEncoder().encode("<!doctype html><title>Not found</title>"), "not-isthmus"],
  ])("refuses %s before the rest has come, and lets go of it", async (_, options, bytes, code) => {
    const resolveModel = vi.fn();
    const { answer, cancelled, send } = slowAnswer();
    const decoding = createReceiver({ resolveModel }).decode(answer, options);
    send(bytes.subarray(0, 24));
    await expect(decoding).rejects.toMatchObject({ code });
    expect(cancelled).toHaveBeenCalledTimes(1);
    expect(resolveModel).not.toHaveBeenCalled();
  });

  it("asks no twice for a model that cannot be had, and again for the next frame", async () => {
    const resolveModel = vi.fn(() => Promise.reject(new Error("offline")));
    const receiver = createReceiver({ resolveModel });
    for (const times of [1, 2]) {
      const { answer, send, end } = slowAnswer();
      const decoding = receiver.decode(answer);
      decoding.catch(() => {});
      send(frame.subarray(0, 30));
      await expect.poll(() => resolveModel.mock.calls.length).toBe(times);
      send(frame.subarray(30));
      end();
      await expect(decoding).rejects.toMatchObject({ code: "model-missing" });
      expect(resolveModel).toHaveBeenCalledTimes(times);
    }
  });

  it("leaves no failure of a model behind when the frame itself is given up", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    try {
      const resolveModel = vi.fn(() => Promise.reject(new Error("offline")));
      const { answer, send } = slowAnswer();
      const aborter = new AbortController();
      const decoding = createReceiver({ resolveModel }).decode(answer, { signal: aborter.signal });
      send(frame.subarray(0, 30));
      await expect.poll(() => resolveModel.mock.calls.length).toBe(1);
      aborter.abort();
      await expect(decoding).rejects.toMatchObject({ code: "aborted" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });

  it("says what is wrong with the rest, model or not", async () => {
    const receiver = createReceiver({ resolveModel: () => photo.receiver() });
    const damaged = frame.slice();
    damaged[damaged.length >> 1] ^= 1;
    for (const [bytes, code] of [
      [damaged, "corrupt"],
      [frame.subarray(0, 12), "truncated"],
      [frame.subarray(0, frame.length - 1), "corrupt"],
    ] as const) {
      await expect(receiver.decode(new Response(bytes as Uint8Array<ArrayBuffer>))).rejects.toMatchObject({ code });
    }
  });
});

/** 2^15 by 2^14 pixels. */
function largeHead(): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set(frame.subarray(0, 11));
  bytes.set([0x80, 0x80, 0x02, 0x80, 0x80, 0x01, 0x80], 11);
  expect(readHead(bytes)).toMatchObject({ width: 2 ** 15, height: 2 ** 14 });
  return bytes;
}
