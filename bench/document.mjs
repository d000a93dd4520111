// Writes docs/BENCHMARKS.md, docs/TRUST.md and docs/LOOKS.md from the files of bench/results, draws the chart of the first, and fills rows of the README's table:
//   npm run bench:docs
// Each section is made by the file of bench/document that has the name of its results.
import { readdir, readFile, writeFile } from "node:fs/promises";
import "./chart.mjs";
import { readmeWith } from "./document/readme.mjs";
import { place } from "./frame/places.mjs";
import { readResults } from "./frame/results.mjs";

const pages = {
  BENCHMARKS: {
    head: [
      "# Benchmarks",
      `Made by \`npm run bench:docs\` from \`bench/results/*.json\`, which the command named in each section writes. All times are those of one shared machine: compare
them within a table, as ratios, and not between tables. Damage, engines and faults are in [TRUST.md](TRUST.md).`,
    ],
    sections: [
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
    sections: ["fuzz", "limits", "integrity", "engines", "soak"],
  },
  LOOKS: { head: [], sections: ["looks"] },
};

const kodak = await readResults("kodak");
const names = (await readdir(place("bench/results"))).filter((name) => /^kodak-effort-\d+\.json$/.test(name)).sort();
const efforts = await Promise.all(names.map((name) => readResults(name.slice(0, -5))));
// Results at other efforts count as long as they are of the same model and photos.
const comparable = efforts.filter(
  ({ model, images }) => model.id === kodak.model.id && images.count === kodak.images.count,
);

for (const [page, { head, sections }] of Object.entries(pages)) {
  const parts = [...head];
  for (const name of sections) {
    const { section } = await import(`./document/${name}.mjs`);
    parts.push(...section(await readResults(name), name === "kodak" ? comparable : []));
  }
  await writeFile(place(`docs/${page}.md`), `${parts.join("\n\n")}\n`);
}
const readme = place("README.md");
await writeFile(readme, readmeWith(await readFile(readme, "utf8"), kodak, comparable));
