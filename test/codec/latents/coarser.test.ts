import { describe, expect, test, vi } from "vitest";
import { Codec } from "../../../src/codec/codec.js";
import { createDecoder } from "../../../src/codec/create-decoder.js";
import { decodingProducts } from "../../../src/codec/decoding-products.js";
import { joinStrips, splitFrames } from "../../../src/codec/latents/strip-section.js";
import { stripsOf } from "../../../src/codec/latents/strips.js";
import { searchOf } from "../../../src/codec/search/effort.js";
import { writeContainer } from "../../../src/codec/stream/container.js";
import { multiplierAt } from "../../../src/distortion/multiplier.js";
import { writeSceneFrame } from "../../../src/exchange/scene-frame.js";
import { varintBytes } from "../../../src/ground/varint.js";
import type { DecodedImage } from "../../../src/image/image.js";
import { createReceiver, createSender, receiveScene, sendScene } from "../../../src/index.js";
import { checkReceiverConfiguration } from "../../../src/models/check-configuration.js";
import { checkConfiguration } from "../../../src/models/check-sender.js";
import { levelsOf } from "../../../src/models/configuration.js";
import { gridSize } from "../../../src/models/tiling.js";
import { train } from "../../../src/training/train.js";
import { drawExactPicture } from "../../reference/exact-pictures.js";
import { drawPicture } from "../../reference/pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";
import { latentsOf } from "../parts.js";

/** Models of several levels of latents: cells for 8 x 8, 16 x 16 and 32 x 32 pixels. */
const model = goldenModel("coarser");
const { configuration } = model;
const codec = await Codec.create(model);

/** The left part of a picture. */
function leftOf({ data, width, height, channels }: DecodedImage, columns: number): DecodedImage {
  const rows = Array.from({ length: height }, (_, y) =>
    data.subarray(y * width * channels, (y * width + columns) * channels),
  );
  return { data: new Uint8Array(Buffer.concat(rows)), width: columns, height, channels };
}

// Of grids of 4096 cells a row: strips of 16 rows.
describe.each([3, 4] as const)("a picture of several strips, of %s channels", async (channels) => {
  const picture = drawExactPicture({ width: 32768, height: 328, channels, kind: "scene", seed: 3 });
  const stream = await codec.encode(picture, { quality: 60 });
  const decoded = await codec.decode(stream);

  test("has strips in each level, coded one level after another, the finest first", () => {
    const grids = levelsOf(configuration).map((level) => gridSize(level, picture));
    const strips = grids.map((grid) => stripsOf(grid, grids[0]).map(({ first, end }) => end - first));
    expect(strips).toEqual([
      [16, 16, 9],
      [9, 9, 3],
      [5, 5, 1],
    ]);
    const sections = splitFrames(latentsOf(stream).symbols, 3);
    const [finest, coarser, coarsest] = sections.map(({ length }) => length);
    expect(Math.min(coarsest, coarser)).toBeGreaterThan(100);
    expect(finest).toBeGreaterThan(coarsest);
  });

  // Far from a cut neither symbols nor pixels know of it: a narrow picture has one strip, a wide one three.
  test("shows what a part of it shows that was coded by itself, in one strip", async () => {
    const part = leftOf(picture, 640);
    expect(stripsOf(gridSize(configuration, part))).toHaveLength(1);
    const alone = await codec.decode(await codec.encode(part, { quality: 60 }));
    expect(Buffer.from(leftOf(alone, 256).data).equals(leftOf(decoded, 256).data)).toBe(true);
  });

  test("comes and goes in rows", async () => {
    const { data, ...shape } = picture;
    const rows = [data.subarray(0, 1_000_003), data.subarray(1_000_003)];
    expect(Buffer.from(await codec.encodeRows({ ...shape, rows }, { quality: 60 })).equals(stream)).toBe(true);
    const pieces: Uint8Array[] = [];
    for await (const piece of (await codec.decodeRows(stream)).rows) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).equals(decoded.data)).toBe(true);
  });
});

