import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { coordinateOf } from "../../src/codec/latents/quality.js";
import { ssimulacra2 } from "../../src/metric/ssimulacra2.js";
import { evenScores } from "../../src/training/quality-scale.js";
import { train } from "../../src/training/train.js";
import { decodeStream } from "../reference/decoder/decode.js";
import { ReferenceModel } from "../reference/decoder/model.js";
import { drawPictures } from "../reference/pictures.js";

describe("coordinates of evenly spaced scores", () => {
  /** The score at a coordinate, by the same nine points that `evenScores` knows. */
  const scoreAt = (scores: readonly number[], coordinate: number): number => {
    const place = (coordinate + 1) * 4;
    const i = Math.min(Math.floor(place), 7);
    return scores[i] + (place - i) * (scores[i + 1] - scores[i]);
  };

  test("begin at 15 points where the network goes lower, and end at its best", () => {
    const scores = [-9, 20, 40, 55, 66, 75, 82, 87, 90];
    const scale = evenScores(scores)!;
    expect(scale).toHaveLength(16);
    scale.forEach((coordinate, i) => {
      expect(scoreAt(scores, coordinate)).toBeCloseTo(15 + 5 * i, 1);
    });
    expect(scale[15]).toBe(1);
  });

  test("begin at the lowest score where that is above 15", () => {
    const scale = evenScores([45, 50, 55, 60, 65, 70, 75, 80, 85])!;
    scale.forEach((coordinate, i) => {
      expect(coordinate).toBeCloseTo(-1 + (2 * i) / 15, 3);
    });
  });

  test("rise, also where scores fall or stay", () => {
    const scale = evenScores([0, 30, 20, 60, 60, 60, 70, 65, 69])!;
    for (let i = 1; i < scale.length; i++) expect(scale[i]).toBeGreaterThan(scale[i - 1]);
    expect(scale[0]).toBeGreaterThanOrEqual(-1);
    expect(scale[15]).toBe(1);
  });

  test("are none where quality makes no difference", () => {
    expect(evenScores(new Array(9).fill(80))).toBe(undefined);
    expect(evenScores([50, 50, 51, 51, 52, 52, 53, 53, 54])).toBe(undefined);
  });
});

test("coordinates lie between those of the scale", () => {
  expect([0, 255].map((level) => coordinateOf({}, level))).toEqual([-1, 1]);
  expect(coordinateOf({}, 100)).toBe(Math.fround(200 / 255 - 1));
  const qualityScale = [-1, -0.5, 0.5, 1];
  expect([0, 85, 170, 255].map((level) => coordinateOf({ qualityScale }, level))).toEqual(qualityScale);
  expect(coordinateOf({ qualityScale }, 102)).toBe(Math.fround(-0.5 + 0.2));
});

test("a model trained for what people see has a scale, by which all decoders decode", { timeout: 60_000 }, async () => {
  const pictures = drawPictures(6, 96, 80, 3);
  const options = {
    preset: "photo",
    tune: "ssimulacra2",
    steps: 60,
    crop: 64,
    batch: 2,
    seed: 4,
    difference: 0,
  } as const;
  const model = await train(pictures, options);
  const { qualityScale } = model.configuration;
  expect(qualityScale).toHaveLength(16);
  const codec = await Codec.create(model);
  const reference = new ReferenceModel(model.bytes);
  const importance = [{ x: 10, y: 10, width: 40, height: 40, weight: 6 }];
  const scores: number[] = [];
  for (const quality of [0, 20, 40, 60, 80, 100]) {
    const bytes = await codec.encode(pictures[2], { quality, importance });
    expect(decodeStream(reference, bytes)).toEqual(await codec.decode(bytes));
    const found = [];
    for (const picture of pictures) {
      found.push(await ssimulacra2(picture, await codec.decode(await codec.encode(picture, { quality }))));
    }
    scores.push(found.reduce((sum, score) => sum + score, 0) / found.length);
  }
  // Equal steps, but for what twelve crops tell less than whole pictures.
  const step = (scores[5] - scores[0]) / 5;
  for (let i = 1; i < 6; i++) {
    expect(scores[i] - scores[i - 1]).toBeGreaterThan(0.4 * step);
    expect(scores[i] - scores[i - 1]).toBeLessThan(1.8 * step);
  }

  // Whoever goes on from it finds a scale of their own.
  const next = await train(pictures, { ...options, steps: 1, from: model });
  expect(next.configuration.qualityScale).toHaveLength(16);
  const samples = await train(pictures, { ...options, steps: 1, tune: "psnr", from: model });
  expect(samples.configuration.qualityScale).toBe(undefined);
});
