import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspect } from "../../src/codec/inspect.js";
import { crc32 } from "../../src/ground/crc.js";
import { readSafetensors, type Tensor, type TensorType, writeSafetensors } from "../../src/ground/safetensors.js";
import { finish } from "../../src/ground/steps.js";
import { createReceiver, createSender, loadCodec, loadDecoder, loadModel, parentModels } from "../../src/index.js";
import { headBytes } from "../../src/models/coded-file.js";
import { defaultModel } from "../../src/models/default-model.js";
import { decodeDifference } from "../../src/models/difference.js";
import { encodeFile } from "../../src/models/encode-file.js";
import { Model } from "../../src/models/model.js";
import { ReceiverModel } from "../../src/models/receiver-model.js";
import { encodeJob, writeImage } from "../../src/node.js";
import { builtFiles } from "../../src/server/built-files.js";
import { createPictureHandler } from "../../src/server.js";
import { codeOf } from "../code-of.js";
import { readTensorFile, writeTensorFile } from "../reference/decoder/safetensors.js";
import { drawPicture } from "../reference/pictures.js";
import { goldenModel } from "../vectors/golden-files.js";

const photo = goldenModel("photo");

/** The same model with other numbers: one in so many elements of each tensor is another. */
function childOf(model: Model, every = 5, seed = 1): Model {
  const { tensors, metadata } = readSafetensors(model.safetensors());
  for (const [name, { dtype, shape, data }] of tensors) {
    if (!/weight$/.test(name) || dtype === "F32") continue;
    // Of elements of two bytes the lower one.
    const step = dtype === "I8" ? 1 : 2;
    const changed = data.map((value, i) => (i % (step * every) === 0 ? (value + 4 * seed) & 127 : value));
    tensors.set(name, { dtype, shape, data: changed });
  }
  return Model.read(writeSafetensors({ tensors, metadata }));
}

