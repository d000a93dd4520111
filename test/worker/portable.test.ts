import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { createPool, createReceiver, type IsthmusError, loadCodec, wrap } from "../../src/index.js";
import { portable, portableOptions } from "../../src/worker/portable.js";
import { drawPicture, drawPictures } from "../reference/pictures.js";

/** What is sent to workers, and when calls end that are not under way. Threads are those of the build, as in worker.test.ts. */
const script = new URL("../../dist/worker-node.js", import.meta.url);
const model = new Uint8Array(readFileSync(new URL("../vectors/golden/photo.isthm", import.meta.url)));
const opened: { terminate(): unknown }[] = [];
const start = (): Worker => {
  const worker = new Worker(script);
  opened.push(worker);
  return worker;
};

afterEach(async () => {
  for (const worker of opened.splice(0)) await worker.terminate();
});

/** A small view of a large buffer. */
function small(bytes: Uint8Array): Uint8Array {
  const room = new Uint8Array(1 << 20);
  room.set(bytes, 99);
  return room.subarray(99, 99 + bytes.length);
}

/** Answers nothing, and keeps what it was sent. */
class Listener {
  readonly sent: { message: unknown; transfer: readonly object[] }[] = [];
  postMessage(message: unknown, transfer: readonly object[]): void {
    this.sent.push({ message: structuredClone(message, { transfer: transfer as never }), transfer });
  }
  addEventListener(): void {}
  terminate(): void {}
}

/** Bytes of all buffers in what was sent. */
function bufferBytes(value: unknown): number {
  const found = new Set<ArrayBufferLike>();
  const look = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) found.add(part.buffer);
    else if (typeof part === "object" && part !== null) Object.values(part).forEach(look);
  };
  look(value);
  return [...found].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

describe("what is sent to a worker", () => {
  it("is no larger than what was handed in", async () => {
    const worker = new Listener();
    const isthmus = wrap(worker as never);
    const image = drawPicture(20, 10, 3);
    void isthmus.loadCodec({ model: small(model) }).catch(() => {});
    void isthmus
      .train([{ ...image, data: small(image.data) }], { resume: small(model), from: small(model) })
      .catch(() => {});
    await expect.poll(() => worker.sent.length).toBe(3);
    const sizes = worker.sent.map(({ message }) => bufferBytes(message));
    expect(sizes.toSorted((a, b) => a - b)).toEqual([600, model.length, 2 * model.length]);
    const { source, transfer } = await portable({ ...image, data: small(image.data) }, true);
    expect([bufferBytes(source), transfer.length]).toEqual([600, 1]);
    expect(bufferBytes(portableOptions({ metadata: { icc: small(Uint8Array.of(1, 2)) } }))).toBe(2);
  });

  it("may be a proxy, as frameworks make them", async () => {
    const deep = <Value extends object>(value: Value): Value =>
      new Proxy(value, {
        get: (target, name) => {
          const field: unknown = Reflect.get(target, name);
          return typeof field === "object" && field && !ArrayBuffer.isView(field) ? deep(field) : field;
        },
      });
    const [here, there] = [await loadCodec({ model }), await wrap(start()).loadCodec(deep({ model }))];
    const image = drawPicture(20, 10, 3);
    const options = { quality: 70, metadata: { icc: Uint8Array.of(1, 2, 3) } };
    const stream = await here.encode(image, options);
    expect(await there.encode(deep(image), deep(options))).toEqual(stream);
    expect(await here.encode(deep(image), deep(options))).toEqual(stream);
    expect(await there.decode(small(stream), deep({ maxPixels: 200 }))).toEqual(await here.decode(stream));
  });

  it("is refused there as it is here", async () => {
    const [here, there] = [await loadCodec({ model }), await wrap(start()).loadCodec({ model })];
    const image = drawPicture(20, 10, 3);
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16);
    const calls: ((codec: typeof here | typeof there) => Promise<unknown>)[] = [
      (codec) => codec.encode(image, { Quality: 1 } as never),
      (codec) => codec.encode(image, { onprogress: () => {} } as never),
      (codec) => codec.encode(image, { metadata: { icc: "text" } } as never),
      (codec) => codec.encode(image, { quality: "70" } as never),
      (codec) => codec.encode(jpeg as never),
      (codec) => codec.encode({ ...image, data: [1, 2, 3] } as never),
      (codec) => codec.decode(jpeg),
      (codec) => codec.decode("photo.isth" as never),
    ];
    for (const call of calls) {
      const [mine, its] = (await Promise.all(
        [here, there].map((codec) => call(codec).catch((error: IsthmusError) => error)),
      )) as IsthmusError[];
      expect([its.code, its.message]).toEqual([mine.code, mine.message]);
      expect(mine.name).toBe("IsthmusError");
    }
    const limits = { maxMemory: 1000 };
    await expect(wrap(start()).loadCodec({ model, ...limits })).rejects.toMatchObject({ code: "memory-exceeded" });
    const epochs = wrap(start()).train([image], { epochs: 3 } as never);
    await expect(epochs).rejects.toMatchObject({
      message: expect.stringMatching(/an option of train but received "epochs"/),
    });
  });
});

describe("a pool of workers", () => {
  it("takes the pixels of the moment of the call, however long a call waits, and a model that can be read but once", async () => {
    const pool = createPool(start, { size: 1 });
    const codec = await pool.loadCodec({ model: new Response(model) });
    const here = await loadCodec({ model });
    const picture = drawPicture(40, 30, 3);
    const expected = await here.encode(picture);
    const first = codec.encode(drawPicture(60, 60, 3));
    const data = picture.data.slice();
    const second = codec.encode({ ...picture, data });
    const bytes = expected.slice();
    const third = codec.decode(bytes);
    data.fill(0);
    bytes.fill(0);
    await first;
    expect(await second).toEqual(expected);
    expect(await third).toEqual(await here.decode(expected));
  });

  it("ends a call that waits as soon as it is aborted", async () => {
    const pool = createPool(start, { size: 1 });
    const codec = await pool.loadCodec({ model });
    let isDone = false;
    const busy = codec.encode(drawPicture(500, 500, 3), { effort: 5 }).then(() => {
      isDone = true;
    });
    const aborter = new AbortController();
    const waiting = codec.encode(drawPicture(8, 8, 3), { signal: aborter.signal });
    const next = codec.encode(drawPicture(8, 8, 3));
    setTimeout(() => aborter.abort("enough"), 20);
    await expect(waiting).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    expect(isDone).toBe(false);
    await busy;
    expect((await next).length).toBeGreaterThan(20);
  });
});

it("many calls on one signal do without a warning, and let go of it", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  onTestFinished(() => void process.off("warning", warn));
  const { signal } = new AbortController();
  const pool = createPool(start, { size: 2 });
  const codec = await pool.loadCodec({ model });
  const receiver = createReceiver({ resolveModel: () => model });
  const pictures = drawPictures(30, 12, 12, 3);
  const streams = await Promise.all(pictures.map((picture) => codec.encode(picture, { signal })));
  await Promise.all(streams.map((stream) => receiver.decode(stream, { signal })));
  await Promise.all(streams.map((stream) => codec.decode(stream, { signal })));
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});
