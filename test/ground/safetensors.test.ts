import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/ground/safetensors.js";
import { float16Bytes, float16Values, fromFloat16, toFloat16 } from "../../src/models/float16.js";
import { codeOf } from "../code-of.js";

/** A file with the given header text and body. */
function fileOf(header: string | Uint8Array, body: number[] = []): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}

const tensors = new Map<string, Tensor>([
  ["bias", { dtype: "F32", shape: [2], data: Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64) }],
  ["weight", { dtype: "I8", shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) }],
  ["scale", { dtype: "F16", shape: [], data: Uint8Array.of(0, 60) }],
  ["none", { dtype: "U16", shape: [0, 7], data: new Uint8Array(0) }],
]);
const metadata = { zebra: "1", "__proto__ ": 'ü\n"}{', alpha: "" };

describe("a file", () => {
  test("gives back what was written, and aligns every tensor to its element", () => {
    const file = writeSafetensors({ tensors, metadata });
    const read = readSafetensors(file);
    expect(read.metadata).toEqual(metadata);
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()));
    const widths = { F32: 4, I32: 4, F16: 2, I16: 2, U16: 2, I8: 1, U8: 1 };
    for (const { dtype, data } of read.tensors.values()) expect(data.byteOffset % widths[dtype]).toBe(0);
    expect(read.tensors.get("weight")!.data.buffer).toBe(file.buffer);
  });

  test("does not depend on the order of its content", () => {
    const reversed = {
      tensors: new Map([...tensors].reverse()),
      metadata: Object.fromEntries(Object.entries(metadata).reverse()),
    };
    expect(writeSafetensors(reversed)).toEqual(writeSafetensors({ tensors, metadata }));
  });

  test("starts with the layout of the format", () => {
    const tensor: Tensor = { dtype: "U8", shape: [1], data: Uint8Array.of(9) };
    const file = writeSafetensors({ tensors: new Map([["a", tensor]]), metadata: {} });
    const header = '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}   ';
    expect(file).toEqual(fileOf(header, [9]));
    expect(header.length % 8).toBe(0);
  });

  test("is read from the middle of a larger buffer", () => {
    const file = writeSafetensors({ tensors, metadata });
    const larger = new Uint8Array(file.length + 9);
    larger.set(file, 5);
    expect(readSafetensors(larger.subarray(5, 5 + file.length))).toEqual(readSafetensors(file));
  });

  test("may carry long texts", () => {
    const long = { graph: '{"\\"'.repeat(30_000) };
    expect(readSafetensors(writeSafetensors({ tensors: new Map(), metadata: long })).metadata).toEqual(long);
  });
});

