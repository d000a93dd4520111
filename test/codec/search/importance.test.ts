import { describe, expect, test } from "vitest";
import { Codec } from "../../../src/codec/codec.js";
import { createDecoder } from "../../../src/codec/create-decoder.js";
import { inspect, type StreamReport } from "../../../src/codec/inspect.js";
import { levelsPerStep, middleStep, placesOf } from "../../../src/codec/latents/places.js";
import { coordinateOf } from "../../../src/codec/latents/quality.js";
import { stripsOf } from "../../../src/codec/latents/strips.js";
import { blockWeights, type Importance } from "../../../src/codec/search/importance.js";
import { placesAt, weighBlocks } from "../../../src/codec/search/place-steps.js";
import type { DecodedImage } from "../../../src/image/image.js";
import { psnr } from "../../../src/image/psnr.js";
import { defaultModel } from "../../../src/models/default-model.js";
import { gridSize } from "../../../src/models/tiling.js";
import { drawExactPicture } from "../../reference/exact-pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";

const model = await defaultModel();
const codec = await Codec.create(model);
const decoder = await createDecoder(model.receiver());
/** Fine noise everywhere, so that every place has as much to say. */
const picture = noisyPicture(256, 192);
const inside = { x: 64, y: 48, width: 128, height: 96 };

function noisyPicture(width: number, height: number): DecodedImage {
  const scene = drawExactPicture({ width, height, channels: 3, kind: "scene", seed: 4 }) as DecodedImage;
  const noise = drawExactPicture({ width, height, channels: 3, kind: "noise", seed: 4 }) as DecodedImage;
  return { ...scene, data: scene.data.map((sample, i) => (11 * sample + noise.data[i]) / 12) };
}

/** The PSNR within a rectangle, and outside of it. */
function psnrs(image: DecodedImage, { x, y, width, height } = inside): { inside: number; outside: number } {
  const isInside = (at: number): boolean => {
    const pixel = Math.floor(at / 3);
    const [column, row] = [pixel % picture.width, Math.floor(pixel / picture.width)];
    return column >= x && column < x + width && row >= y && row < y + height;
  };
  const of = (wanted: boolean): number => {
    const [before, after] = [picture, image].map(({ data }) => data.filter((_, at) => isInside(at) === wanted));
    const row = { width: before.length / 3, height: 1, channels: 3 } as const;
    return psnr({ ...row, data: before }, { ...row, data: after });
  };
  return { inside: of(true), outside: of(false) };
}

/** White within the rectangle, black elsewhere. */
function mask(): Importance {
  const data = new Uint8Array(16 * 12);
  for (let y = 3; y < 9; y++) data.fill(255, y * 16 + 4, y * 16 + 12);
  return { data, width: 16, height: 12 };
}

