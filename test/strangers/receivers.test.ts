import { afterEach, describe, expect, test, vi } from "vitest";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { Decoder } from "../../src/codec/decoder.js";
import { decodingProducts } from "../../src/codec/decoding-products.js";
import { Decoders } from "../../src/exchange/decoders.js";
import { createReceiver, type ReceiverOptions } from "../../src/exchange/receiver.js";
import { loadModel } from "../../src/index.js";
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
    let asked = 0;
    // Time passes when the store has been asked, however long the work between takes on this machine.
    const ask = () => {
      asked++;
      setImmediate(() => vi.isFakeTimers() && vi.advanceTimersByTime(2000));
      return call();
    };
    const receiver = createReceiver({ resolveModel: () => photo.receiver(), store: { get: ask, set: ask } });
    for (let round = 0; round < 2; round++) expect((await receiver.decode(frame)).data).toEqual(pixels);
    expect(asked).toBeGreaterThan(1);
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
    const begun = vi.spyOn(Decoder.prototype, "decodeOwn");
    const products = decodingProducts(loadModel(wide), { width: 1024, height: 1024 });
    for (const [decodeTimeout, isBegun] of [
      [Math.floor(products / (2 ** 37 / 1000)), false],
      [Math.ceil(products / (2 ** 37 / 1000)), true],
    ] as const) {
      begun.mockClear();
      const receiver = createReceiver({ resolveModel: () => wide, decodeTimeout });
      const { error, milliseconds } = await watch(60_000, () => receiver.decode(slow));
      const cause = { message: expect.stringMatching(`longer than ${decodeTimeout} ms`) };
      expect(error).toMatchObject({ code: "aborted", cause });
      expect(milliseconds).toBeLessThan(20_000);
      expect(begun).toHaveBeenCalledTimes(isBegun ? 1 : 0);
    }
    begun.mockRestore();
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

test("what decoding takes is known beforehand, and is linear in the patches of the picture", () => {
  const model = loadModel(emptyModel(graph({ latents: 4, patch: { width: 8, height: 8 }, synthesisMargin: 4 })));
  const products = (width: number, height: number) => decodingProducts(model, { width, height });
  // Gains and a scale with their slopes for each latent, and a window of 16 x 16 pixels of 3 channels with its biases.
  const weights = 4 * 4 + 5 * 16 * 16 * 3;
  expect(products(8, 8)).toBe(weights);
  expect(products(9, 8)).toBe(2 * weights);
  expect(products(800, 600)).toBe(100 * 75 * weights);
  expect(() => products(0, 8)).toThrow(/at least 1 pixel/);
  expect(() => products(Number.NaN, 8)).toThrow(/at least 1 pixel/);
  expect(() => decodingProducts({} as never, { width: 1, height: 1 })).toThrow(/a model/);
});