describe("a broken file", () => {
  const one = (fields: object, name = "a") => JSON.stringify({ [name]: fields });
  const good = { dtype: "U8", shape: [2], data_offsets: [0, 2] };

  test("the pattern of the cases below is accepted", () => {
    expect(codeOf(() => readSafetensors(fileOf(one(good), [1, 2])))).toBeUndefined();
  });

  test.each([
    ["nothing", new Uint8Array(0), "truncated"],
    ["seven bytes", new Uint8Array(7), "truncated"],
    ["a header of no length", fileOf(""), "not-isthmus"],
    ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), "not-isthmus"],
    ["a header above 256 KiB, unread", Uint8Array.of(1, 0, 4, 0, 0, 0, 0, 0, 0x7b), "not-isthmus"],
    ["a list as header", fileOf("[]"), "not-isthmus"],
    ["a header cut off", fileOf(one(good)).slice(0, 20), "truncated"],
    ["tensors cut off", fileOf(one(good), [1]), "truncated"],
    ["a byte too many", fileOf(one(good), [1, 2, 3]), "corrupt"],
    ["no JSON", fileOf("{]"), "corrupt"],
    ["no UTF-8", fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), "corrupt"],
    ["a tensor twice", fileOf(`{"a":${JSON.stringify(good)},"\\u0061":${JSON.stringify(good)}}`, [1, 2]), "corrupt"],
    [
      "a key twice inside",
      fileOf('{"a":{"dtype":"U8","shape":[2],"shape":[2],"data_offsets":[0,2]}}', [1, 2]),
      "corrupt",
    ],
    ["a tensor that is a number", fileOf('{"a":3}'), "corrupt"],
    ["an unknown field", fileOf(one({ ...good, more: 1 }), [1, 2]), "corrupt"],
    ["an unknown type", fileOf(one({ ...good, dtype: "F64" }), [1, 2]), "invalid-model"],
    ["a type of every object", fileOf(one({ ...good, dtype: "toString" }), [1, 2]), "invalid-model"],
    ["a shape too large", fileOf(one({ ...good, shape: [3] }), [1, 2]), "invalid-model"],
    ["a shape that overflows", fileOf(one({ ...good, shape: [2 ** 52, 2 ** 52] }), [1, 2]), "invalid-model"],
    ["a negative shape", fileOf(one({ ...good, shape: [-1, -2] }), [1, 2]), "invalid-model"],
    ["half an element", fileOf(one({ ...good, shape: [1.5] }), [1, 2]), "invalid-model"],
    ["a bottomless shape", fileOf(`{"a":{"shape":${"[".repeat(1.2e5)}${"]".repeat(1.2e5)},"dtype":"U8"}}`), "corrupt"],
    ["three offsets", fileOf(one({ ...good, data_offsets: [0, 2, 2] }), [1, 2]), "corrupt"],
    ["offsets backwards", fileOf(one({ ...good, data_offsets: [2, 0] }), [1, 2]), "corrupt"],
    ["a gap", fileOf(one({ ...good, data_offsets: [1, 3] }), [0, 1, 2]), "corrupt"],
    ["an overlap", fileOf(JSON.stringify({ a: good, b: { ...good, data_offsets: [1, 3] } }), [1, 2, 3]), "corrupt"],
    ["metadata that is no text", fileOf('{"__metadata__":{"a":1}}'), "corrupt"],
    ["metadata that is a list", fileOf('{"__metadata__":[]}'), "corrupt"],
  ])("%s", (_, bytes, code) => {
    expect(codeOf(() => readSafetensors(bytes))).toBe(code);
  });

  test("raises nothing but its own errors for flipped bits and cuts, and every cut is an error", () => {
    const file = writeSafetensors({ tensors, metadata });
    for (let bit = 0; bit < file.length * 8; bit++) {
      const broken = file.slice();
      broken[bit >> 3] ^= 1 << (bit & 7);
      codeOf(() => readSafetensors(broken));
    }
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(() => readSafetensors(file.slice(0, length)))).toBe("truncated");
    }
  });

  test("is not written: shapes must fit the bytes, and the name of the metadata is taken", () => {
    const wrong: Tensor = { dtype: "F32", shape: [2], data: new Uint8Array(4) };
    const byte: Tensor = { dtype: "U8", shape: [], data: new Uint8Array(1) };
    expect(codeOf(() => writeSafetensors({ tensors: new Map([["a", wrong]]), metadata: {} }))).toBe("invalid-model");
    expect(codeOf(() => writeSafetensors({ tensors: new Map([["__metadata__", byte]]), metadata: {} }))).toBe(
      "invalid-model",
    );
  });
});

describe("half precision", () => {
  test("all 65536 patterns survive a round trip through a number", () => {
    for (let half = 0; half < 65536; half++) {
      const value = fromFloat16(half);
      if (Number.isNaN(value)) expect(half & 0x7fff).toBeGreaterThan(0x7c00);
      else if (toFloat16(value) !== half) expect(toFloat16(value)).toBe(half);
    }
  });

  test("rounds to the nearest, ties to the even pattern, in every range", () => {
    for (let half = 0; half < 0x7bff; half++) {
      const low = fromFloat16(half);
      const high = fromFloat16(half + 1);
      const middle = (low + high) / 2;
      const wanted = [half, half + (half & 1), half + 1];
      const received = [
        toFloat16(low + (high - low) * 0.499),
        toFloat16(middle),
        toFloat16(low + (high - low) * 0.501),
      ];
      if (received.join() !== wanted.join()) expect(received).toEqual(wanted);
    }
  });

  test("keeps signs, and sends what is too large to infinity", () => {
    expect([0, -0, 1, -2, 65504, 65519.99, 65520, -1e30, Infinity].map(toFloat16)).toEqual([
      0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ]);
    expect(fromFloat16(toFloat16(Number.NaN))).toBeNaN();
    expect(Object.is(fromFloat16(0x8000), -0)).toBe(true);
  });

  test("arrays go to bytes, lowest first, and back", () => {
    expect(Array.from(float16Bytes([1, -2]))).toEqual([0, 0x3c, 0, 0xc0]);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }).filter((bytes) => bytes.length % 2 === 0),
        (bytes) => {
          const values = float16Values(bytes);
          fc.pre(values.every((value) => !Number.isNaN(value)));
          expect(float16Bytes(values)).toEqual(bytes);
        },
      ),
    );
  });
});
