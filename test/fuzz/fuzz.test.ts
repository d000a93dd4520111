import { expect, test } from "vitest";
import { fuzz } from "./fuzz.js";
import { readSubjects } from "./subjects.js";
import { targets } from "./targets.js";

/** A short run of `npm run fuzz`. */
test("thousands of broken and unusual inputs bring nothing but documented errors and true pictures", async () => {
  const subjects = await readSubjects(new URL("../vectors/golden/", import.meta.url));
  const report = await fuzz(subjects, { seed: 21, inputs: 8000 });
  expect(report.findings).toEqual([]);
  expect(report.inputs).toBe(8000);
  // Mutators that spoil everything at once, or nothing, would find nothing either.
  for (const { name } of targets) {
    const { inputs, accepted } = report.targets[name];
    expect(inputs, name).toBeGreaterThan(name === "command line" ? 0 : 10);
    expect(accepted, name).toBeGreaterThan(name === "receiver" ? -1 : 0);
  }
  expect(report.targets.decode.accepted / report.targets.decode.inputs).toBeGreaterThan(0.03);
});

test("an input is the same whenever it is made", async () => {
  const subjects = await readSubjects(new URL("../vectors/golden/", import.meta.url));
  const whole = await fuzz(subjects, { seed: 5, inputs: 60 });
  const parts = [
    await fuzz(subjects, { seed: 5, inputs: 31 }),
    await fuzz(subjects, { seed: 5, first: 31, inputs: 29 }),
  ];
  for (const { name } of targets) {
    const counts = parts.map((part) => part.targets[name]);
    expect(counts[0].inputs + counts[1].inputs, name).toBe(whole.targets[name].inputs);
    expect(counts[0].accepted + counts[1].accepted, name).toBe(whole.targets[name].accepted);
  }
});
