import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/ground/safetensors.js";
import {
  createPool,
  createRestorer,
  defaultModel,
  inspect,
  loadCodec,
  loadLatentSpace,
  loadModel,
  Model,
  noise,
  parentModels,
  train,
  wrap,
} from "../../src/index.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { drawPicture, drawPictures } from "../reference/pictures.js";

/** The library in threads of Node, through the build: test/browser has the same in a browser. */
const script = new URL("../../dist/worker-node.js", import.meta.url);
const model = new Uint8Array(readFileSync(new URL("../vectors/golden/photo.isthm", import.meta.url)));
const vector = { preset: "vector", steps: 12, latents: 6 } as const;
const opened: { terminate(): unknown }[] = [];

const start = (url: URL = script): Worker => {
  const worker = new Worker(url);
  opened.push(worker);
  return worker;
};

afterEach(async () => {
  for (const worker of opened.splice(0)) await worker.terminate();
});

describe("a wrapped worker", () => {
  it("gives the bytes and pixels that the library gives", async () => {
    const [here, there] = [await loadCodec({ model }), await wrap(start()).loadCodec({ model })];
    const image = drawPicture(61, 45, 4);
    const stream = await there.encode(image, { quality: 70 });
    expect(stream).toEqual(await here.encode(image, { quality: 70 }));
    expect(await there.decode(stream)).toEqual(await here.decode(stream));
    expect(image.data.length).toBe(61 * 45 * 4);
    expect(await there.encodeTo(image, { targetBytes: 5000 })).toEqual(
      await here.encodeTo(image, { targetBytes: 5000 }),
    );
    const seen = await there.encodeTo(image, { targetScore: 20 });
    expect(seen).toEqual(await here.encodeTo(image, { targetScore: 20 }));
    expect(seen.ssimulacra2).toBeGreaterThanOrEqual(20);
    const sliver = there.encode(drawPicture(61, 7, 3), { targetScore: 20 });
    await expect(sliver).rejects.toMatchObject({ code: "invalid-parameter" });
    expect(there.model).toMatchObject({ id: here.model.id, part: "all", channels: 3, preset: "photo" });
    expect(Model.read(there.model.receiver())).toMatchObject({ id: here.model.id, part: "receiver" });
  });

  it("opens differences with the parents that the page has, and the embedded one by itself", async () => {
    const parent = Model.read(model);
    const change = (of: Model): Model => {
      const { tensors, metadata } = readSafetensors(of.safetensors());
      tensors.get("inverseGain.offset")!.data[2] ^= 1;
      return Model.read(writeSafetensors({ tensors, metadata }));
    };
    const child = change(parent);
    const file = child.coded({ parent });
    const isthmus = wrap(start());
    await expect(isthmus.loadCodec({ model: file })).rejects.toMatchObject({ code: "model-missing" });
    const find = (id: string) => (id === parent.id ? model : undefined);
    // A page that only talks to workers has no use for parentModels.
    for (const parents of [parentModels([parent]), parentModels(find), [parent], [model], find]) {
      expect((await isthmus.loadCodec({ model: file, parents })).model.id).toBe(child.id);
    }
    const opened = loadModel(file, { parents: [parent] });
    expect((await isthmus.loadCodec({ model: opened })).model.id).toBe(child.id);
    expect((await isthmus.loadCodec(opened)).model.id).toBe(child.id);
    const pool = createPool(() => start(), { size: 2 });
    for (const parents of [parentModels([parent]), find]) {
      expect((await pool.loadCodec({ model: file, parents })).model.id).toBe(child.id);
    }
    const embedded = await defaultModel();
    const own = change(embedded);
    const there = await isthmus.loadCodec({ model: own.coded({ parent: embedded }) });
    expect(there.model.id).toBe(own.id);
    expect(there.model.receiver().length).toBeLessThan(1000);
  });

  it("looks into latents as the library does", async () => {
    const file = new Uint8Array(readFileSync(new URL("../vectors/golden/variational.isthm", import.meta.url)));
    const [here, there] = [
      await loadLatentSpace({ model: file }),
      await wrap(start()).loadLatentSpace({ model: file }),
    ];
    expect(there.hasPrior).toBe(true);
    expect(there.model).toMatchObject({ id: here.model.id, preset: "variational" });
    const [one, other] = [1, 2].map((seed) =>
      drawExactPicture({ width: 12, height: 10, channels: 1, kind: "scene", seed }),
    );
    const code = await there.encode(one);
    expect(code).toEqual(await here.encode(one));
    expect(await there.decode([code])).toEqual(await here.decode([code]));
    expect(await there.sample(3, { seed: 7 })).toEqual(await here.sample(3, { seed: 7 }));
    const path = await there.interpolate(code, other, 4, { mode: "spherical" });
    expect(path).toEqual(await here.interpolate(one, other, 4, { mode: "spherical" }));
    expect(await there.explore({ image: one, steps: 3 })).toEqual(await here.explore({ image: code, steps: 3 }));
    const shares: number[] = [];
    const options = { samples: 20, seed: 3 };
    const told = await there.logLikelihood([one, other], { ...options, onProgress: (share) => shares.push(share) });
    expect(told).toEqual(await here.logLikelihood([one, other], options));
    expect(shares.at(-1)).toBe(1);
    await expect(there.sample(0)).rejects.toMatchObject({ code: "invalid-parameter" });
    await expect(there.logLikelihood([one], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
    await expect(there.decode(code as never)).rejects.toMatchObject({ code: "invalid-parameter" });
    await there.close();
    await expect(there.sample(1)).rejects.toThrow(/Expected an open latent space/);
  });

  it("restores, and inspects, as the library does", async () => {
    const worker = wrap(start());
    const pictures = drawPictures(12, 12, 12, 1);
    const { bytes } = await train(pictures, { ...vector, corrupt: noise(25) });
    const [here, there] = [await createRestorer(bytes), await worker.createRestorer(bytes)];
    const shares: number[] = [];
    const restored = await there.restore(pictures[0], { onProgress: (share) => shares.push(share) });
    expect(restored).toEqual(await here.restore(pictures[0]));
    expect(shares.at(-1)).toBe(1);
    await expect(worker.createRestorer(model)).rejects.toMatchObject({ code: "model-unsuited" });
    expect(await worker.inspect(bytes)).toEqual(inspect(bytes));
    const stream = await (await worker.loadCodec({ model })).encode(drawPicture(20, 20, 3));
    expect(await worker.inspect(stream)).toEqual(inspect(stream));
    expect(stream.length).toBeGreaterThan(0);
    await expect(worker.inspect(bytes, { maxModelBytes: 100 })).rejects.toMatchObject({ code: "invalid-model" });
    await expect(worker.inspect(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    await there.close();
    await expect(there.restore(pictures[0])).rejects.toThrow(/Expected an open restorer/);
  });

  it("hands memory over where that is asked for", async () => {
    const codec = await wrap(start()).loadCodec({ model });
    const image = { ...drawPicture(40, 30, 3) };
    image.data = image.data.slice();
    const stream = await codec.encode(image, { transfer: true });
    expect(image.data.length).toBe(0);
    await codec.decode(stream, { transfer: true });
    expect(stream.length).toBe(0);
  });

  it("tells warnings of a training", async () => {
    const warnings: string[] = [];
    const options = { ...vector, latents: 144, steps: 1, onWarning: (message: string) => warnings.push(message) };
    await wrap(start()).train(drawPictures(12, 12, 12, 1), options);
    expect(warnings).toEqual([expect.stringContaining("144 latents for 144 samples")]);
  });

  it("trains, tells progress, and returns a model that codes", async () => {
    const worker = wrap(start());
    const steps: number[] = [];
    const pictures = drawPictures(12, 12, 12, 1);
    const trained = await worker.train(pictures, { ...vector, onProgress: ({ step }) => steps.push(step) });
    expect(steps.at(-1)).toBe(12);
    expect(trained).toMatchObject({ preset: "vector", latents: 6, training: { images: 12, steps: 12 } });
    const codec = await worker.loadCodec({ model: trained });
    const here = await loadCodec({ model: trained.bytes });
    const stream = await codec.encode(pictures[0]);
    expect(await here.decode(stream)).toEqual(await codec.decode(stream));
    const finisher = new AbortController();
    const snapshots: string[] = [];
    const further = await worker.train(pictures, {
      steps: 1_000_000,
      from: trained,
      validation: pictures.slice(0, 3),
      snapshotSeconds: 0.01,
      finish: finisher.signal,
      onSnapshot: ({ id, receiver }) => {
        expect(Model.read(receiver()).id).toBe(id);
        snapshots.push(id);
        finisher.abort();
      },
    });
    expect(snapshots.length).toBeGreaterThan(0);
    expect(further.latents).toBe(6);
    expect(further.training!.steps).toBeLessThan(1_000_000);
  });

  it("hands out a checkpoint when training is aborted, goes on from it, and is free meanwhile", async () => {
    const worker = wrap(start());
    const pictures = drawPictures(12, 12, 12, 1);
    const aborter = new AbortController();
    let checkpoint: Uint8Array | undefined;
    const training = worker.train(pictures, {
      ...vector,
      steps: 1_000_000,
      signal: aborter.signal,
      onProgress: ({ step }) => step > 3 && aborter.abort("enough"),
      onCheckpoint: (bytes) => {
        checkpoint = bytes;
      },
    });
    await expect(training).rejects.toMatchObject({ name: "IsthmusError", code: "aborted", cause: "enough" });
    expect(worker.open).toBe(0);
    expect(checkpoint!.length).toBeGreaterThan(1000);
    const resumed = worker.train(pictures.slice(1), { resume: checkpoint });
    await expect(resumed).rejects.toMatchObject({ code: "invalid-training-set" });
    const codec = await worker.loadCodec({ model });
    expect((await codec.encode(drawPicture(16, 16, 3))).length).toBeGreaterThan(20);
  });

  it("answers other calls while one is under way", async () => {
    const worker = wrap(start());
    const [busy, free] = [await worker.loadCodec({ model }), await worker.loadCodec({ model })];
    const aborter = new AbortController();
    const long = busy.encode(drawPicture(700, 700, 3), { effort: 9, signal: aborter.signal });
    long.catch(() => {});
    expect((await free.encode(drawPicture(8, 8, 3))).length).toBeGreaterThan(20);
    expect(worker.open).toBe(1);
    aborter.abort();
    await expect(long).rejects.toMatchObject({ code: "aborted" });
  });

  it("passes on errors with their codes", async () => {
    const worker = wrap(start());
    const codec = await worker.loadCodec({ model });
    const refused = (promise: Promise<unknown>, code: string) =>
      expect(promise).rejects.toMatchObject({ name: "IsthmusError", code });
    await refused(codec.decode(Uint8Array.of(1, 2, 3)), "not-isthmus");
    await refused(codec.encode({ data: new Uint8Array(3), width: 2, height: 2 }), "invalid-parameter");
    await refused(codec.encode({ data: new Uint8Array(16), width: 2, height: 2 }, { maxPixels: 3 }), "image-too-large");
    await refused(worker.loadCodec({ model: new Uint8Array(5) }), "truncated");
    await refused(worker.train([]), "invalid-training-set");
    await refused(codec.encode((() => 1) as never), "invalid-parameter");
    await refused(codec.encode(drawPicture(8, 8, 3), { signal: AbortSignal.abort() }), "aborted");
    await codec.close();
    await refused(codec.encode(drawPicture(8, 8, 3)), "invalid-parameter");
    expect(worker.open).toBe(0);
  });

  it("ends a call whose callback throws", async () => {
    const worker = wrap(start());
    const onProgress = (): void => {
      throw new Error("the page is gone");
    };
    const training = worker.train(drawPictures(12, 12, 12, 1), { ...vector, steps: 1_000_000, onProgress });
    await expect(training).rejects.toThrow("the page is gone");
    expect(worker.open).toBe(0);
  });

  it("says that it ended, or could not start", async () => {
    const worker = wrap(start());
    const codec = await worker.loadCodec({ model });
    const encoding = codec.encode(drawPicture(700, 700, 3), { effort: 9 });
    worker.terminate();
    await expect(encoding).rejects.toMatchObject({ code: "aborted" });
    await expect(codec.decode(new Uint8Array(9))).rejects.toMatchObject({ code: "aborted" });
    const missing = wrap(start(new URL("./nothing-here.js", import.meta.url)));
    await expect(missing.loadCodec()).rejects.toMatchObject({ code: "worker-failed" });
    expect(missing.failed).toBe(true);
  });
});

describe("a pool of workers", () => {
  it("shares out a batch and keeps its order", async () => {
    const pool = createPool(() => start(), { size: 2 });
    opened.push(pool);
    const codec = await pool.loadCodec({ model });
    const here = await loadCodec({ model });
    const pictures = drawPictures(7, 40, 30, 3);
    const streams = await Promise.all(pictures.map((picture) => codec.encode(picture)));
    expect(streams).toEqual(await Promise.all(pictures.map((picture) => here.encode(picture))));
    expect(await codec.decode(streams[3])).toEqual(await here.decode(streams[3]));
    await codec.close();
    await expect(codec.encode(pictures[0])).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  it("lets go of calls that wait when it is terminated or they are aborted", async () => {
    const pool = createPool(() => start(), { size: 1 });
    const codec = await pool.loadCodec({ model });
    const aborter = new AbortController();
    const first = codec.encode(drawPicture(700, 700, 3), { effort: 9 });
    const second = codec.encode(drawPicture(8, 8, 3), { signal: aborter.signal });
    const third = codec.encode(drawPicture(8, 8, 3));
    aborter.abort();
    pool.terminate();
    for (const call of [first, second, third]) await expect(call).rejects.toMatchObject({ code: "aborted" });
  });

  it("trains together, and says when one of them is gone", async () => {
    const pictures = drawPictures(12, 12, 12, 1);
    const ids: string[] = [];
    for (const size of [1, 2, 3]) {
      const pool = createPool(() => start(), { size });
      const steps: number[] = [];
      const trained = await pool.train(pictures, { ...vector, onProgress: ({ step }) => steps.push(step) });
      expect(steps.at(-1)).toBe(12);
      expect(trained.training!.shards).toBeGreaterThan(1);
      ids.push(trained.id);
      const codec = await pool.loadCodec({ model: trained });
      expect((await codec.decode(await codec.encode(pictures[0]))).width).toBe(12);
      pool.terminate();
    }
    expect(new Set(ids).size).toBe(1);

    const workers: Worker[] = [];
    const pool = createPool(
      () => {
        workers.push(start());
        return workers.at(-1)!;
      },
      { size: 2 },
    );
    const aborter = new AbortController();
    const long = { ...vector, steps: 1_000_000 };
    const aborted = pool.train(pictures, {
      ...long,
      signal: aborter.signal,
      onProgress: ({ step }) => void (step > 1 && aborter.abort("enough")),
    });
    await expect(aborted).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    // The workers are free again.
    expect((await pool.train(pictures, vector)).id).toBe(ids[0]);
    const training = pool.train(pictures, {
      ...long,
      onProgress: ({ step }) => void (step > 1 && workers[1].terminate()),
    });
    await expect(training).rejects.toMatchObject({ code: "worker-failed" });
  });

  it.each([0, 20, 100])("ends a training whose worker is lost %i ms after its start", async (delay) => {
    const workers: Worker[] = [];
    const pool = createPool(() => workers[workers.push(start()) - 1], { size: 2 });
    const training = pool.train(drawPictures(40, 128, 128, 3), { preset: "photo", steps: 1_000_000 });
    setTimeout(() => workers[1].terminate(), delay);
    await expect(training).rejects.toMatchObject({ code: "worker-failed" });
    pool.terminate();
  });

  it.each([0, 1.5, 65])("refuses a size of %s", (size) => {
    expect(() => createPool(() => start(), { size })).toThrow(/^Expected an integer between 1 and 64 for size/);
  });
});
