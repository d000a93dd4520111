// Every bit of ten streams flipped, one at a time, and every one of them cut to every length: what comes of it.
//   npm run bench:integrity
// Writes bench/results/integrity.json and prints its section. The exit status is 1 where a damaged stream gave a picture.
import { giveUp, golden, loadSource, report } from "./frame/index.mjs";

const { damageEverywhere, integrityStreams, createDecoder } = await loadSource();
const streams = [];
for (const { name, model } of integrityStreams) {
  const decoder = await createDecoder(await golden(`${model}.isthm`));
  streams.push({ name, model, ...(await damageEverywhere(decoder, await golden(`${name}.isth`))) });
}
await report("integrity", { streams });
if (streams.some(({ flips, cuts }) => flips.wrong + cuts.wrong > 0))
  giveUp("Expected an error from every damaged stream");
