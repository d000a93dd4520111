import { beforeAll, describe, expect, test } from "vitest";
import { Codec } from "../../../src/codec/codec.js";
import { joinStrips, splitStrips } from "../../../src/codec/latents/strip-section.js";
import { stripsOf } from "../../../src/codec/latents/strips.js";
import { writeContainer } from "../../../src/codec/stream/container.js";
import { defaultModel } from "../../../src/models/default-model.js";
import { gridSize } from "../../../src/models/tiling.js";
import { drawExactPicture } from "../../reference/exact-pictures.js";
import { drawPicture } from "../../reference/pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";
import { latentsOf } from "../parts.js";

/** Cuts bytes into pieces of the given length, in memory that is used again and again. */
async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(length);
  for (let at = 0; at < bytes.length; at += length) {
    const part = bytes.subarray(at, at + length);
    piece.set(part);
    yield piece.subarray(0, part.length);
  }
}

async function gather(rows: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const gathered: Uint8Array[] = [];
  for await (const piece of rows) gathered.push(piece);
  return gathered;
}

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.from(left).equals(Buffer.from(right));

describe("strips", () => {
  test.each([
    { width: 1, height: 1, rows: [1] },
    { width: 96, height: 64, rows: [64] },
    { width: 96, height: 682, rows: [682] },
    { width: 96, height: 683, rows: [682, 1] },
    { width: 1563, height: 100, rows: [41, 41, 18] },
    { width: 4096, height: 33, rows: [16, 16, 1] },
    { width: 8192, height: 17, rows: [16, 1] },
  ])("of a grid of $width x $height have $rows rows", ({ width, height, rows }) => {
    const strips = stripsOf({ width, height });
    expect(strips.map(({ first, end }) => end - first)).toEqual(rows);
    expect(strips.map(({ isLast }) => isLast)).toEqual(rows.map((_, i) => i === rows.length - 1));
    strips.slice(1).forEach(({ first }, i) => {
      expect(first).toBe(strips[i].end);
    });
  });

  const strip = (bytes: number[], channels: number[], maskedBytes: number[]) => ({
    bytes: Uint8Array.from(bytes),
    masked: { channels: Uint8Array.from(channels), bytes: Uint8Array.from(maskedBytes) },
  });
  const few = [1, 0, 0, 0, 0, 0, 0, 0, 0, 1];

  test("are joined without masks where these do not pay, and come apart again", () => {
    const strips = [strip([1, 2, 3], few, [1, 2]), strip([4, 5], few, [4])];
    const section = joinStrips([strips], true);
    expect(section).toEqual({ masked: false, bytes: Uint8Array.of(3, 1, 2, 3, 4, 5) });
    expect(splitStrips(section, [1, 1], few.length, 0)).toEqual(
      strips.map(({ bytes }) => ({ channels: undefined, bytes })),
    );
  });

  test("are joined with masks where these pay, and come apart again", () => {
    const long = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const strips = [strip(long, few, [1, 2]), strip(long, few, [4])];
    const section = joinStrips([strips], true);
    expect(section).toEqual({ masked: true, bytes: Uint8Array.of(4, 0x01, 0x02, 1, 2, 0x01, 0x02, 4) });
    expect(splitStrips(section, [1, 1], few.length, 0)).toEqual(strips.map(({ masked }) => masked));
    expect(joinStrips([strips], false).masked).toBe(false);
  });

  test.each([
    ["a strip longer than the section", false, [9, 1, 2], "corrupt"],
    ["no length", false, [], "truncated"],
    ["half a mask", true, [1, 0xff, 1], "corrupt"],
    ["channels beyond the last", true, [3, 0x01, 0x04, 7, 1, 0, 7], "corrupt"],
  ])("with %s are refused", (_, masked, bytes, code) => {
    const split = () => splitStrips({ masked, bytes: Uint8Array.from(bytes) }, [1, 1], few.length, 0);
    expect(split).toThrow(expect.objectContaining({ code }));
  });
});

