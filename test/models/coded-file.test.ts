import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/ground/crc.js";
import type { Safetensors, Tensor, TensorType } from "../../src/ground/safetensors.js";
import { finish } from "../../src/ground/steps.js";
import { BitEncoder } from "../../src/models/bit-encoder.js";
import { decodeFile } from "../../src/models/coded-file.js";
import { encodeFile } from "../../src/models/encode-file.js";
import { Model } from "../../src/models/model.js";
import { allPlaces, codeText } from "../../src/models/tensor-coder.js";
import { codeOf } from "../code-of.js";

import { readTensorFile } from "../reference/decoder/safetensors.js";
import { goldenModel } from "../vectors/golden-files.js";

const most = 1 << 26;
const encode = (file: Safetensors): Uint8Array => finish(encodeFile(file));
const decode = (bytes: Uint8Array, limit = most): Safetensors => finish(decodeFile(bytes, limit));
const names = ["photo", "grey", "integers", "planes", "vector", "variational"] as const;

describe("a coded file", () => {
  test.each(names)("is the model, and takes fewer bytes: %s", (name) => {
    const model = goldenModel(name);
    const coded = model.coded();
    expect(coded.length).toBeLessThan(0.9 * model.bytes.length);
    const read = Model.read(coded);
    expect(read.id).toBe(model.id);
    expect(read.safetensors()).toEqual(model.safetensors());
    expect(read.bytes).toEqual(coded);
    expect(Model.read(read.receiver())).toMatchObject({ id: model.id, part: "receiver" });
  });

  test("is read by the decoder that was written from its description", () => {
    for (const name of names) {
      const model = goldenModel(name);
      expect(readTensorFile(model.coded())).toEqual(readTensorFile(model.safetensors()));
    }
  });

  test("holds tensors of any type, shape and content", () => {
    const widths = { F32: 4, I32: 4, F16: 2, I16: 2, U16: 2, I8: 1, U8: 1 } as const;
    const tensor = fc
      .record({
        dtype: fc.constantFrom(...(Object.keys(widths) as TensorType[])),
        shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
        fill: fc.constantFrom("zeros", "ones", "any"),
        seed: fc.nat(),
      })
      .map(({ dtype, shape, fill, seed }): Tensor => {
        const count = shape.reduce((product, side) => product * side, 1) * widths[dtype];
        const byte = (i: number) =>
          fill === "zeros" ? 0 : fill === "ones" ? 255 : Math.imul(i + 1, seed * 2 + 1) >>> 24;
        return { dtype, shape, data: Uint8Array.from({ length: count }, (_, i) => byte(i)) };
      });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tensor), fc.dictionary(fc.string(), fc.string()), (tensors, metadata) => {
        const file = { tensors: new Map(Object.entries(tensors)), metadata };
        const coded = encode(file);
        const back = decode(coded);
        expect(back.metadata).toEqual({ ...metadata });
        expect(new Map([...back.tensors].sort())).toEqual(new Map([...file.tensors].sort()));
        expect(encode(back)).toEqual(coded);
      }),
    );
  });

  test("changes nothing of what it was made from", () => {
    const model = goldenModel("photo");
    const before = model.safetensors();
    model.coded();
    expect(model.safetensors()).toEqual(before);
  });
});

describe("a damaged coded file", () => {
  const coded = goldenModel("vector").coded();

  test("is told, wherever it is cut", () => {
    for (let length = 0; length < coded.length; length += length < 200 ? 1 : 331) {
      const code = codeOf(() => Model.read(coded.slice(0, length)));
      expect(["truncated", "corrupt"], `length ${length}`).toContain(code);
    }
    expect(codeOf(() => Model.read(Uint8Array.of(...coded, 0)))).toBe("corrupt");
  });

  test("is told, whichever bit is flipped", () => {
    for (let bit = 0; bit < coded.length * 8; bit += bit < 2000 ? 7 : 4999) {
      const broken = coded.slice();
      broken[bit >> 3] ^= 1 << (bit & 7);
      expect(
        codeOf(() => Model.read(broken)),
        `bit ${bit}`,
      ).toBeDefined();
    }
  });

  test("of a newer version is told", () => {
    expect(codeOf(() => Model.read(coded.map((byte, i) => (i === 4 ? 3 : byte))))).toBe("unsupported-version");
  });
});