describe("a picture with importance", () => {
  test.each([
    { name: "a rectangle", importance: [{ ...inside, weight: 4 }], effort: 0, quality: 40 },
    { name: "a map", importance: mask(), effort: 0, quality: 60 },
    { name: "a rectangle, refined", importance: [{ ...inside, weight: 4 }], effort: 3, quality: 40 },
    { name: "a rectangle that matters less", importance: [{ ...inside, weight: 0.25 }], effort: 0, quality: 50 },
  ])("is better where it matters, worse elsewhere, of about as many bytes: $name", async (one) => {
    const { importance, quality, effort } = one;
    const plain = await codec.encode(picture, { quality, effort });
    const stream = await codec.encode(picture, { quality, effort, importance });
    expect(Math.abs(stream.length / plain.length - 1)).toBeLessThan(0.15);
    const decoded = await codec.decode(stream);
    const [before, after] = [psnrs(await codec.decode(plain)), psnrs(decoded)];
    const sign = one.name.endsWith("less") ? -1 : 1;
    expect(sign * (after.inside - before.inside)).toBeGreaterThan(0.5);
    expect(sign * (after.outside - before.outside)).toBeLessThan(-0.05);
    expect((await decoder.decode(stream)).data).toEqual(decoded.data);
    expect(inspect(stream)).toMatchObject({ places: true, sections: { places: expect.any(Number) } });
    expect((inspect(stream) as StreamReport).sections.places).toBeLessThan(40);
  });

  test("costs less refined than not, by the same bytes or fewer", async () => {
    const importance = mask();
    const [rough, fine] = await Promise.all(
      [0, 4].map((effort) => codec.encode(picture, { quality: 80, effort, importance })),
    );
    const [before, after] = [psnrs(await codec.decode(rough)), psnrs(await codec.decode(fine))];
    expect(fine.length).toBeLessThan(rough.length);
    expect(after.inside - after.outside).toBeGreaterThan(before.inside - before.outside - 0.5);
  });

  test("is the same stream as without where all places matter alike", async () => {
    const plain = await codec.encode(picture, {});
    const alike: Importance[] = [
      [],
      [{ x: 0, y: 0, width: 256, height: 192, weight: 9 }],
      { data: [7, 7], width: 2, height: 1 },
    ];
    for (const importance of alike) expect(await codec.encode(picture, { importance })).toEqual(plain);
    expect(inspect(plain)).toMatchObject({ places: false });
  });

  test("takes what matters as it was when it was handed in", async () => {
    const data = new Uint8Array(16 * 12).fill(255, 0, 96);
    const map = { data, width: 16, height: 12 };
    const wanted = await codec.encode(picture, { importance: { ...map, data: data.slice() } });
    const encodings = [
      codec.encode(picture, { importance: map }),
      codec.encodeRows({ ...picture, rows: [picture.data] }, { importance: map }),
    ];
    data.reverse();
    for (const stream of await Promise.all(encodings)) expect(stream).toEqual(wanted);
  });

  test("reaches targets", async () => {
    const importance = [{ ...inside, weight: 8 }];
    const plain = await codec.encode(picture, { quality: 50 });
    const small = await codec.encodeTo(picture, { targetBytes: plain.length, importance });
    expect(small.bytes.length).toBeLessThanOrEqual(plain.length);
    expect(small.bytes.length).toBeGreaterThan(0.9 * plain.length);
    expect(psnrs(await codec.decode(small.bytes)).inside).toBeGreaterThan(psnrs(await codec.decode(plain)).inside);
    const good = await codec.encodeTo(picture, { targetPsnr: 28, importance });
    expect(psnr(picture, await codec.decode(good.bytes))).toBeGreaterThanOrEqual(28);
  });

  test.each([
    { name: "photo", width: 32768, height: 136, channels: 3 },
    { name: "grey", width: 32767, height: 66, channels: 1 },
  ] as const)("is coded in strips and by rows: $name", async ({ name, ...shape }) => {
    const image = drawExactPicture({ ...shape, kind: "scene", seed: 3 });
    const golden = goldenModel(name);
    const own = await Codec.create(golden);
    expect(stripsOf(gridSize(golden.configuration, shape)).length).toBeGreaterThan(1);
    const options = { quality: 40, importance: [{ x: 9000, y: 20, width: 9000, height: 70, weight: 5 }] };
    const stream = await own.encode(image, options);
    expect(inspect(stream)).toMatchObject({ places: true });
    expect(Buffer.compare(await own.encodeRows({ ...shape, rows: [image.data] }, options), stream)).toBe(0);
    const whole = await own.decode(stream);
    const gathered: Uint8Array[] = [];
    for await (const piece of (await own.decodeRows(stream)).rows) gathered.push(piece.slice());
    expect(gathered.length).toBeGreaterThan(1);
    expect(Buffer.compare(Buffer.concat(gathered), whole.data)).toBe(0);
  });
});

describe("importance is refused", () => {
  const area = { x: 0, y: 0, width: 8, height: 8, weight: 2 };
  const map = { data: [1, 2], width: 2, height: 1 };
  test.each([
    ["faces", 'Expected a map or a list of rectangles for importance but received "faces"'],
    [{ ...map, data: [0, 0] }, "Expected a number above 0 somewhere for data of importance"],
    [{ ...map, data: [1, Number.NaN] }, "Expected numbers between 0 and 255 for data of importance but received NaN"],
    [{ ...map, data: [1, 256] }, "Expected numbers between 0 and 255 for data of importance but received 256"],
    [{ ...map, data: [1, -1] }, "Expected numbers between 0 and 255 for data of importance but received -1"],
    [{ ...map, data: [1] }, "Expected the 2 numbers of its width and height for data of importance but received 1"],
    [{ ...map, data: 7 }, "Expected an array of numbers for data of importance but received 7"],
    [{ ...map, width: 0 }, "Expected an integer above 0 for width of importance but received 0"],
    [{ ...map, height: 1.5 }, "Expected an integer above 0 for height of importance but received 1.5"],
    [{}, "Expected an integer above 0 for width of importance but received undefined"],
    [[7], "Expected { x, y, width, height, weight } for rectangle 0 of importance but received 7"],
    [[area, { ...area, x: 256 }], "Expected a place inside of the picture of 256 x 192 pixels for rectangle 1"],
    [[{ ...area, y: -8 }], "Expected a place inside of the picture of 256 x 192 pixels for rectangle 0"],
    [[{ ...area, width: 0 }], 'Expected sides above 0 for rectangle 0 of importance but received "0 x 8"'],
    [[{ ...area, height: Number.NaN }], "Expected a finite number for height of rectangle 0 of importance"],
    [[{ ...area, weight: -1 }], "Expected 0 or more for weight of rectangle 0 of importance but received -1"],
    [[{ ...area, weight: undefined }], "Expected a finite number for weight of rectangle 0 of importance"],
  ])("%j", async (importance, message) => {
    const encoding = codec.encode(picture, { importance: importance as Importance });
    await expect(encoding).rejects.toMatchObject({ code: "invalid-parameter" });
    await expect(encoding).rejects.toThrow(message);
  });

  test("for bare frames, and by models of one size", async () => {
    const bare = codec.encode(picture, { bare: true, importance: [area] });
    await expect(bare).rejects.toThrow("Expected a stream that is not bare for importance but received true");
    const vector = await Codec.create(goldenModel("vector"));
    const small = drawExactPicture({ width: 11, height: 7, channels: 4, kind: "scene", seed: 1 });
    await expect(vector.encode(small, { importance: [area] })).rejects.toThrow(
      'Expected a model of pictures of any size for importance but received "one of 11 x 7 pixels"',
    );
  });
});

