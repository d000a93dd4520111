// Peak memory of whole processes that go through each door with a picture of 2^28 pixels, or a model of tens of megabytes, beside what SECURITY.md states:
//   npm run bench:limits -- [--side 16384]
// Writes bench/results/limits.json and prints its table. The same at smaller pictures is a test (test/strangers/memory.test.ts).
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";

const { values: options } = parseArgs({ options: { side: { type: "string", default: "16384" } } });
const side = Number(options.side);
const { measuredPeak, peaksAt } = await loadSource();
const root = fileURLToPath(new URL("..", import.meta.url));
/** What garbage collection and the engine need besides. */
const spare = 96 * 2 ** 20;

const rows = [];
for (const peak of await peaksAt(side)) {
  const { bytes, told } = await measuredPeak(peak, root);
  if (told !== peak.told) giveUp(`Expected ${peak.told} of ${peak.name} but received ${told}`);
  rows.push({ name: peak.name, stated: peak.stated, measured: bytes });
}
await writeResults("limits", { side, spare, doors: rows });
const mebibytes = (bytes) => String(Math.round(bytes / 2 ** 20));
printTable(
  [`${side} x ${side} pixels`, "stated MiB", "peak MiB"],
  rows.map(({ name, stated, measured }) => [name, mebibytes(stated), mebibytes(measured)]),
);
if (rows.some(({ stated, measured }) => measured > stated + spare)) giveUp("Expected no peak beyond what is stated");
