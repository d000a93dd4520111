// Every bit of ten streams flipped, one at a time, and every one of them cut to every length: what comes of it.
//   npm run bench:integrity
// Writes bench/results/integrity.json and prints its section. The exit status is 1 where a damaged stream gave a picture.

import { readFile } from "node:fs/promises";
import { loadSource } from "./frame/load-source.mjs";
import { giveUp, report } from "./frame/results.mjs";

const { damageEverywhere, integrityStreams, createDecoder } = await loadSource();
const read = async (file) => new Uint8Array(await readFile(new URL(`../test/vectors/golden/${file}`, import.meta.url)));

const streams = [];
for (const { name, model } of integrityStreams) {
  const decoder = await createDecoder(await read(`${model}.isthm`));
  streams.push({ name, model, ...(await damageEverywhere(decoder, await read(`${name}.isth`))) });
}
await report("integrity", { streams });
if (streams.some(({ flips, cuts }) => flips.wrong + cuts.wrong > 0))
  giveUp("Expected an error from every damaged stream");
