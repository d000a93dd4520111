import { expect, test } from "vitest";
import { costOfFrames, costOfModel } from "../fuzz/cost.js";
import { Dice } from "../fuzz/dice.js";

/** A short run of what `npm run fuzz` does at length: extreme models and sizes, and many frames. */
test("inputs of few bytes hold nobody up, whatever they cost", async () => {
  for (let index = 0; index < 25; index++)
    expect(await costOfModel(new Dice(7, index)).run(), `${index}`).toBeUndefined();
  for (let index = 0; index < 10; index++)
    expect(await costOfFrames(new Dice(8, index)).run(), `${index}`).toBeUndefined();
});
