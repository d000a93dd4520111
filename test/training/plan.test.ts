import { expect, test } from "vitest";
import { weightsAt } from "../../src/distortion/weights.js";
import { drawPictures } from "../reference/pictures.js";
import { planned } from "./planned.js";

test("a point of the score is worth the same at a lambda, whatever the range of qualities", async () => {
  const pictures = drawPictures(4, 96, 80, 3);
  const options = { preset: "photo", from: null, tune: "ssimulacra2" } as const;
  const { configuration: usual } = await planned(pictures, options);
  const lambda = { low: usual.lambda.low / 2, high: usual.lambda.high * 3 };
  const { configuration: wider } = await planned(pictures, { ...options, lambda });
  expect(wider.lambda).toEqual(lambda);
  for (const q of [-1, 0, 1]) {
    const { error, score } = weightsAt(usual, q);
    const own = (1 - usual.ssimulacra2!.share) * lambda.low;
    const place = (2 * Math.log(error / own)) / Math.log(lambda.high / lambda.low) - 1;
    expect(weightsAt(wider, place).score / score).toBeCloseTo(1, 2);
  }
  const { configuration: samples } = await planned(pictures, { ...options, tune: "psnr", lambda });
  expect(samples).toMatchObject({ lambda });
  expect(samples.ssimulacra2).toBe(undefined);
});