// Grids of 4096 or 8192 cells a row: strips of 16 rows.
describe.each([
  { name: "photo", width: 32768, height: 136, channels: 3 },
  { name: "photo", width: 32768, height: 140, channels: 1 },
  { name: "grey", width: 32767, height: 66, channels: 1 },
  { name: "photo", width: 32768, height: 136, channels: 4 },
] as const)("a picture of several strips: $name, $width x $height x $channels", ({ name, ...shape }) => {
  const picture = drawExactPicture({ ...shape, kind: "scene", seed: 3 });
  let codec: Codec;
  let stream: Uint8Array;
  let pixels: Uint8Array;
  beforeAll(async () => {
    codec = await Codec.create(goldenModel(name));
    stream = await codec.encode(picture, { quality: 40 });
    pixels = (await codec.decode(stream)).data;
  });

  test("has more than one strip", () => {
    expect(stripsOf(gridSize(goldenModel(name).configuration, shape)).length).toBeGreaterThan(1);
    expect(pixels.length).toBe(picture.data.length);
  });

  test("is encoded from rows to the same bytes, wherever they are cut", async () => {
    for (const length of [100_003, picture.data.length]) {
      const rows = pieces(picture.data, length);
      expect(sameBytes(await codec.encodeRows({ ...shape, rows }, { quality: 40 }), stream)).toBe(true);
    }
  });

  test("is decoded to rows that are its pixels", async () => {
    const decoded = await codec.decodeRows(stream);
    expect(decoded).toMatchObject(shape);
    const gathered = await gather(decoded.rows);
    expect(gathered.length).toBeGreaterThan(1);
    for (const piece of gathered) expect(piece.length % (shape.width * shape.channels)).toBe(0);
    expect(sameBytes(Buffer.concat(gathered), pixels)).toBe(true);
  });

  test("may be given up half way, while others are coded", async () => {
    const [given, other] = await Promise.all([codec.decodeRows(stream), codec.decodeRows(stream)]);
    for await (const piece of given.rows) {
      expect(sameBytes(piece, pixels.subarray(0, piece.length))).toBe(true);
      break;
    }
    expect(sameBytes(Buffer.concat(await gather(other.rows)), pixels)).toBe(true);
  });

  test("hands out the rows before a damaged strip, then throws", async () => {
    const parts = latentsOf(stream);
    const symbols = parts.symbols.slice();
    symbols[symbols.length - 1] ^= 1;
    const { rows } = await codec.decodeRows(writeContainer({ ...parts, symbols }));
    const gathered: Uint8Array[] = [];
    const reading = (async () => {
      for await (const piece of rows) gathered.push(piece);
    })();
    await expect(reading).rejects.toMatchObject({ code: "corrupt" });
    const before = Buffer.concat(gathered);
    expect(before.length).toBeGreaterThan(0);
    expect(sameBytes(before, pixels.subarray(0, before.length))).toBe(true);
  });
});

describe("rows", () => {
  const picture = drawPicture(40, 30, 3);
  const { data, ...shape } = picture;
  let codec: Codec;
  beforeAll(async () => {
    codec = await Codec.create(goldenModel("photo"));
  });

  test.each([
    ["too few", data.slice(1)],
    ["none", new Uint8Array(0)],
    ["too many", Uint8Array.of(...data, 0)],
  ])("that are %s are refused", async (_, bytes) => {
    for (const channels of [3, 4] as const) {
      const encoding = codec.encodeRows({ ...shape, channels, rows: [bytes] });
      await expect(encoding).rejects.toMatchObject({ code: "invalid-parameter" });
    }
  });

  test("that are no bytes are refused", async () => {
    const encoding = codec.encodeRows({ ...shape, rows: ["rows"] as never });
    await expect(encoding).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  test("of colour are refused by a grey model, of three equal channels taken", async () => {
    const grey = await Codec.create(goldenModel("grey"));
    await expect(grey.encodeRows({ ...shape, rows: [data] })).rejects.toMatchObject({ code: "invalid-parameter" });
    const shade = data.map((_, i) => data[i - (i % 3)]);
    const stream = await grey.encodeRows({ ...shape, rows: [shade] });
    expect(stream).toEqual(await grey.encode({ ...shape, data: shade }));
  });

  test("hand on the errors of their source, and close it", async () => {
    let closed = false;
    async function* rows() {
      try {
        yield data.subarray(0, 1000);
        throw new Error("the disk is gone");
      } finally {
        closed = true;
      }
    }
    await expect(codec.encodeRows({ ...shape, rows: rows() })).rejects.toThrow("the disk is gone");
    expect(closed).toBe(true);
    expect(await codec.encodeRows({ ...shape, rows: [data] })).toEqual(await codec.encode(picture));
  });

  test("are checked for their shape before they are read", async () => {
    const rows = (async function* () {
      yield* [data];
      throw new Error("read to the end");
    })();
    const encoding = codec.encodeRows({ ...shape, rows }, { maxPixels: 100 });
    await expect(encoding).rejects.toMatchObject({ code: "image-too-large" });
  });
});

describe("a grey picture under a model of colour", () => {
  test("leaves out the channels of colour, and costs less than a coloured one", async () => {
    const codec = await Codec.create(await defaultModel());
    const colour = drawPicture(256, 192, 3, 1);
    const grey = { ...colour, channels: 1 as const, data: colour.data.filter((_, i) => i % 3 === 0) };
    const stream = await codec.encode(grey, { quality: 80 });
    const parts = latentsOf(stream);
    expect(parts.masked).toBe(true);
    const [{ channels }] = splitStrips({ masked: true, bytes: parts.symbols }, [1], codec.model.latents, 0);
    expect(channels!.includes(0)).toBe(true);
    expect(stream.length).toBeLessThan((await codec.encode(colour, { quality: 80 })).length);
    expect(await codec.decode(stream)).toMatchObject({ width: 256, height: 192, channels: 1 });
  });
});
