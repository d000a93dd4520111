import { afterEach, describe, expect, test, vi } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { limits } from "../../src/ground/limits.js";
import { readSafetensors, type Safetensors, type Tensor, writeSafetensors } from "../../src/ground/safetensors.js";
import { Model } from "../../src/models/model.js";
import { ReceiverModel } from "../../src/models/receiver-model.js";
import { codeOf as codeOfError } from "../code-of.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { readGolden } from "../vectors/golden-files.js";

const file = readGolden("photo.isthm");

afterEach(() => {
  vi.restoreAllMocks();
});

const codeOf = (bytes: Uint8Array): string | undefined => codeOfError(() => Model.read(bytes));

/** The golden photo model with something changed. */
function edited(change: (parts: Safetensors) => void, original = file): Uint8Array {
  const { tensors, metadata } = readSafetensors(original);
  const parts = { tensors: new Map(tensors), metadata: { ...metadata } };
  change(parts);
  return writeSafetensors(parts);
}

const withTensor = (name: string, change: (tensor: Tensor) => Tensor): Uint8Array =>
  edited(({ tensors }) => tensors.set(name, change(tensors.get(name)!)));

/** The file with another configuration; `path` names the member, "analysis.blocks" for one inside another. */
const withConfiguration = (path: string, value: unknown): Uint8Array =>
  edited(({ metadata }) => {
    const configuration = JSON.parse(metadata.configuration);
    const names = path.split(".");
    const last = names.pop()!;
    names.reduce((inner, name) => inner[name], configuration)[last] = value;
    metadata.configuration = JSON.stringify(configuration);
  });

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** An F32 vector whose first element is replaced. */
const starting =
  (value: number) =>
  (tensor: Tensor): Tensor => {
    const data = tensor.data.slice();
    data.set(floats(value));
    return { ...tensor, data };
  };

describe("a model file", () => {
  test("is read, and written again byte for byte", () => {
    const model = Model.read(file);
    expect(model).toMatchObject({ part: "all", preset: "photo", channels: 3, latents: 12 });
    expect(model.id).toMatch(/^[0-9a-f]{16}$/);
    expect(edited(() => {})).toEqual(file);
  });

  test("is copied: later changes of the buffer do not reach the model", () => {
    for (const buffer of [file.slice(), Buffer.from(file)]) {
      const model = Model.read(buffer);
      const receiver = model.receiver();
      buffer.fill(0);
      expect(Buffer.compare(model.bytes, file)).toBe(0);
      expect(Buffer.compare(model.receiver(), receiver)).toBe(0);
    }
  });

  test("has the id of what a receiver needs: neither facts nor the sender's half change it", () => {
    const { id } = Model.read(file);
    const renamed = edited(({ metadata }) => {
      metadata.training = JSON.stringify({ name: "another" });
    });
    expect(Model.read(renamed).id).toBe(id);
    expect(Model.read(withTensor("gain.slope", starting(0.125))).id).toBe(id);
    expect(Model.read(withTensor("inverseGain.slope", starting(0.125))).id).not.toBe(id);
  });
});

test("a receiver's file keeps its id however its JSON is spaced", async () => {
  const { id } = Model.read(file);
  const receiver = Model.read(file).receiver();
  const { tensors, metadata } = readSafetensors(Model.read(receiver).safetensors());
  const spaced = JSON.stringify(JSON.parse(metadata.configuration), undefined, 2);
  const respaced = writeSafetensors({ tensors, metadata: { ...metadata, configuration: spaced } });
  const length = Number(Buffer.from(respaced).readBigUInt64LE(0));
  const header = Buffer.from(
    `${JSON.stringify(JSON.parse(Buffer.from(respaced).toString("utf8", 8, 8 + length)), undefined, 1)}\n`,
  );
  const claim = Buffer.alloc(8);
  claim.writeBigUInt64LE(BigInt(header.length));
  const loose = new Uint8Array(Buffer.concat([claim, header, respaced.subarray(8 + length)]));
  for (const one of [receiver, respaced, loose]) {
    expect(Model.read(one).id).toBe(id);
    expect((await ReceiverModel.open(one)).id).toBe(id);
  }
});

