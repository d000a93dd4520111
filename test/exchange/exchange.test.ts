import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import {
  createReceiver,
  createSender,
  loadCodec,
  loadDecoder,
  type ModelStore,
  packFrames,
  unpackFrames,
} from "../../src/index.js";
import { modelFolder } from "../../src/node.js";
import { drawPicture, drawPictures } from "../reference/pictures.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";

const photo = goldenModel("photo");
const grey = goldenModel("grey");
const pictures = drawPictures(4, 24, 16, 3);
const sender = await createSender({ model: photo, quality: 70 });
const greySender = await createSender({ model: grey });
const frame = await sender.encode(pictures[0]);
const halves: Record<string, Uint8Array> = { [photo.id]: photo.receiver(), [grey.id]: grey.receiver() };
const resolveModel = (id: string) => halves[id];
const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
};

const folder = await mkdtemp(join(tmpdir(), "isthmus-"));
afterAll(() => rm(folder, { recursive: true }));

const memoryStore = (files = new Map<string, Uint8Array>()): ModelStore & { files: Map<string, Uint8Array> } => ({
  files,
  get: async (id) => files.get(id),
  set: async (id, file) => void files.set(id, file),
});

describe("a sender", () => {
  it("makes streams that name its model, with its options", async () => {
    const codec = await loadCodec({ model: photo });
    expect(frame).toEqual(await codec.encode(pictures[0], { quality: 70 }));
    expect(await sender.encode(pictures[0], { quality: 10 })).toEqual(await codec.encode(pictures[0], { quality: 10 }));
    expect(sender.modelId).toBe(photo.id);
    expect(sender.receiverModel).toEqual(photo.receiver());
  });

  it("encodes an image when its frame is asked for, and closes the source of a reader that leaves", async () => {
    let drawn = 0;
    let closed = false;
    const source = (async function* () {
      try {
        for (const picture of pictures) {
          drawn++;
          yield picture;
        }
      } finally {
        closed = true;
      }
    })();
    for await (const one of sender.frames(source)) {
      expect(one).toEqual(frame);
      expect(drawn).toBe(1);
      break;
    }
    expect(closed).toBe(true);
  });
});

