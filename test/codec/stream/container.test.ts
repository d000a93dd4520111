import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBare, writeBare } from "../../../src/codec/stream/bare.js";
import { checksumBytes, writeChecksum } from "../../../src/codec/stream/checksum.js";
import {
  containerFields,
  fieldMeanings,
  inspectContainer,
  readContainer,
  writeContainer,
} from "../../../src/codec/stream/container.js";
import type { PayloadForm } from "../../../src/codec/stream/payload.js";
import { latentsForm } from "../../../src/codec/stream/payloads/latents.js";
import { planeForm } from "../../../src/codec/stream/payloads/plane.js";
import { payloadForms } from "../../../src/codec/stream/payloads.js";
import { crc16, crc32 } from "../../../src/ground/crc.js";
import { limits } from "../../../src/ground/limits.js";
import { readVarint, varintBytes } from "../../../src/ground/varint.js";
import { codeOf } from "../../code-of.js";
import { crc16 as slowCrc16 } from "../../reference/decoder/container.js";
import { latentsOf } from "../parts.js";

const photo = {
  modelId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  width: 768,
  height: 512,
  grey: false,
  payload: "latents" as const,
  quality: 60,
  symbols: Uint8Array.of(9, 8, 7, 6, 5),
};

const everything = {
  ...photo,
  grey: true,
  metadata: { icc: Uint8Array.of(1, 1), exif: Uint8Array.of(2), xmp: Uint8Array.of(3, 3, 3) },
  alpha: Uint8Array.of(255),
  places: Uint8Array.of(3, 16),
};

const readCode = (bytes: Uint8Array, maxPixels?: number) => codeOf(() => readContainer(bytes, maxPixels));

/** The short stream with some bytes replaced and its checksum made right again. */
function patched(stream: Uint8Array, offset: number, remove: number, ...insert: number[]): Uint8Array {
  const kept = checksumBytes(stream.length);
  const body = [...stream.subarray(0, offset), ...insert, ...stream.subarray(offset + remove, -kept)];
  return writeChecksum(Uint8Array.from([...body, ...new Array<number>(kept).fill(0)]));
}

const headAt = 2;
const widthAt = 11;

describe("a stream", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
  const side = fc.integer({ min: 1, max: 16384 });
  const parts = fc.record(
    {
      modelId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      width: side,
      height: side,
      grey: fc.boolean(),
      payload: fc.constant("latents" as const),
      quality: fc.integer({ min: 0, max: 255 }),
      metadata: fc
        .record({ icc: bytes, exif: bytes, xmp: bytes }, { requiredKeys: [] })
        .filter((metadata) => Object.keys(metadata).length > 0),
      alpha: bytes,
      places: bytes,
      symbols: fc.uint8Array({ maxLength: 300 }),
    },
    { requiredKeys: ["modelId", "width", "height", "grey", "payload", "quality", "symbols"] },
  );

  test("gives back what was written", () => {
    fc.assert(
      fc.property(parts, (original) => {
        expect(readContainer(writeContainer(original))).toEqual(original);
      }),
    );
  });

  test("is read from the middle of a larger buffer, as views", () => {
    const stream = writeContainer(everything);
    const larger = new Uint8Array(stream.length + 20);
    larger.set(stream, 7);
    const view = larger.subarray(7, 7 + stream.length);
    const read = latentsOf(view);
    expect(read).toEqual(everything);
    for (const part of [read.symbols, read.alpha!, read.modelId, read.metadata!.xmp!]) {
      expect(part.buffer).toBe(larger.buffer);
    }
  });

  test("costs 22 bytes beside the symbols of an ordinary photo, and 17 beside those of a sprite, seal included", () => {
    const costs = (size: object, length: number) =>
      writeContainer({ ...photo, ...size, symbols: new Uint8Array(length) }).length - length + 2;
    expect(costs({}, 40_000)).toBe(22);
    expect(costs({ width: 32, height: 32 }, 200)).toBe(17);
    expect(costs({ width: 32, height: 33 }, 200)).toBe(18);
  });

  test("has a checksum of two bytes where it is short, and of four from 1024 bytes on", () => {
    const lengths = Array.from({ length: 1200 }, (_, i) => i);
    for (const count of lengths) {
      const stream = writeContainer({ ...photo, symbols: new Uint8Array(count) });
      const checksum = inspectContainer(stream).at(-1)!;
      expect(checksum.length).toBe(stream.length < 1024 ? 2 : 4);
      expect(checksum.value).toEqual(stream.subarray(-checksum.length));
      expect(latentsOf(stream).symbols.length).toBe(count);
    }
  });

  test("is told apart field by field", () => {
    const stream = writeContainer(everything);
    const reports = inspectContainer(stream);
    const namesOf = (form: PayloadForm) => containerFields(form).map(({ name }) => name);
    expect(reports.map((report) => report.name)).toEqual(namesOf(latentsForm));
    const { quality: _, places: __, symbols: ___, ...common } = everything;
    const lossless = inspectContainer(writeContainer({ ...common, payload: "plane", plane: Uint8Array.of(1, 2) }));
    expect(lossless.map(({ name }) => name)).toEqual(namesOf(planeForm));
    let offset = 0;
    for (const report of reports) {
      expect(report.offset).toBe(offset);
      offset += report.length;
    }
    expect(offset).toBe(stream.length);
    expect(reports.find((report) => report.name === "width")!.value).toBe(768);
    const square = inspectContainer(writeContainer({ ...photo, height: 768 })).map((report) => report.name);
    expect(square).not.toContain("alpha");
    expect(square).not.toContain("height");
  });
});

