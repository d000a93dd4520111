// Peak memory of whole processes that go through each door with a picture of 2^28 pixels, or a model of tens of megabytes, beside what SECURITY.md states:
//   npm run bench:limits -- [--side 16384]
// Writes bench/results/limits.json and prints its section. The same at smaller pictures is a test (test/strangers/memory.test.ts).
import { giveUp, loadSource, optionsOf, place, report } from "./frame/index.mjs";

const { side } = optionsOf({ side: 16384 });
const { measuredPeak, peaksAt } = await loadSource();
/** What garbage collection and the engine need besides. */
const spare = 96 * 2 ** 20;

const rows = [];
for (const peak of await peaksAt(side)) {
  const { bytes, told } = await measuredPeak(peak, place(""));
  if (told !== peak.told) giveUp(`Expected ${peak.told} of ${peak.name} but received ${told}`);
  rows.push({ name: peak.name, stated: peak.stated, measured: bytes });
}
await report("limits", { side, spare, doors: rows });
if (rows.some(({ stated, measured }) => measured > stated + spare)) giveUp("Expected no peak beyond what is stated");