/** The field of symbols with a section for each level, the finest first. */
const joined = (sections: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(sections.flatMap((section, i) => (i < 2 ? [varintBytes(section.length), section] : [section])));

test("what coarser levels say is seen", async () => {
  const [parts, other] = await Promise.all(
    [1, 2].map(async (seed) => latentsOf(await codec.encode(drawPicture(200, 150, 3, seed), { quality: 80 }))),
  );
  expect(other.masked).toBe(parts.masked);
  const [own, others] = [parts, other].map(({ symbols }) => splitFrames(symbols, 3));
  const pixelsOf = async (sections: readonly Uint8Array[]) =>
    (await codec.decode(writeContainer({ ...parts, symbols: joined(sections) }))).data;
  const whole = await pixelsOf(own);
  for (const level of [0, 1, 2]) {
    const mixed = own.map((section, i) => (i === level ? others[i] : section));
    expect(await pixelsOf(mixed)).not.toEqual(whole);
  }
});

test("cells that nobody sees are not coded in the finest level", async () => {
  const seen = drawExactPicture({ width: 320, height: 256, channels: 4, kind: "scene", seed: 2 });
  const hidden = { ...seen, data: seen.data.slice() };
  for (let i = 0; i < hidden.data.length; i += 4) hidden.data[i + 3] = Math.floor(i / 4) % 320 < 64 ? 255 : 0;
  for (let i = 0; i < seen.data.length; i += 4) seen.data[i + 3] = 255;
  const finest = async (image: DecodedImage) =>
    splitFrames(latentsOf(await codec.encode(image, { quality: 100 })).symbols, 3)[0].length;
  expect(await finest(hidden)).toBeLessThan(0.4 * (await finest(seen)));
  const decoded = await codec.decode(await codec.encode(hidden));
  expect(decoded.data.filter((_, i) => i % 4 === 3)).toEqual(hidden.data.filter((_, i) => i % 4 === 3));
});

describe("effort", () => {
  const image = drawPicture(150, 117, 3, 7);
  const costOf = async (effort: number): Promise<number> => {
    const quality = 60;
    const bytes = await codec.encode(image, { quality, effort });
    const { data } = await codec.decode(bytes);
    const error = data.reduce((sum, value, i) => sum + (value - image.data[i]) ** 2, 0);
    const q = quality / 50 - 1;
    const lambda = searchOf("psnr", 3).distortionWeight(q) * multiplierAt(configuration.lambda, q);
    return (lambda * error) / 3 + 8 * bytes.length;
  };

  test("makes the picture cost less by the symbols of the finest level", async () => {
    const [none, some, more] = [await costOf(0), await costOf(3), await costOf(6)];
    expect(some).toBeLessThan(none);
    expect(more).toBeLessThan(some);
    const [before, after] = await Promise.all(
      [0, 3].map(async (effort) =>
        splitFrames(latentsOf(await codec.encode(image, { effort, quality: 60 })).symbols, 3),
      ),
    );
    expect(after[0]).not.toEqual(before[0]);
    expect(after[1]).toEqual(before[1]);
    expect(after[2]).toEqual(before[2]);
  });

  test("reaches targets, with alpha and with places", async () => {
    const options = { targetBytes: 900, effort: 2, importance: [{ x: 30, y: 30, width: 60, height: 40, weight: 4 }] };
    const { bytes } = await codec.encodeTo(drawPicture(150, 117, 4, 2), options);
    expect(bytes.length).toBeLessThanOrEqual(900);
    expect((await codec.decode(bytes)).channels).toBe(4);
  });
});

test("a stream that claims much is refused before memory is taken, in whatever level", async () => {
  const decoder = await createDecoder(model.receiver());
  Object.defineProperty(decoder, "leastBits", { value: 0.01 });
  const allocate = vi.spyOn(decoder.kernels.memory, "allocate");
  const { masked: _, ...parts } = latentsOf(await codec.encode(drawPicture(96, 96, 3), { quality: 50 }));
  const size = { width: 65536, height: 4096 };
  const grids = levelsOf(configuration).map((level) => gridSize(level, size));
  for (const short of [0, 1, 2]) {
    // Strips of one level are as short as can be, those of the others long enough.
    const levels = grids.map((grid, level) =>
      stripsOf(grid, grids[0]).map(() => {
        const bytes = level === short ? Uint8Array.of(1, 0, 0) : new Uint8Array(5000).fill(1);
        return { bytes, masked: { channels: new Uint8Array(0), bytes } };
      }),
    );
    const symbols = joinStrips(levels, false).bytes;
    const forged = writeContainer({ ...parts, ...size, symbols });
    await expect(decoder.decodeRows(forged)).rejects.toThrow(/claims more than its bytes hold/);
  }
  expect(allocate).not.toHaveBeenCalled();
});

test("decoding takes the products of all levels", () => {
  const size = { width: 640, height: 320 };
  const { coarser: _, ...finest } = configuration;
  const own = levelsOf(configuration).map((level) => {
    const cells = gridSize(level, size);
    return cells.width * cells.height;
  });
  expect(own).toEqual([3200, 800, 200]);
  const without = Object.create(model, { configuration: { value: finest } });
  expect(decodingProducts(model, size)).toBeGreaterThan(decodingProducts(without, size));
});

test("scenes take models of one level", async () => {
  const sender = await createSender({ model });
  expect(() => sendScene(sender)).toThrow(expect.objectContaining({ code: "model-unsuited" }));
  const stream = await codec.encode(drawPicture(64, 64, 3));
  const frame = writeSceneFrame({ kind: "key", sequence: 0, time: 0, stream });
  const scene = receiveScene(createReceiver({ resolveModel: () => model }));
  await expect(scene.decode(frame)).rejects.toMatchObject({ code: "model-unsuited" });
});

test("training goes on from such a model, and keeps its levels", { timeout: 60_000 }, async () => {
  const images = Array.from({ length: 4 }, (_, seed) => drawPicture(70, 50, 3, seed));
  const next = await train(images, { from: model, steps: 2, crop: 40, batch: 2 });
  expect(next.configuration.coarser).toEqual(configuration.coarser);
  const own = await Codec.create(next);
  const { width, height } = await own.decode(await own.encode(images[0]));
  expect([width, height]).toEqual([70, 50]);
});

describe("a configuration", () => {
  const [level] = configuration.coarser!;
  test.each([
    ["no list", 3],
    ["an object", {}],
    ["no level", [null]],
    ["a patch that is no multiple", [{ ...level, patch: { width: 12, height: 12 } }]],
    ["a patch that is no larger", [{ ...level, patch: { width: 8, height: 8 } }]],
    ["patches that do not rise", [level, level]],
    ["patches that are not square", [{ ...level, patch: { width: 16, height: 32 } }]],
    ["a prior of another kind", [{ ...level, prior: { kind: "static" } }]],
    ["groups that do not add up", [{ ...level, latents: 7 }]],
    ["no synthesis", [{ ...level, synthesis: undefined }]],
  ])("with %s for coarser levels is refused", (_, coarser) => {
    expect(() => checkReceiverConfiguration({ ...configuration, coarser })).toThrow(/"coarser"/);
  });

  test("of pictures of one size, or of a static prior, has none", () => {
    const one = { fixedSize: true, analysisMargin: 0, synthesisMargin: 0 };
    expect(() => checkReceiverConfiguration({ ...configuration, ...one })).toThrow(/"coarser"/);
    expect(() => checkReceiverConfiguration({ ...configuration, prior: { kind: "static" } })).toThrow(/"coarser"/);
    expect(() => checkConfiguration({ ...configuration, coarser: [{ ...level, analysis: 1 }] })).toThrow(/"analysis"/);
  });

  test("of a level has nothing of the model's but what it may", () => {
    const [, second] = levelsOf({
      ...configuration,
      coarser: [{ ...level, channels: 1, synthesisMargin: 9 } as never],
    });
    expect(second).toMatchObject({
      channels: 3,
      synthesisMargin: configuration.synthesisMargin,
      latents: level.latents,
    });
  });
});
