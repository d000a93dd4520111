import { expect, it } from "vitest";
import { withChromium } from "./chromium.js";

/** The package's worker, which tells the size of its kernels' memories when it is asked. */
const worker = `
import "/dist/worker.js";
const memories = [];
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...given) => {
  const instance = await instantiate(...given);
  memories.push(instance.exports.memory);
  return instance;
};
const channel = new BroadcastChannel("memories");
channel.onmessage = () => channel.postMessage(memories.map(({ buffer }) => buffer.byteLength));`;

const chromium = withChromium({
  routes: { "/worker.js": (_, response) => void response.setHeader("content-type", "text/javascript").end(worker) },
});

it("five hundred encodes in a row leave nothing behind, on the page and in a worker", async () => {
  const page = await chromium.open();
  const session = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  await page.evaluate(async () => {
    const memories: WebAssembly.Memory[] = [];
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = (async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
      const instance = await instantiate(module, imports);
      memories.push(instance.exports.memory as WebAssembly.Memory);
      return instance;
    }) as never;
    const { loadCodec, wrap } = await load("isthmus");
    const model = await bytesAt("/test/vectors/golden/photo.isthm");
    const remote = wrap(new Worker("/worker.js", { type: "module" }));
    const codecs = [await loadCodec({ model }), await remote.loadCodec({ model })];
    const channel = new BroadcastChannel("memories");
    const memoriesOfWorker = () =>
      new Promise((resolve) => {
        channel.onmessage = ({ data }) => resolve(data);
        channel.postMessage("how large?");
      });
    const image = { data: new Uint8Array(32 * 32 * 3).map((_, i) => i * 7), width: 32, height: 32, channels: 3 };
    Object.assign(globalThis, {
      async encode(count: number) {
        for (let i = 0; i < count; i++) for (const codec of codecs) await codec.decode(await codec.encode(image));
        return {
          page: memories.map(({ buffer }) => buffer.byteLength),
          worker: await memoriesOfWorker(),
          open: remote.open,
        };
      },
    });
  });
  const encode = (count: number) =>
    page.evaluate(
      (times) =>
        (
          globalThis as never as { encode(times: number): Promise<{ page: number[]; worker: number[]; open: number }> }
        ).encode(times),
      count,
    );
  const before = await encode(50);
  const heapBefore = await heap();
  expect([before.page.length, before.worker.length]).toEqual([1, 1]);
  expect(await encode(500)).toEqual(before);
  expect(before.open).toBe(0);
  // 500 images, streams and decoded images of each would be six megabytes.
  expect((await heap()) - heapBefore).toBeLessThan(400_000);
  await page.close();
});

it("an abort frees the worker, and a training that a closed tab ended goes on from its checkpoint", async () => {
  const context = await chromium.browser.newContext();
  const page = await context.newPage();
  await page.goto(chromium.url);
  const setUp = async () => {
    const { wrap } = await load("isthmus");
    const { checkpointSlot } = await load("isthmus/browser");
    const images = Array.from({ length: 8 }, (_, seed) => ({
      data: new Uint8Array(64).map((_, i) => (i * (seed + 3)) % 256),
      width: 8,
      height: 8,
      channels: 1,
    }));
    Object.assign(globalThis, { remote: wrap(startWorker()), slot: checkpointSlot("test"), images });
  };
  type Globals = {
    remote: import("../../src/index.js").RemoteIsthmus;
    slot: import("../../src/browser.js").CheckpointSlot;
    images: import("../../src/index.js").Image[];
  };
  await page.evaluate(setUp);
  const freed = await page.evaluate(async () => {
    const { remote, slot, images } = globalThis as never as Globals;
    const aborter = new AbortController();
    const options = { preset: "vector", latents: 4, steps: 1_000_000 } as const;
    const training = remote.train(images, {
      ...options,
      signal: aborter.signal,
      onProgress: ({ step }) => step > 2 && aborter.abort(),
    });
    const aborted = (await refusal(training)).code;
    const open = remote.open;
    // This one is left running until the tab is closed.
    remote.train(images, { ...options, checkpointSeconds: 0.05, onCheckpoint: slot.save });
    while (!(await slot.load())) await new Promise((resolve) => setTimeout(resolve, 50));
    return { aborted, open };
  });
  expect(freed).toEqual({ aborted: "aborted", open: 0 });
  const other = await context.newPage();
  await page.close();
  await other.goto(chromium.url);
  await other.evaluate(setUp);
  const resumed = await other.evaluate(async () => {
    const { remote, slot, images } = globalThis as never as Globals;
    const finisher = new AbortController();
    const resume = (await slot.load())!;
    let first: number | undefined;
    const model = await remote.train(images, {
      resume,
      finish: finisher.signal,
      onProgress: ({ phase, step }) => {
        if (phase !== "train") return;
        first ??= step;
        finisher.abort();
      },
    });
    await slot.clear();
    return { first, steps: model.training!.steps, cleared: (await slot.load()) === undefined };
  });
  expect(resumed.first).toBeGreaterThan(1);
  expect(resumed.steps).toBeGreaterThanOrEqual(resumed.first!);
  expect(resumed.cleared).toBe(true);
  await context.close();
});

it("a checkpoint of any length replaces the one before, and leaves those of other names", async () => {
  const page = await chromium.open();
  const found = await page.evaluate(async () => {
    const { checkpointSlot } = await load("isthmus/browser");
    const bytesOf = (length: number) => new Uint8Array(length).map((_, i) => (i * 31) >> 3);
    const [slot, other] = ["a", "ab"].map(checkpointSlot);
    await other.save(bytesOf(70_000));
    const same: boolean[] = [];
    for (const length of [100_000, 32_768, 5]) {
      await slot.save(bytesOf(length));
      same.push(String(await slot.load()) === String(bytesOf(length)));
    }
    await slot.clear();
    const kept = String(await other.load()) === String(bytesOf(70_000));
    return { same, cleared: (await slot.load()) === undefined, kept };
  });
  expect(found).toEqual({ same: [true, true, true], cleared: true, kept: true });
  await page.close();
});