describe("weights of blocks", () => {
  test("are the means of a map that is stretched over the picture", () => {
    const map = { data: [0, 100, 200, 40], width: 2, height: 2 };
    const blocks = { width: 4, height: 4 };
    expect([...blockWeights(map, { width: 8, height: 8 }, blocks)]).toEqual([0, 100, 200, 40]);
    expect([...blockWeights(map, { width: 4, height: 8 }, blocks)]).toEqual([50, 120]);
    // The map's columns meet at 4.5 pixels: the second block shows an eighth of the first column, and the third is one pixel wide.
    const wide = [...blockWeights(map, { width: 9, height: 4 }, blocks)];
    [100, (0.5 * 100 + 3.5 * 70) / 4, 70].forEach((mean, i) => {
      expect(wide[i]).toBeCloseTo(mean, 12);
    });
  });

  test("are those of rectangles by their share, the later over the earlier, 1 elsewhere", () => {
    const areas = [
      { x: 0, y: 0, width: 6, height: 4, weight: 3 },
      { x: -5, y: 0, width: 7, height: 4, weight: 0 },
    ];
    const weights = blockWeights(areas, { width: 12, height: 8 }, { width: 4, height: 4 });
    expect([...weights]).toEqual([1.5, 2, 1, 1, 1, 1]);
  });
});

describe("steps of places", () => {
  const size = { width: 256, height: 192 };
  const levelsAt = (level: number, importance: Importance): number[] => {
    const places = placesAt(weighBlocks(importance, size, model.configuration), level, model.configuration)!;
    return Array.from(places.steps, (step) => level + levelsPerStep * (step - middleStep));
  };

  test("stay within one step of the levels that there are", () => {
    for (const level of [0, 3, 100, 250, 255]) {
      const importance = [{ ...inside, weight: 100 }];
      const places = placesAt(weighBlocks(importance, size, model.configuration), level, model.configuration);
      for (const step of places?.steps ?? []) {
        expect(level + levelsPerStep * (step - middleStep)).toBeGreaterThan(-levelsPerStep);
        expect(level + levelsPerStep * (step - middleStep)).toBeLessThan(255 + levelsPerStep);
      }
    }
  });

  test("grow with the weight, up and down from the level itself", () => {
    const gradual = { data: Uint8Array.from({ length: 32 }, (_, i) => 8 * i + 7), width: 32, height: 1 };
    const levels = levelsAt(128, gradual).slice(0, 32);
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(levels[0]).toBeLessThan(128);
    expect(levels[31]).toBeGreaterThan(128);
  });

  test("are qualities of the cells of their blocks", () => {
    const steps = Uint8Array.of(16, 17, 0, 32);
    const cells = { patch: { width: 8, height: 8 } };
    const size = { width: 20, height: 24 };
    const qualities = placesOf({ side: 16, steps }, cells, 128, size, 1, 3)!;
    const [same, up, low, high] = [128, 144, 0, 255].map((level) => coordinateOf({}, level));
    expect([...qualities]).toEqual([same, same, up, low, low, high]);
    expect(placesOf(undefined, cells, 128, size, 1, 3)).toBe(undefined);
  });
});
