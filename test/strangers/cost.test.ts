import { expect, test } from "vitest";
import { doors } from "../fuzz/cost.js";
import { RecordedDice } from "../fuzz/dice.js";
import { again, search } from "../fuzz/search.js";
import { readSubjects } from "../fuzz/subjects.js";

const subjects = await readSubjects(new URL("../vectors/golden/", import.meta.url));

/** A short run of the search that `npm run fuzz` does at length, through every door. */
test("inputs of few bytes take neither more time nor more memory than is promised", { timeout: 300_000 }, async () => {
  const report = await search(subjects, { seed: 7, inputs: 90 });
  expect(report.findings).toEqual([]);
  for (const [name, { inputs, time }] of Object.entries(report.doors)) {
    expect(inputs, name).toBeGreaterThan(0);
    expect(time, name).toBeGreaterThan(0);
  }
});

test("an input is made again from its choices", async () => {
  for (const door of doors) {
    const first = new RecordedDice(3, 11);
    const { input } = door.make(subjects, first);
    const second = new RecordedDice(4, 12, first.choices);
    expect(door.make(subjects, second).input, door.name).toEqual(input);
    expect(second.choices, door.name).toEqual(first.choices);
    expect((await again(subjects, door.name, first.choices)).told).not.toBe("");
  }
});