/** Under a checksum that is right. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(5, crc32(bytes.subarray(9)), true);
  return bytes;
}

const child = childOf(photo);
const difference = child.coded({ parent: photo });
const half = loadModel(difference, { parents: [photo] }).receiver();

describe("a difference", () => {
  test("is the model again, with its id, in fewer bytes", () => {
    expect(difference.length).toBeLessThan(0.6 * child.coded().length);
    const read = Model.read(difference, { parents: [photo] });
    expect(read.id).toBe(child.id);
    expect(read.safetensors()).toEqual(child.safetensors());
    expect(read.bytes).toEqual(difference);
    expect(read.parent?.id).toBe(photo.id);
    expect(read.coded()).toEqual(child.coded());
    expect(Model.read(half, { parents: [photo.receiver()] })).toMatchObject({ id: child.id, part: "receiver" });
    expect(half.length).toBeLessThan(difference.length);
    expect(read.receiver({ alone: true })).toEqual(child.receiver());
  });

  test("encodes files, for jobs and for sites, where it was opened with its parents", async () => {
    const folder = await mkdtemp(join(tmpdir(), "isthmus-difference-"));
    try {
      const [input, out] = [join(folder, "photo.png"), join(folder, "photo.isth")];
      await writeImage(drawPicture(32, 24, 3), input);
      const model = loadModel(difference, { parents: [photo] });
      expect(await encodeJob({ in: input, out, model })).toMatchObject({ made: true });
      expect(inspect(await readFile(out))).toMatchObject({ modelId: child.id });
      expect(await encodeJob({ in: input, out, model })).toMatchObject({ made: false });

      builtFiles.worker = new URL("../../dist/worker-node.js", import.meta.url);
      const handler = createPictureHandler({ folder, model });
      const answer = await handler.fetch(new Request("http://a/photo.png", { headers: { accept: "image/x-isthmus" } }));
      handler.close();
      expect(await inspect(answer)).toMatchObject({ modelId: child.id });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("opens with breath, for receivers and senders, by a list, files or a function", async () => {
    for (const parents of [
      [photo],
      [photo.bytes],
      [goldenModel("grey"), photo.coded()],
      () => photo,
      async () => photo.bytes,
    ]) {
      expect((await Model.open(difference, { parents: parentModels(parents) })).safetensors()).toEqual(
        child.safetensors(),
      );
      expect((await ReceiverModel.open(difference, { parents: parentModels(parents) })).id).toBe(child.id);
    }
    const asked: unknown[] = [];
    const parents = (id: string, { part }: { part: string }) => {
      asked.push([id, part]);
      return photo.receiver();
    };
    expect((await loadDecoder({ model: half, parents: parentModels(parents) })).model.id).toBe(child.id);
    expect(asked).toEqual([[photo.id, "receiver"]]);
  });

  test("is read by the decoder that was written from its description", () => {
    const parent = readTensorFile(photo.bytes);
    expect(writeTensorFile(readTensorFile(difference, parent))).toEqual(child.safetensors());
  });

  test("holds tensors of any type, shape and content, and costs nothing where they are the same", () => {
    const widths = { F32: 4, I32: 4, F16: 2, I16: 2, U16: 2, I8: 1, U8: 1 } as const;
    const tensor = fc.record({
      dtype: fc.constantFrom(...(Object.keys(widths) as TensorType[])),
      shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
      fills: fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })),
      name: fc.constantFrom("a", "b", "tables.a", "plane.b"),
    });
    const data = (dtype: TensorType, shape: number[], fill: number) =>
      Uint8Array.from({ length: shape.reduce((a, b) => a * b, widths[dtype]) }, (_, i) =>
        fill < 2 ? 0 : fill === 2 ? 255 : Math.imul(i + 1, fill * 40503) >>> 8,
      );
    fc.assert(
      fc.property(fc.array(tensor, { maxLength: 4 }), fc.boolean(), (all, drop) => {
        const of = (which: 0 | 1) =>
          new Map(
            all.map(({ dtype, shape, fills, name }): [string, Tensor] => [
              name,
              { dtype, shape, data: data(dtype, shape, fills[which]) },
            ]),
          );
        const [before, after] = [of(0), of(1)];
        if (drop) after.delete("tables.a");
        const metadata = { part: "all" };
        const parent = { id: "00".repeat(8), parent: "11".repeat(8), part: "all" as const, tensors: before };
        const coded = finish(encodeFile({ tensors: after, metadata }, parent));
        const back = finish(decodeDifference(coded, 1 << 20, parent, before));
        expect(new Map([...back.tensors].sort())).toEqual(new Map([...after].sort()));
        expect(finish(encodeFile(back, parent))).toEqual(coded);
      }),
    );
  });

  test("of a model that hardly differs takes few bytes, and opens by itself beside the embedded model", async () => {
    const embedded = await defaultModel();
    const { tensors, metadata } = readSafetensors(embedded.safetensors());
    const { data } = tensors.get("prior.logScale")!;
    data[1] ^= 64;
    const own = Model.read(writeSafetensors({ tensors, metadata }));
    const whole = own.coded({ parent: embedded });
    expect(whole.length).toBeLessThan(2500);
    const codec = await loadCodec({ model: whole });
    expect(codec.model.id).toBe(own.id);
    const receivers = codec.model.receiver();
    expect(receivers.length).toBeLessThan(1000);
    const picture = drawPicture(40, 30, 3);
    const stream = await codec.encode(picture);
    const decoded = await (await loadDecoder({ model: receivers, parents: parentModels() })).decode(stream);
    expect(decoded.data).toEqual((await codec.decode(stream)).data);
    expect(
      (await createReceiver({ resolveModel: () => receivers, parents: parentModels() }).decode(stream)).data,
    ).toEqual(decoded.data);
    expect((await createReceiver({ resolveModel: () => whole, parents: parentModels() }).decode(stream)).data).toEqual(
      decoded.data,
    );
  });

  test("says what it is without its parent", () => {
    expect(inspect(half)).toMatchObject({ id: child.id, part: "receiver", parent: photo.id, bytes: half.length });
    expect(inspect(difference)).toMatchObject({ id: child.id, part: "all", preset: "photo", parent: photo.id });
    expect(inspect(photo.bytes)).toMatchObject({ parent: undefined });
  });
});

describe("parents", () => {
  const other = goldenModel("grey");

  test("that are missing are named, and wrong ones refused", async () => {
    expect(() => Model.read(difference)).toThrow(
      `Expected model ${photo.id}, to which model ${child.id} is a difference`,
    );
    expect(codeOf(() => Model.read(difference, { parents: [other, other.bytes] }))).toBe("model-missing");
    await expect(loadCodec({ model: difference })).rejects.toMatchObject({ code: "model-missing" });
    await expect(loadCodec({ model: difference, parents: parentModels(() => undefined) })).rejects.toMatchObject({
      code: "model-missing",
    });
    await expect(loadCodec({ model: difference, parents: parentModels(() => other) })).rejects.toMatchObject({
      code: "model-mismatch",
    });
    await expect(loadCodec({ model: difference, parents: parentModels(() => photo.receiver()) })).rejects.toThrow(
      /the receiver's half of it/,
    );
    await expect(
      loadCodec({ model: difference, parents: parentModels(() => new Uint8Array(9)) }),
    ).rejects.toMatchObject({
      code: "not-isthmus",
    });
  });

  test("of another architecture are refused, by writers and readers", () => {
    expect(() => child.coded({ parent: other })).toThrow(/same architecture/);
    expect(() => photo.coded({ parent: photo })).toThrow(/the model itself/);
    expect(() => child.coded({ parent: Model.read(photo.receiver()) })).toThrow(/a whole model/);
    const tensors = new Map(child.tensorsOf("all"));
    tensors.delete("gain.slope");
    const { metadata } = readSafetensors(child.safetensors());
    const kin = { id: child.id, parent: photo.id, part: "all" as const, tensors: photo.tensorsOf("all") };
    const forged = finish(encodeFile({ tensors, metadata }, kin));
    expect(() => Model.read(forged, { parents: [photo] })).toThrow(/a parent of the model's architecture/);
    const half = finish(
      encodeFile(
        { tensors: child.tensorsOf("receiver") as Map<string, Tensor>, metadata },
        { ...kin, part: "receiver", tensors: photo.tensorsOf("receiver") },
      ),
    );
    expect(() => Model.read(half, { parents: [photo] })).toThrow(
      'Expected part "receiver" for the difference but received "all"',
    );
  });

  test("with the same id and another sender's half are told", () => {
    const { tensors, metadata } = readSafetensors(photo.safetensors());
    tensors.get("gain.slope")!.data[2] ^= 1;
    const twin = Model.read(writeSafetensors({ tensors, metadata }));
    expect(twin.id).toBe(photo.id);
    expect(() => Model.read(difference, { parents: [twin] })).toThrow(/what comes out is not what went in/);
  });

  test("may be differences themselves, up to four in a row", async () => {
    const models = [photo];
    for (let i = 1; i <= 5; i++) models.push(childOf(models[i - 1], 50, i));
    const files = models.map((model, i) => (i === 0 ? model.bytes : model.coded({ parent: models[i - 1] })));
    const byId = new Map(models.map(({ id }, i) => [id, files[i]]));
    const parents = (id: string) => byId.get(id);
    expect(Model.read(files[4], { parents: files.slice(0, 4) }).safetensors()).toEqual(models[4].safetensors());
    expect((await ReceiverModel.open(files[4], { parents: parentModels(parents) })).id).toBe(models[4].id);
    expect(() => Model.read(files[5], { parents: files })).toThrow(/at most 4 differences/);
    await expect(ReceiverModel.open(files[5], { parents: parentModels(parents) })).rejects.toThrow(
      /at most 4 differences/,
    );
    byId.delete(models[2].id);
    await expect(ReceiverModel.open(files[4], { parents: parentModels(parents) })).rejects.toThrow(
      `Expected model ${models[2].id}`,
    );
  });

  test("that lead back to their children are refused in words", async () => {
    const self = difference.slice();
    self.copyWithin(headBytes + 9, headBytes + 1, headBytes + 9);
    expect(() => Model.read(sealed(self), { parents: [self] })).toThrow(/a difference to itself/);
    // Two that name each other: no hashes are like that, but a forger's heads may be.
    const back = photo.coded({ parent: child });
    const parents = (id: string) => (id === photo.id ? back : difference);
    await expect(ReceiverModel.open(difference, { parents: parentModels(parents) })).rejects.toThrow(
      /a difference to itself/,
    );
    expect(() => Model.read(difference, { parents: [back, difference] })).toThrow(/a difference to itself/);
  });
});

describe("a damaged or forged difference", () => {
  const codes = [
    "truncated",
    "corrupt",
    "invalid-model",
    "unsupported-version",
    "not-isthmus",
    "model-missing",
    "model-mismatch",
  ];

  test("is told, wherever it is cut and whichever byte is changed", () => {
    for (let length = 0; length < difference.length; length += length < 100 ? 1 : 997) {
      expect(["truncated", "corrupt"]).toContain(
        codeOf(() => Model.read(difference.slice(0, length), { parents: [photo] })),
      );
    }
    for (let at = 0; at < difference.length; at += at < 60 ? 1 : 1999) {
      for (const seal of [false, true]) {
        // The checksum itself is made right again.
        if (seal && at > 4 && at < 9) continue;
        const broken = difference.slice();
        broken[at] ^= 1 + (at % 255);
        const code = codeOf(() => Model.read(seal ? sealed(broken) : broken, { parents: [photo] }));
        expect(codes, `byte ${at}`).toContain(code);
      }
    }
  });

  test("has a version that readers of whole files do not take for one, and no newer one", () => {
    expect(difference[4]).toBe(2);
    expect(() =>
      Model.read(
        Uint8Array.from(difference, (byte, i) => (i === 4 ? 3 : byte)),
        { parents: [photo] },
      ),
    ).toThrow("Expected version 1 or 2 of coded tensors but received 3");
  });

  test("that says another id is refused", () => {
    const lying = difference.slice();
    lying[headBytes + 1] ^= 1;
    expect(() => Model.read(sealed(lying), { parents: [photo] })).toThrow(
      /Expected model .* from its difference but received model/,
    );
  });

  test("is held to the limit by what comes out", () => {
    const maxModelBytes = photo.safetensors().length - 20_000;
    expect(difference.length).toBeLessThan(maxModelBytes);
    expect(() => Model.read(difference, { parents: [photo], maxModelBytes })).toThrow(/for the tensors of a model/);
  });
});

describe("exchange", () => {
  test("parents are asked for by their ids, once, and kept", async () => {
    const sender = await createSender({ model: Model.read(difference, { parents: [photo] }) });
    expect(sender.receiverModel).toEqual(half);
    expect(sender.modelFor(sender.modelId)).toEqual(half);
    expect(Model.read(sender.modelFor(photo.id)!).id).toBe(photo.id);
    expect(sender.modelFor("0".repeat(16))).toBeUndefined();
    const frame = await sender.encode(drawPicture(24, 16, 3));
    const kept = new Map<string, Uint8Array>();
    const store = {
      get: async (id: string) => kept.get(id),
      set: async (id: string, file: Uint8Array) => void kept.set(id, file),
    };
    const asked: string[] = [];
    const resolveModel = (id: string) => {
      asked.push(id);
      return sender.modelFor(id);
    };
    const first = await createReceiver({ resolveModel, store, parents: parentModels() }).decode(frame);
    expect(asked).toEqual([child.id, photo.id]);
    expect([...kept.keys()].sort()).toEqual([child.id, photo.id].sort());
    const again = await createReceiver({ resolveModel: () => undefined, store, parents: parentModels() }).decode(frame);
    expect(again.data).toEqual(first.data);
    // A damaged parent in the store counts as none.
    kept.set(photo.id, new Uint8Array(99));
    expect((await createReceiver({ resolveModel, store, parents: parentModels() }).decode(frame)).data).toEqual(
      first.data,
    );
    kept.clear();
    expect(
      (await createReceiver({ resolveModel: () => half, parents: parentModels([photo]) }).decode(frame)).data,
    ).toEqual(first.data);
    await expect(
      createReceiver({ resolveModel: () => half, parents: parentModels() }).decode(frame),
    ).rejects.toMatchObject({
      code: "model-mismatch",
    });
    const noParent = createReceiver({
      resolveModel: (id) => (id === child.id ? half : undefined),
      parents: parentModels(),
    });
    await expect(noParent.decode(frame)).rejects.toThrow(photo.id);
  });
});
