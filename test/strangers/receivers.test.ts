import { afterEach, describe, expect, test, vi } from "vitest";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { Decoders } from "../../src/exchange/decoders.js";
import { createReceiver, type ReceiverOptions } from "../../src/exchange/receiver.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";
import { emptyModel, graph } from "./models.js";
import { streamFor } from "./streams.js";
import { watch } from "./watch.js";

/** Models come from servers, stores and callbacks that may fail, hang, or never end. */

const photo = goldenModel("photo");
const frame = readGolden("photo-9x9.isth");
const pixels = (await (await createDecoder(photo)).decode(frame)).data;
const never = new Promise<never>(() => {});

afterEach(() => {
  vi.useRealTimers();
});

describe("what hangs", () => {
  const stuckBody = (onCancel: () => void) =>
    new Response(
      new ReadableStream({ pull: () => never, cancel: onCancel }) as ReadableStream<Uint8Array<ArrayBuffer>>,
    );

  test.each(["callback", "body"])("as a %s, is given up, and the next frame asks again", async (where) => {
    let asked = 0;
    let told = false;
    const tell = (): void => {
      told = true;
    };
    const resolveModel: ReceiverOptions["resolveModel"] = (_, signal) => {
      asked++;
      if (asked > 1) return photo.receiver();
      if (where === "body") return stuckBody(tell);
      signal.addEventListener("abort", tell);
      return never;
    };
    const receiver = createReceiver({ resolveModel, modelTimeout: 1500 });
    const failure = { code: "model-missing", message: expect.stringMatching(/longer than 1500 ms/) };
    await expect(receiver.decode(frame)).rejects.toMatchObject(failure);
    expect(told).toBe(true);
    expect((await receiver.decode(frame)).data).toEqual(pixels);
    expect(asked).toBe(2);
  });

  test.each([
    ["hangs", () => never],
    ["fails", () => Promise.reject(new Error("the disk is gone"))],
    [
      "throws",
      () => {
        throw new Error("the disk is gone");
      },
    ],
    ["lies", async () => "a model" as never],
  ])("or %s as a store, costs nothing but its use", async (_, call) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const store = { get: call, set: call };
    const receiver = createReceiver({ resolveModel: () => photo.receiver(), store });
    const decoding = receiver.decode(frame);
    await vi.advanceTimersByTimeAsync(6000);
    expect((await decoding).data).toEqual(pixels);
    await vi.advanceTimersByTimeAsync(6000);
    expect((await receiver.decode(frame)).data).toEqual(pixels);
  });

  test("in one frame does not wait longer than its signal, nor hold up other models", async () => {
    const grey = goldenModel("grey");
    const receiver = createReceiver({ resolveModel: (id) => (id === photo.id ? never : grey.receiver()) });
    const { error } = await watch(30, (signal) => receiver.decode(frame, { signal }));
    expect(error).toMatchObject({ code: "aborted", cause: "enough" });
    await expect(receiver.decode(readGolden("grey-1x1.isth"))).resolves.toMatchObject({ width: 1 });
  });
});

describe("limits of a receiver", () => {
  const resolveModel = () => photo.receiver();

  test("hold for the bytes of a frame while they arrive", async () => {
    const receiver = createReceiver({ resolveModel, maxFrameBytes: frame.length });
    expect((await receiver.decode(new Response(frame.slice()))).data).toEqual(pixels);
    const longer = new Uint8Array(frame.length + 1);
    for (const one of [longer, new Blob([longer]), new Response(longer)]) {
      await expect(receiver.decode(one)).rejects.toMatchObject({ code: "corrupt" });
    }
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
      cancel: () => {
        cancelled = true;
      },
    });
    await expect(receiver.decode(new Response(endless))).rejects.toMatchObject({ code: "corrupt" });
    expect(cancelled).toBe(true);
  });

  test("hold for pixels and for time", async () => {
    await expect(createReceiver({ resolveModel, maxPixels: 80 }).decode(frame)).rejects.toMatchObject({
      code: "image-too-large",
    });
    await expect(
      createReceiver({ resolveModel, maxPixels: 80 }).decode(frame, { maxPixels: 81 }),
    ).resolves.toBeDefined();
    const wide = emptyModel(graph({ latents: 64, synthesis: { hidden: [], blocks: 1, blockHidden: 65536 } }));
    const slow = await streamFor(wide, { width: 1024, height: 1024 });
    const receiver = createReceiver({ resolveModel: () => wide, decodeTimeout: 200 });
    const { error, milliseconds } = await watch(60_000, () => receiver.decode(slow));
    expect(error).toMatchObject({ code: "aborted", cause: { message: expect.stringMatching(/longer than 200 ms/) } });
    expect(milliseconds).toBeLessThan(20_000);
    for (const name of ["maxPixels", "maxFrameBytes", "modelTimeout", "decodeTimeout"]) {
      expect(() => createReceiver({ resolveModel, [name]: Number.NaN })).toThrow(/at least 1/);
    }
  });

  test("hold for the decoders of several receivers together", async () => {
    const decoders = new Decoders(2);
    let opened = 0;
    const receivers = ["photo", "grey", "planes", "integers"].map((name) =>
      createReceiver({
        decoders,
        resolveModel: () => {
          opened++;
          return goldenModel(name).receiver();
        },
      }),
    );
    const frames = ["photo-9x9", "grey-1x1", "planes-alpha", "integers-noise"].map((name) =>
      readGolden(`${name}.isth`),
    );
    for (let round = 0; round < 2; round++) {
      for (const [i, receiver] of receivers.entries()) await receiver.decode(frames[i]);
    }
    // Four models in turns in room for two: each is opened every time; the last two are there.
    expect(opened).toBe(8);
    await receivers[3].decode(frames[3]);
    await receivers[2].decode(frames[2]);
    expect(opened).toBe(8);
  });
});
