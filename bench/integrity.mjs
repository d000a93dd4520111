// Every bit of ten streams flipped, one at a time, and every one of them cut to every length: what comes of it.
//   npm run bench:integrity
// Writes bench/results/integrity.json and prints its table. The exit status is 1 where a damaged stream gave a picture.

import { readFile } from "node:fs/promises";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";

const { damageEverywhere, integrityStreams, createDecoder } = await loadSource();
const read = async (file) => new Uint8Array(await readFile(new URL(`../test/vectors/golden/${file}`, import.meta.url)));

const streams = [];
for (const { name, model } of integrityStreams) {
  const decoder = await createDecoder(await read(`${model}.isthm`));
  streams.push({ name, model, ...(await damageEverywhere(decoder, await read(`${name}.isth`))) });
}
await writeResults("integrity", { streams });
const cells = ({ refused, unharmed, wrong }) => [refused, unharmed, wrong].map(String);
printTable(
  [
    "stream",
    "bytes",
    "flips refused",
    "unharmed",
    "wrong",
    "cuts refused",
    "unharmed",
    "wrong",
    "forgeries refused",
    "unharmed",
    "another picture",
  ],
  streams.map(({ name, bytes, flips, cuts, forgeries }) => [
    name,
    String(bytes),
    ...cells(flips),
    ...cells(cuts),
    ...cells(forgeries),
  ]),
);
if (streams.some(({ flips, cuts }) => flips.wrong + cuts.wrong > 0))
  giveUp("Expected an error from every damaged stream");
