import { tableText } from "../frame/results.mjs";
import { facts, grouped } from "./words.mjs";

export function section({ side, spare, doors, ...run }) {
  const mebibytes = (bytes) => grouped(Math.round(bytes / 2 ** 20));
  const rows = doors.map(({ name, stated, measured }) => [name, mebibytes(stated), mebibytes(measured)]);
  return [
    "## Memory at the limits",
    `${facts(run)} The largest resident memory of whole processes that go through a door, in MiB, beyond the same program with little to do, and beside what was handed in:
streams of a few hundred bytes for pictures of ${grouped(side)} x ${grouped(side)} pixels, and a model of 51 MiB whose weights take 400 in memory. SECURITY.md states the limits; ${mebibytes(spare)} MiB are left to garbage
collection and the engine. The same is a test at a quarter of the pixels (\`test/strangers/memory.test.ts\`).`,
    tableText(["door", "stated MiB", "peak MiB"], rows),
  ];
}
