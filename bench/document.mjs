// Writes docs/BENCHMARKS.md, docs/TRUST.md and docs/LOOKS.md from the files of bench/results, draws docs/kodak.svg, the rate-distortion chart of the first, and
// fills rows of the README's table and the table of docs/DIFFERENCE.md:
//   npm run bench:docs
import { readdir, readFile, writeFile } from "node:fs/promises";
import { readmeWith } from "./document/readme.mjs";
import { sections } from "./document/sections.mjs";
import { loadSource, place, readResults } from "./frame/index.mjs";

const pages = {
  BENCHMARKS: {
    head: [
      "# Benchmarks",
      `Made by \`npm run bench:docs\` from \`bench/results/*.json\`, which the command named in each section writes. All times are those of one shared machine: compare
them within a table, as ratios, and not between tables. Damage, engines and faults are in [TRUST.md](TRUST.md).`,
    ],
    names: [
      ...["kodak", "butteraugli", "decoders", "stages", "sizes", "domains", "mnist", "variational", "evidence"],
      ...["difference", "restoration", "masking", "sparse", "previews", "kernels", "training", "batches", "memory"],
      ...["browser", "bundles", "demo", "serving", "scenes"],
    ],
  },
  TRUST: {
    head: [
      "# Trust: what is tested beyond the tests",
      `Made by \`npm run bench:docs\` from \`bench/results/*.json\`, which the command named in each section writes. [SECURITY.md](../SECURITY.md) says what is trusted, and which limits hold.`,
    ],
    names: ["fuzz", "limits", "integrity", "engines", "soak"],
  },
  LOOKS: { head: [], names: ["looks"] },
};

const kodak = await readResults("kodak");
const files = (await readdir(place("bench/results"))).sort();
const resultsOf = (pattern) =>
  Promise.all(files.filter((name) => pattern.test(name)).map((name) => readResults(name.slice(0, -5))));
// Results at other efforts count as long as they are of the same model and photos.
const comparable = (await resultsOf(/^kodak-effort-\d+\.json$/)).filter(
  ({ model, images }) => model.id === kodak.model.id && images.count === kodak.images.count,
);
const ofSquaredError = await resultsOf(/^kodak-photo-psnr-effort-\d+\.json$/);

for (const [page, { head, names }] of Object.entries(pages)) {
  const parts = [...head];
  for (const name of names) parts.push(...(await sections[name](await readResults(name), comparable, ofSquaredError)));
  await writeFile(place(`docs/${page}.md`), `${parts.join("\n\n")}\n`);
}
const { drawChart } = await loadSource();
const chart = drawChart(kodak, `${kodak.images.count} Kodak photos, embedded model ${kodak.model.id}`);
await writeFile(place("docs/kodak.svg"), chart);
await change("README.md", (text) => readmeWith(text, kodak, comparable));
const difference = sections.difference(await readResults("difference"));
await change("docs/DIFFERENCE.md", (text) => text.replace(/(?<=\n)\| accepted .*?\n(?=\n)/s, `${difference.at(-1)}\n`));

async function change(path, changed) {
  await writeFile(place(path), changed(await readFile(place(path), "utf8")));
}
