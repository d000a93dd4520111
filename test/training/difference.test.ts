import { beforeAll, describe, expect, test } from "vitest";
import { defaultModel } from "../../src/models/default-model.js";
import { Model } from "../../src/models/model.js";
import { parentModels } from "../../src/models/parents.js";
import { train } from "../../src/training/train.js";
import { drawPictures } from "../reference/pictures.js";

const images = drawPictures(4, 48, 40, 3);
const options = { preset: "photo", tune: "ssimulacra2", steps: 4, crop: 32, batch: 2, difference: 20_000 } as const;
let embedded: Model;
let own: Model;

beforeAll(async () => {
  embedded = await defaultModel();
  own = await train(images, options);
});

describe("a model that is trained from another", () => {
  test("is the difference to that, within about the bytes that are asked for", async () => {
    expect(own.parent?.id).toBe(embedded.id);
    expect(own.id).not.toBe(embedded.id);
    const half = own.receiver();
    expect(half.length).toBeLessThan(21_000);
    expect(half.length).toBeGreaterThan(2000);
    const read = await Model.open(own.bytes);
    expect(read.safetensors()).toEqual(own.safetensors());
    expect((await Model.open(half)).id).toBe(own.id);
  });

  test("keeps its parent's synthesis matrices, tables, levels and range of qualities", () => {
    for (const [name, tensor] of own.tensorsOf("all")) {
      if (!/^tables|^synthesis.*weight/.test(name) || tensor.dtype === "F32") continue;
      expect(tensor, name).toEqual(embedded.tensorsOf("all").get(name));
    }
    const { qualityScale: _, ...configuration } = own.configuration;
    const { qualityScale: __, ...parents } = embedded.configuration;
    expect(configuration).toEqual(parents);
    const changed = [...own.tensorsOf("all")].filter(
      ([name, { data }]) => String(data) !== String(embedded.tensorsOf("all").get(name)!.data),
    );
    expect(changed.map(([name]) => name)).toEqual(expect.arrayContaining(["gain.offset", "centroids.share"]));
  });

  test("has its columns' largest weights where the parent has them", () => {
    const name = "prior.groups.1.out.weight";
    const [before, after] = [embedded, own].map((model) => {
      const { data, shape } = model.tensorsOf("receiver").get(name)!;
      const weights = new Int8Array(data.slice().buffer);
      return Array.from({ length: shape[1] }, (_, column) =>
        Math.max(...Array.from({ length: shape[0] }, (_, row) => Math.abs(weights[row * shape[1] + column]))),
      );
    });
    expect(after).toEqual(before);
  });

  test("goes on from a checkpoint to the same model, before and after it has settled", async () => {
    for (const stopAt of [1, 3]) {
      const checkpoints: Uint8Array[] = [];
      const abort = new AbortController();
      const stopped = train(images, {
        ...options,
        signal: abort.signal,
        onProgress: ({ step }) => step >= stopAt && abort.abort(),
        onCheckpoint: (bytes) => void checkpoints.push(bytes),
      });
      await expect(stopped).rejects.toMatchObject({ code: "aborted" });
      const resumed = await train(images, { resume: checkpoints.at(-1)! });
      expect([resumed.id, resumed.parent?.id], `step ${stopAt}`).toEqual([own.id, embedded.id]);
    }
  });

  test("that is ended before it has settled is a finer difference", async () => {
    const finish = new AbortController();
    const onProgress = ({ step }: { step: number }) => void (step >= 1 && finish.abort());
    const early = await train(images, { ...options, steps: 50, finish: finish.signal, onProgress });
    expect(early.training!.steps).toBeLessThan(25);
    expect(early.parent?.id).toBe(embedded.id);
  });

  test("from a difference is one to that one's parent", async () => {
    const next = await train(images, { ...options, steps: 2, from: await Model.open(own.bytes) });
    expect(next.parent?.id).toBe(embedded.id);
    expect(next.receiver().length).toBeLessThan(22_000);
  });

  test("stands alone where that is asked for, or its parent is of another graph", async () => {
    const alone = await train(images, { ...options, steps: 1, difference: 0 });
    expect(alone.parent).toBeUndefined();
    expect(Model.read(alone.bytes).id).toBe(alone.id);
    const grey = drawPictures(2, 40, 40, 1);
    expect((await train(grey, { preset: "photo", steps: 1, crop: 32 })).parent).toBeUndefined();
    for (const wrong of [5, 2999, 1.5, -1]) {
      await expect(train(images, { ...options, difference: wrong })).rejects.toThrow(/for difference but received/);
    }
    await expect(train(images, { ...options, from: null })).rejects.toThrow(/^Expected 0, without a codec of photos/);
    await expect(train(grey, options)).rejects.toThrow(/^Expected 0, without a codec of photos/);
  });

  test("opens by its id among others", async () => {
    const whole = await Model.open(own.bytes, { parents: parentModels([embedded]) });
    expect(whole.id).toBe(own.id);
    expect(Model.read(own.bytes, { parents: [embedded] }).id).toBe(own.id);
  });
});