describe("a damaged stream", () => {
  test("is refused for every flipped bit and every cut", () => {
    for (const parts of [photo, everything]) {
      const stream = writeContainer(parts);
      for (let bit = 0; bit < stream.length * 8; bit++) {
        const broken = stream.slice();
        broken[bit >> 3] ^= 1 << (bit & 7);
        expect(readCode(broken), `bit ${bit}`).toBeDefined();
      }
      for (let length = 0; length < stream.length; length++) {
        expect(readCode(stream.slice(0, length)), `length ${length}`).toBeDefined();
      }
    }
  });

  test("never raises another error, whatever the bytes", () => {
    const stream = writeContainer(everything);
    const edit = fc.tuple(
      fc.nat(stream.length - 3),
      fc.integer({ min: 0, max: 3 }),
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 6 }),
    );
    fc.assert(
      fc.property(edit, ([offset, remove, insert]) => {
        const broken = patched(stream, offset, Math.min(remove, stream.length - 2 - offset), ...insert);
        if (readCode(broken) === undefined) expect(writeContainer(readContainer(broken))).toEqual(broken);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["an empty file", [], "truncated"],
    ["the beginning of the magic", [0xc9], "truncated"],
    ["the magic alone", [0xc9, 0x69], "truncated"],
    ["a PNG", [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], "not-isthmus"],
    ["one foreign byte", [0x41], "not-isthmus"],
    ["a newer version without anything behind it", [0xc9, 0x69, 0xe0], "unsupported-version"],
    ["version 2 without anything behind it", [0xc9, 0x49, 13, 10], "unsupported-version"],
  ])("%s", (_, bytes, code) => {
    expect(readCode(Uint8Array.from(bytes))).toBe(code);
  });

  test.each([
    ["seven bits", [0x49, 0x69]],
    ["a replacement character", [0xef, 0xbf, 0xbd, 0x69]],
    ["Latin-1 taken for UTF-8", [0xc3, 0x89, 0x69]],
  ])("says that it was transferred as text: %s", (_, bytes) => {
    const work = () => readContainer(Uint8Array.from([...bytes, ...writeContainer(photo).subarray(2)]));
    expect(codeOf(work)).toBe("not-isthmus");
    expect(work).toThrow(/as text/);
  });
});

describe("a stream with a right checksum and a wrong claim", () => {
  const stream = writeContainer(photo);
  const varint = (value: number) => Array.from(varintBytes(value));

  test.each([
    ["a third kind of payload", patched(stream, headAt, 1, 0xc0), "unsupported-version"],
    ["a longer head", patched(stream, headAt, 1, 0xe0), "unsupported-version"],
    ["the spare bit of a plane", patched(stream, headAt, 1, 0xb0), "unsupported-version"],
    ["no width", patched(stream, widthAt, 2, 0), "corrupt"],
    ["no sides", patched(stream, headAt, 12, 0, ...photo.modelId, 0), "corrupt"],
    ["a square with a height", patched(stream, widthAt + 2, 2, ...varint(768)), "corrupt"],
    ["no height", patched(stream, widthAt + 2, 2, 0), "corrupt"],
    [
      "a square beyond the limit",
      patched(stream, headAt, 13, 0, ...photo.modelId, ...varint(2 ** 16 + 1)),
      "image-too-large",
    ],
    ["a width beyond the limit", patched(stream, widthAt, 2, ...varint(limits.maxSide + 1)), "image-too-large"],
    ["a height beyond the limit", patched(stream, widthAt + 2, 2, ...varint(2 ** 32 - 1)), "image-too-large"],
    ["a width spelt too long", patched(stream, widthAt, 2, 0x80, 0x86, 0x00), "corrupt"],
    ["a width that never ends", patched(stream, widthAt, 2, 255, 255, 255, 255, 255, 255), "corrupt"],
    ["alpha longer than the stream", patched(stream, headAt, 1, 0x82), "truncated"],
  ])("%s", (_, bytes, code) => {
    expect(readCode(bytes)).toBe(code);
  });

  test("more pixels than the caller accepts", () => {
    expect(readCode(stream, 768 * 512)).toBeUndefined();
    expect(readCode(stream, 768 * 512 - 1)).toBe("image-too-large");
    const square = writeContainer({ ...photo, height: 768 });
    expect(readCode(square, 768 * 768)).toBeUndefined();
    expect(readCode(square, 768 * 768 - 1)).toBe("image-too-large");
  });

  test.each([
    ["an empty section", []],
    ["an empty block", [1, 0]],
    ["an unknown block", [4, 1, 7]],
    ["block 0", [0, 1, 7]],
    ["blocks out of order", [2, 1, 7, 1, 1, 7]],
    ["a block twice", [1, 1, 7, 1, 1, 7]],
    ["a block that leaves the section", [1, 2, 7]],
  ])("metadata with %s", (_, section) => {
    const original = writeContainer({ ...photo, metadata: { icc: Uint8Array.of(7) } });
    const sectionAt = widthAt + 5;
    expect(readCode(patched(original, sectionAt, 4, 3, 1, 1, 7))).toBeUndefined();
    expect(readCode(patched(original, sectionAt, 4, section.length, ...section))).toBe("corrupt");
  });

  test("metadata beyond its limit", () => {
    const icc = new Uint8Array(limits.maxMetadataBytes);
    expect(codeOf(() => writeContainer({ ...photo, metadata: { icc } }))).toBe("invalid-parameter");
  });
});

describe("the writer refuses", () => {
  test.each([
    ["a short model id", { modelId: new Uint8Array(7) }],
    ["no width", { width: 0 }],
    ["half a pixel", { height: 1.5 }],
    ["an endless side", { height: limits.maxSide + 1 }],
    ["quality 256", { quality: 256 }],
    ["a fraction of quality", { quality: 0.5 }],
    ["metadata without a block", { metadata: {} }],
    ["an empty block", { metadata: { xmp: new Uint8Array(0) } }],
  ])("%s", (_, change) => {
    expect(codeOf(() => writeContainer({ ...photo, ...change }))).toBe("invalid-parameter");
  });
});

describe("a lossless picture", () => {
  const { grey, modelId, width, height } = photo;
  const plane = Uint8Array.of(4, 5, 6);
  const parts = { modelId, width, height, grey, payload: "plane" as const, plane };

  test("has a plane in place of quality and symbols", () => {
    const stream = writeContainer(parts);
    expect(stream.length).toBe(writeContainer(photo).length - 1 - photo.symbols.length + plane.length);
    expect(readContainer(stream)).toEqual(parts);
  });

  test("costs two bytes beside its plane in a bare frame", () => {
    for (const payload of [{ payload: "plane", plane } as const, { payload: "plane", palette: true, plane } as const]) {
      const frame = writeBare(payload);
      expect(frame.length).toBe(plane.length + 2);
      expect(readBare(frame)).toEqual(payload);
    }
  });
});

describe("a bare frame", () => {
  test("costs one byte beside its symbols", () => {
    const { payload, symbols } = photo;
    const frame = writeBare({ payload, quality: 17, symbols });
    expect(frame.length).toBe(symbols.length + 1);
    expect(readBare(frame)).toEqual({ payload, quality: 17, symbols });
  });

  test("is refused where it ends too early or its quality is out of range", () => {
    expect(codeOf(() => readBare(new Uint8Array(0)))).toBe("truncated");
    expect(codeOf(() => readBare(Uint8Array.of(3)))).toBe("truncated");
    expect(codeOf(() => writeBare({ ...photo, quality: -1 }))).toBe("invalid-parameter");
    // Kinds that are not known, and flags of what lies beside a payload.
    for (const head of [17, 0x40, 0x60, 0x21, 0x22, 0x24, 0x80, 0xa0]) {
      expect(codeOf(() => readBare(Uint8Array.of(head, 0, 1, 2)))).toBe("unsupported-version");
    }
  });
});

describe("varints", () => {
  test("are one to one up to 2^32 - 1", () => {
    for (const [value, length] of [
      [0, 1],
      [127, 1],
      [128, 2],
      [16383, 2],
      [16384, 3],
      [2 ** 28, 5],
      [2 ** 32 - 1, 5],
    ]) {
      const bytes = varintBytes(value);
      expect(bytes.length).toBe(length);
      expect(readVarint(bytes, 0, "value")).toEqual({ value, end: length });
    }
    expect(codeOf(() => readVarint(Uint8Array.of(255, 255, 255, 255, 16), 0, "value"))).toBe("corrupt");
    expect(codeOf(() => readVarint(Uint8Array.of(128), 0, "value"))).toBe("truncated");
  });
});

describe("CRC-16", () => {
  test("of the customary check string, and as a division", () => {
    expect(crc16(new TextEncoder().encode("123456789"))).toBe(0x906e);
    expect(crc16(new Uint8Array(0))).toBe(0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(crc16(bytes)).toBe(slowCrc16(bytes));
      }),
    );
  });
});