describe("what a forger writes", () => {
  function withHeader(header: string): Uint8Array {
    const text = new TextEncoder().encode(header);
    const coder = new BitEncoder(allPlaces);
    finish(codeText(coder, text));
    const bytes = Uint8Array.of(0xca, 0x49, 0x53, 0x4d, 1, 0, 0, 0, 0, 0, 0, 0, 0, ...coder.finish());
    new DataView(bytes.buffer).setUint32(9, text.length, true);
    new DataView(bytes.buffer).setUint32(5, crc32(bytes.subarray(9)), true);
    return bytes;
  }
  const one = (tensor: Partial<Tensor>, name = "a"): Uint8Array =>
    encode({
      tensors: new Map([[name, { dtype: "I8", shape: [1], data: new Uint8Array(1), ...tensor }]]),
      metadata: {},
    });

  test("is refused by what it claims, before anything is asked for", () => {
    expect(codeOf(() => decode(one({ shape: [1 << 20, 1 << 20] })))).toBe("invalid-model");
    expect(codeOf(() => decode(one({ shape: [2 ** 53] })))).toBe("invalid-model");
    expect(codeOf(() => decode(one({ shape: [100], data: new Uint8Array(100) }), 99))).toBe("invalid-model");
    for (const shape of ['["a","F64",1]', '["a","I8",-1]', '["a","I8",0.5]', '["a"]', "7", '["a","I8"],["a","I8"]']) {
      expect(codeOf(() => decode(withHeader(`[{},[${shape}]]`)))).toBe("invalid-model");
    }
    for (const header of ["", "[", "[]", "[{}]", '[{"a":1},[]]', '[{"a":"b","a":"c"},[]]', "7", "null"]) {
      expect(codeOf(() => decode(withHeader(header)))).toBe("corrupt");
    }
    // Infinitely many times none is no number, and limits nothing.
    const huge = `"I8",${"9007199254740991,".repeat(25)}0`;
    expect(codeOf(() => decode(withHeader(`[{},[["a",${huge}],["b","I8",1]]]`)))).toBe("invalid-model");
    for (let depth = 1; depth < 100_000; depth *= 2) {
      const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
      expect(codeOf(() => decode(withHeader(`[{},[["a","I8",${deep}]]]`)))).toMatch(/^(invalid-model|corrupt)$/);
    }
    // More elements than were coded.
    expect(codeOf(() => decode(one({ shape: [4000], data: Uint8Array.of(7) })))).toBe("corrupt");
  });

  test("of little weight is read in little time, and breathes", () => {
    const zeros = one({ shape: [1 << 20], data: new Uint8Array(1 << 20) });
    expect(zeros.length).toBeLessThan(3000);
    const steps = decodeFile(zeros, most);
    let count = 0;
    while (!steps.next().done) count++;
    expect(count).toBeGreaterThan(60);
  });
});

test("a few bytes that claim much are given up as soon as they are used up", () => {
  let count = 0;
  const text = new TextEncoder().encode(`[{},[["a","F32",${1 << 24}]]]`);
  const coder = new BitEncoder(allPlaces);
  finish(codeText(coder, text));
  const bytes = Uint8Array.of(0xca, 0x49, 0x53, 0x4d, 1, 0, 0, 0, 0, text.length, 0, 0, 0, ...coder.finish());
  new DataView(bytes.buffer).setUint32(5, crc32(bytes.subarray(9)), true);
  const steps = decodeFile(bytes, most);
  expect(
    codeOf(() => {
      while (!steps.next().done) count++;
    }),
  ).toBe("corrupt");
  // Of 4096 steps that it claims.
  expect(count).toBeLessThan(20);
});