describe("a file that is no model", () => {
  test.each([
    ["an empty file", new Uint8Array(0), "truncated"],
    ["a text", new TextEncoder().encode("This is a text, and no model at all.\n"), "not-isthmus"],
    ["a stream", readGolden("photo-9x9.isth"), "not-isthmus"],
    ["a PNG's beginning", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), "not-isthmus"],
    ["weights of something else", edited(({ metadata }) => Object.assign(metadata, { format: "pt" })), "not-isthmus"],
    [
      "weights without metadata",
      writeSafetensors({ tensors: readSafetensors(file).tensors, metadata: {} }),
      "not-isthmus",
    ],
    [
      "a model of a newer version",
      edited(({ metadata }) => Object.assign(metadata, { version: "7" })),
      "unsupported-version",
    ],
    ["a part that is neither", edited(({ metadata }) => Object.assign(metadata, { part: "half" })), "invalid-model"],
    ["a model beyond the limit", new Uint8Array(limits.maxModelBytes + 1), "invalid-model"],
  ])("%s", (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  test.each([[undefined], [null], ["text"], [{}]])("%o", (bytes) => {
    expect(codeOf(bytes as never)).toBe("invalid-parameter");
  });

  test("is refused when cut to any length, or followed by anything", () => {
    for (let length = 0; length < file.length; length += length < 4000 ? 1 : 97) {
      expect(codeOf(file.slice(0, length)), `length ${length}`).toBe("truncated");
    }
    expect(codeOf(Uint8Array.of(...file, 0))).toBe("corrupt");
  });

  test("raises no other errors for flipped bits", () => {
    for (let bit = 0; bit < file.length * 8; bit += bit < 4000 * 8 ? 61 : 997) {
      const broken = file.slice();
      broken[bit >> 3] ^= 1 << (bit & 7);
      codeOf(broken);
    }
  });
});

describe("tensors", () => {
  const weight = "synthesis.projection.linear.weight";
  const bias = "synthesis.projection.linear.bias";

  test.each([
    ["one missing", edited(({ tensors }) => tensors.delete(weight))],
    ["one too many", edited(({ tensors }) => tensors.set("extra", { dtype: "F32", shape: [1], data: floats(0) }))],
    ["one turned on its side", withTensor(weight, (tensor) => ({ ...tensor, shape: [...tensor.shape].reverse() }))],
    ["one flattened", withTensor(weight, (tensor) => ({ ...tensor, shape: [tensor.data.length / 2] }))],
    ["one too short", withTensor(bias, (tensor) => ({ ...tensor, shape: [1], data: tensor.data.slice(0, 4) }))],
    ["one of integers", withTensor(bias, (tensor) => ({ ...tensor, dtype: "I32" }))],
    ["NaN", withTensor(bias, starting(Number.NaN))],
    ["infinity", withTensor(bias, starting(Number.NEGATIVE_INFINITY))],
    [
      "half an infinity",
      withTensor(weight, (tensor) => ({ ...tensor, data: tensor.data.slice().fill(0x7c, 0, 2).fill(0, 0, 1) })),
    ],
    ["no table sizes", edited(({ tensors }) => tensors.delete("tables.size"))],
    ["tables of another type", withTensor("tables.minimum", (tensor) => ({ ...tensor, dtype: "F32" }))],
    [
      "tables whose sum is off",
      withTensor("tables.frequencies", (tensor) => ({
        ...tensor,
        data: tensor.data.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      })),
    ],
    [
      "tables of another prior",
      edited(({ tensors }) => {
        const other = readSafetensors(readGolden("grey.isthm")).tensors;
        for (const name of ["tables.minimum", "tables.size", "tables.frequencies"]) tensors.set(name, other.get(name)!);
      }),
    ],
    [
      "those of another model",
      edited(({ tensors }) => {
        for (const [name, tensor] of readSafetensors(readGolden("grey.isthm")).tensors) tensors.set(name, tensor);
      }),
    ],
  ])("with %s are refused", (_, bytes) => {
    expect(codeOf(bytes)).toBe("invalid-model");
  });
});

test.each([
  ["tables.minimum", "I32", 64],
  ["tables.size", "I32", 64],
  ["tables.frequencies", "U16", 64 * 4097],
  ["plane.contexts", "I32", 59082],
  ["plane.probabilities", "U16", 59082],
  ["plane.seen", "U8", 59082],
] as const)("%s is refused by its length before it is looked at", (name, dtype, most) => {
  const grey = readGolden("grey.isthm");
  const longer = (length: number): Uint8Array =>
    edited(({ tensors }) => {
      const data = new Uint8Array(length * { I32: 4, U16: 2, U8: 1 }[dtype]).fill(1);
      for (const other of ["plane.contexts", "plane.probabilities", "plane.seen"]) {
        const shapes = { "plane.contexts": ["I32", 4], "plane.probabilities": ["U16", 2] }[other] ?? ["U8", 1];
        const [type, width] = shapes as [Tensor["dtype"], number];
        tensors.set(other, { dtype: type, shape: [1], data: new Uint8Array(width).fill(1) });
      }
      tensors.set(name, { dtype, shape: [length], data });
    }, grey);
  expect(() => Model.read(longer(most))).toThrow(/contradict themselves/);
  expect(() => Model.read(longer(most + 1))).toThrow(`to ${most} elements`);
});

describe("contexts of planes", () => {
  const planes = readGolden("planes.isthm");
  const names = ["plane.contexts", "plane.probabilities", "plane.seen"];
  const withPlane = (name: string, change: (tensor: Tensor) => Tensor): Uint8Array =>
    edited(({ tensors }) => tensors.set(name, change(tensors.get(name)!)), planes);
  const numbers = (tensor: Tensor, at: number, value: number): Tensor => {
    const data = new Int32Array(tensor.data.slice().buffer);
    data[at < 0 ? data.length + at : at] = value;
    return { ...tensor, data: new Uint8Array(data.buffer) };
  };

  test("belong to what a receiver needs, and so to the id", () => {
    const model = Model.read(planes);
    expect(Model.read(model.receiver()).planeContexts).toEqual(model.planeContexts);
    const less = edited(({ tensors }) => names.forEach((name) => void tensors.delete(name)), planes);
    expect(Model.read(less).planeContexts).toBeUndefined();
    expect(Model.read(less).id).not.toBe(model.id);
  });

  test.each<[string, Uint8Array]>([
    ...names.map((name): [string, Uint8Array] => [
      `without ${name}`,
      edited(({ tensors }) => tensors.delete(name), planes),
    ]),
    ["out of order", withPlane("plane.contexts", (tensor) => numbers(tensor, 1, 0))],
    ["below the first", withPlane("plane.contexts", (tensor) => numbers(tensor, 0, -1))],
    ["beyond the last", withPlane("plane.contexts", (tensor) => numbers(tensor, -1, 59082))],
    ["of another type", withPlane("plane.contexts", (tensor) => ({ ...tensor, dtype: "F32" }))],
    [
      "that are impossible",
      withPlane("plane.probabilities", (tensor) => ({ ...tensor, data: tensor.data.map(() => 0) })),
    ],
    ["that saw nothing", withPlane("plane.seen", (tensor) => ({ ...tensor, data: tensor.data.map(() => 0) }))],
    [
      "of uneven number",
      withPlane("plane.seen", ({ data, ...tensor }) => ({ ...tensor, shape: [data.length - 1], data: data.slice(1) })),
    ],
  ])("%s are refused", (_, bytes) => {
    expect(codeOf(bytes)).toBe("invalid-model");
  });
});

describe("a configuration", () => {
  test.each([
    ["preset", "poster"],
    ["channels", 2],
    ["channels", "3"],
    ["patch", null],
    ["patch.width", 0],
    ["patch.width", 9],
    ["fixedSize", 1],
    ["analysisMargin", -1],
    ["synthesisMargin", 1e9],
    ["latents", 0],
    ["latents", 12.5],
    ["latents", 1e15],
    ["activation", "swish"],
    ["activation", "toString"],
    ["analysis", null],
    ["analysis.hidden", "wide"],
    ["analysis.hidden", Array(9).fill(8)],
    ["synthesis.blocks", 1e9],
    ["synthesis.blockHidden", -4],
    ["prior", null],
    ["prior.kind", "oracle"],
    ["prior.hidden", 0],
    ["prior.groups", [1, 3, 7]],
    ["prior.groups", [1, 3, 9]],
    ["prior.groups", [-1, 13]],
    ["prior.groups", []],
    ["lambda", undefined],
    ["lambda.low", 0],
    ["lambda.high", "1"],
  ])("with %s = %j is refused, and named", (path, value) => {
    const bytes = withConfiguration(path, value);
    expect(codeOf(bytes)).toBe("invalid-model");
    expect(() => Model.read(bytes)).toThrow(path.split(".")[0]);
  });

  test.each([
    ["analysis.hidden", Array(8).fill(65536)],
    ["synthesis.blocks", 64],
    ["prior.hidden", 65536],
  ])(
    "that asks for more weights than the file holds is refused before memory is asked for: %s",
    async (path, value) => {
      const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
      const before = process.memoryUsage().arrayBuffers;
      await expect(async () => Codec.create(withConfiguration(path, value))).rejects.toMatchObject({
        code: "invalid-model",
      });
      expect(grow).not.toHaveBeenCalled();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 24);
    },
  );

  test.each(["", "{", "null", "[]", "7"])("that reads %j is refused", (text) => {
    expect(codeOf(edited(({ metadata }) => Object.assign(metadata, { configuration: text })))).toBe("invalid-model");
  });

  test.each(["{", "null", "7", '"facts"', "[]"])("training facts that read %j are refused", (text) => {
    expect(codeOf(edited(({ metadata }) => Object.assign(metadata, { training: text })))).toBe("invalid-model");
  });
});

describe("weights without measure", () => {
  test.each([
    ["gain.offset", 1e38],
    ["gain.slope", 200],
    ["inverseGain.offset", 3e38],
    ["inverseGain.offset", -3e38],
    ["inverseGain.slope", 90],
    ["prior.logScale", 1e38],
    ["prior.context.bias", 1e38],
    ["prior.groups.0.out.bias", 1e30],
    ["synthesis.projection.linear.bias", -3e38],
    ["analysis.projection.linear.bias", 3e38],
  ])("give an image or the library's errors: %s of %d", async (name, value) => {
    const codec = await Codec.create(withTensor(name, starting(value)));
    const image = drawExactPicture({ width: 30, height: 20, channels: 3, kind: "scene", seed: 3 });
    for (const quality of [0, 100]) {
      const stream = await codec.encode(image, { quality }).catch((error: unknown) => error);
      if (stream instanceof Uint8Array) expect(await codec.decode(stream)).toMatchObject({ width: 30, height: 20 });
      else expect(stream).toMatchObject({ name: "IsthmusError", code: "invalid-model" });
    }
  });
});