describe("CRC-32", () => {
  test("of the customary check string", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });
});

describe("docs/FORMAT.md", () => {
  test("shows the field table of the code", () => {
    const kinds = {
      bytes: "bytes",
      byte: "1 byte",
      varint: "varint",
      section: "varint n, then n bytes",
      rest: "bytes",
    };
    const lists = payloadForms.map((form) => containerFields(form));
    const names = [
      ...new Set(["magic", "head", "model", "width", "height", "quality", ...lists.flat().map(({ name }) => name)]),
    ];
    const inOrder = names.filter((name) => name !== "checksum").concat("checksum");
    const rows = inOrder.map((name) => {
      const { kind, length, flag } = lists.flat().find((field) => field.name === name)!;
      const holders = payloadForms.filter((_, i) => lists[i].some((field) => field.name === name));
      const present = [
        ...(holders.length < payloadForms.length ? [`payload ${holders[0].name}`] : []),
        ...(flag ? [`flag ${flag}`] : []),
      ];
      const encoding =
        name === "checksum" ? "2 or 4 bytes" : kind === "bytes" && length ? `${length} bytes` : kinds[kind];
      return `| ${name} | ${encoding} | ${present.join(", ") || "always"} | ${fieldMeanings[name]} |`;
    });
    const text = readFileSync(new URL("../../../docs/FORMAT.md", import.meta.url), "utf8");
    expect(text).toContain(["| field | encoding | present | meaning |", "|---|---|---|---|", ...rows, ""].join("\n"));
    const payloads = payloadForms.map(
      ({ name, flags: [bit3, bit4] }, i) => `| ${i} | ${name} | ${bit3 ?? "spare"} | ${bit4 ?? "spare"} |`,
    );
    const heading = ["| bits 6 and 5 | payload | bit 3 | bit 4 |", "|---|---|---|---|"];
    expect(text).toContain([...heading, ...payloads, ""].join("\n"));
  });
});
