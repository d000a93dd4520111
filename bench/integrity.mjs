// Every bit of ten streams flipped, one at a time, and every one of them cut to every length: what comes of it.
//   npm run bench:integrity
// Writes bench/results/integrity.json and prints its table. The exit status is 1 where a damaged stream gave a picture.

import { readFile } from "node:fs/promises";
import { integrityTable } from "./document/integrity.mjs";
import { loadSource } from "./load-source.mjs";
import { giveUp, writeResults } from "./results.mjs";

const { damageEverywhere, integrityStreams, createDecoder } = await loadSource();
const read = async (file) => new Uint8Array(await readFile(new URL(`../test/vectors/golden/${file}`, import.meta.url)));

const streams = [];
for (const { name, model } of integrityStreams) {
  const decoder = await createDecoder(await read(`${model}.isthm`));
  streams.push({ name, model, ...(await damageEverywhere(decoder, await read(`${name}.isth`))) });
}
await writeResults("integrity", { streams });
console.log(`${integrityTable(streams)}\n`);
if (streams.some(({ flips, cuts }) => flips.wrong + cuts.wrong > 0))
  giveUp("Expected an error from every damaged stream");