describe("a receiver", () => {
  it("decodes frames of several models as their codecs do", async () => {
    const receiver = createReceiver({ resolveModel });
    const [grey1] = drawPictures(1, 20, 20, 1);
    const greyFrame = await greySender.encode(grey1);
    expect(await receiver.decode(frame)).toEqual(await (await loadCodec({ model: photo })).decode(frame));
    expect(await receiver.decode(greyFrame)).toEqual(await (await loadDecoder({ model: grey })).decode(greyFrame));
  });

  it("asks once for a model, whatever the number of frames that wait for it", async () => {
    const resolve = vi.fn(async (id: string) => new Response(halves[id] as Uint8Array<ArrayBuffer>));
    const receiver = createReceiver({ resolveModel: resolve });
    const frames = await collect(sender.frames(pictures));
    await Promise.all(frames.map((one) => receiver.decode(one)));
    expect(await collect(receiver.images(frames))).toHaveLength(4);
    expect(resolve.mock.calls.map(([id]) => id)).toEqual([photo.id]);
  });

  it("keeps no more models than it was told to", async () => {
    const resolve = vi.fn(resolveModel);
    const receiver = createReceiver({ resolveModel: resolve, maxModels: 1 });
    const greyFrame = await greySender.encode(drawPicture(9, 9, 1));
    for (const one of [frame, frame, greyFrame, frame]) await receiver.decode(one);
    expect(resolve.mock.calls.map(([id]) => id)).toEqual([photo.id, grey.id, photo.id]);
  });

  it("keeps model files in a store, and mistrusts what comes out of it", async () => {
    const store = memoryStore();
    const resolve = vi.fn(resolveModel);
    const decodeAfresh = () => createReceiver({ resolveModel: resolve, store }).decode(frame);
    await decodeAfresh();
    expect([...store.files.keys()]).toEqual([photo.id]);
    await decodeAfresh();
    expect(resolve).toHaveBeenCalledTimes(1);
    for (const wrong of [halves[grey.id], halves[photo.id].slice(0, 500), new Uint8Array(0)]) {
      store.files.set(photo.id, wrong);
      await decodeAfresh();
      expect(store.files.get(photo.id)).toEqual(halves[photo.id]);
    }
    expect(resolve).toHaveBeenCalledTimes(4);
  });

  it("does without a store that fails", async () => {
    const full = { get: () => Promise.reject(new Error("forbidden")), set: () => Promise.reject(new Error("full")) };
    expect((await createReceiver({ resolveModel, store: full }).decode(frame)).width).toBe(24);
  });

  it("keeps model files in a folder", async () => {
    const store = modelFolder(join(folder, "models"));
    expect(await store.get(photo.id)).toBeUndefined();
    await createReceiver({ resolveModel, store }).decode(frame);
    const path = join(folder, "models", `${photo.id}.isthm`);
    await writeFile(join(folder, "secret.isthm"), "outside");
    for (const id of ["../secret", "", "a/b", photo.id.toUpperCase(), `${photo.id}\n`]) {
      expect(await store.get(id)).toBeUndefined();
      await expect(store.set(id, halves[photo.id])).rejects.toMatchObject({ code: "invalid-parameter" });
    }
    expect(await readFile(join(folder, "secret.isthm"), "utf8")).toBe("outside");
    expect(new Uint8Array(await readFile(path))).toEqual(halves[photo.id]);
    const offline = (): never => {
      throw new Error("offline");
    };
    expect((await createReceiver({ resolveModel: offline, store }).decode(frame)).width).toBe(24);
    await writeFile(path, "no model");
    await expect(createReceiver({ resolveModel: offline, store }).decode(frame)).rejects.toMatchObject({
      code: "model-missing",
      message: `Could not get model ${photo.id}, which the frame needs: offline`,
    });
  });

  it("says why a model cannot be had, and asks again for the next frame", async () => {
    const answers = [
      () => Promise.reject(new TypeError("Failed to fetch")),
      () => new Response("", { status: 404, statusText: "Not Found" }),
      () => undefined,
      () => halves[grey.id],
      () => new Uint8Array(100),
      () => photo,
    ];
    const receiver = createReceiver({ resolveModel: () => answers.shift()!() });
    const messages: string[] = [];
    for (let i = 0; i < 5; i++) {
      await receiver.decode(frame).catch(({ code, message }) => messages.push(`${code}: ${message}`));
    }
    expect(messages).toEqual([
      `model-missing: Could not get model ${photo.id}, which the frame needs: Failed to fetch`,
      `model-missing: Could not get model ${photo.id}, which the frame needs: the answer was 404 Not Found`,
      `model-missing: There is no model ${photo.id}, which the frame needs`,
      `model-mismatch: Expected model ${photo.id} from resolveModel but received model ${grey.id}`,
      expect.stringMatching(/^(truncated|corrupt|not-isthmus|invalid-model): /),
    ]);
    expect((await receiver.decode(frame)).width).toBe(24);
  });

  it("stops waiting when it is aborted, and lets others wait on", async () => {
    let answer = (_: Uint8Array): void => {};
    const receiver = createReceiver({
      resolveModel: () =>
        new Promise<Uint8Array>((resolve) => {
          answer = resolve;
        }),
    });
    const aborter = new AbortController();
    const given = receiver.decode(frame, { signal: aborter.signal });
    const other = receiver.decode(frame);
    aborter.abort();
    await expect(given).rejects.toMatchObject({ code: "aborted" });
    answer(halves[photo.id]);
    expect((await other).width).toBe(24);
  });

  it("refuses damaged frames before it asks for a model", async () => {
    const resolve = vi.fn(resolveModel);
    const receiver = createReceiver({ resolveModel: resolve });
    await expect(receiver.decode(frame.slice(0, 30))).rejects.toMatchObject({ name: "IsthmusError" });
    await expect(receiver.decode(readGolden("too-many-pixels.isth"))).rejects.toMatchObject({
      code: "image-too-large",
    });
    await expect(receiver.decode("frame" as never)).rejects.toMatchObject({ code: "invalid-parameter" });
    expect(resolve).not.toHaveBeenCalled();
  });

  it.each([{ resolveModel: undefined }, { resolveModel, maxModels: 0 }])("refuses %o", (options) => {
    expect(() => createReceiver(options as never)).toThrow(/^Expected .* for (resolveModel|maxModels) but received/);
  });
});

describe("frames as a stream of bytes", () => {
  const cut = async (stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array[]> => {
    const bytes = new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size));
  };
  const frames = [Uint8Array.of(1), new Uint8Array(0), new Uint8Array(127).fill(2), new Uint8Array(300).fill(3)];

  it.each([1, 2, 7, 129, 10_000])("come out as they went in, cut into pieces of %s bytes", async (size) => {
    expect(await collect(unpackFrames(await cut(packFrames(frames), size)))).toEqual(frames);
    expect(await collect(unpackFrames(packFrames(frames)))).toEqual(frames);
  });

  it("are made when the reader has taken the one before; a reader that leaves closes the source", async () => {
    let asked = 0;
    let closed = false;
    const source = (async function* () {
      try {
        for (;;) {
          asked++;
          yield new Uint8Array(10);
        }
      } finally {
        closed = true;
      }
    })();
    for await (const one of unpackFrames(packFrames(source))) {
      expect(one.length).toBe(10);
      if (asked === 3) break;
    }
    expect([asked, closed]).toEqual([3, true]);
  });

  it("are refused where they end early or claim too much", async () => {
    const pieces = await cut(packFrames(frames), 1);
    await expect(collect(unpackFrames(pieces.slice(0, -1)))).rejects.toMatchObject({ code: "truncated" });
    await expect(collect(unpackFrames([Uint8Array.of(0x80)]))).rejects.toMatchObject({ code: "truncated" });
    await expect(collect(unpackFrames([Uint8Array.of(0x80, 0)]))).rejects.toMatchObject({ code: "corrupt" });
    await expect(collect(unpackFrames(pieces, { maxFrameBytes: 299 }))).rejects.toMatchObject({ code: "corrupt" });
    await expect(collect(unpackFrames(["text"] as never))).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});
