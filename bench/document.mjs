// Writes docs/BENCHMARKS.md and docs/TRUST.md from the files of bench/results, draws the chart of the former, and fills rows of the README's table:
//   npm run bench:docs
// Each section is made by a function of bench/document, whose file has the name of the results that it shows.
import { readdir, readFile, writeFile } from "node:fs/promises";
import "./chart.mjs";
import { batchSection } from "./document/batches.mjs";
import { browserSection } from "./document/browser.mjs";
import { bundleSection } from "./document/bundles.mjs";
import { butteraugliSection } from "./document/butteraugli.mjs";
import { decoderSection } from "./document/decoders.mjs";
import { demoSection } from "./document/demo.mjs";
import { differenceSection } from "./document/difference.mjs";
import { domainSection } from "./document/domains.mjs";
import { engineSection } from "./document/engines.mjs";
import { evidenceSection } from "./document/evidence.mjs";
import { fuzzSection } from "./document/fuzz.mjs";
import { integritySection } from "./document/integrity.mjs";
import { kernelSection } from "./document/kernels.mjs";
import { kodakSection } from "./document/kodak.mjs";
import { limitSection } from "./document/limits.mjs";
import { looksPage } from "./document/looks.mjs";
import { maskingSection } from "./document/masking.mjs";
import { memorySection } from "./document/memory.mjs";
import { mnistSection } from "./document/mnist.mjs";
import { previewSection } from "./document/previews.mjs";
import { readmeWith } from "./document/readme.mjs";
import { restorationSection } from "./document/restoration.mjs";
import { scenesSection } from "./document/scenes.mjs";
import { secondDecoderSection } from "./document/second-decoder.mjs";
import { servingSection } from "./document/serving.mjs";
import { sizeSection } from "./document/sizes.mjs";
import { soakSection } from "./document/soak.mjs";
import { sparseSection } from "./document/sparse.mjs";
import { stageSection } from "./document/stages.mjs";
import { trainingSection } from "./document/training.mjs";
import { variationalSection } from "./document/variational.mjs";

const results = new URL("results/", import.meta.url);
const read = async (name) => JSON.parse(await readFile(new URL(`${name}.json`, results), "utf8"));
const write = (name, parts) => writeFile(new URL(`../docs/${name}.md`, import.meta.url), `${parts.join("\n\n")}\n`);
const names = await readdir(results);
const kodakEfforts = names.filter((name) => /^kodak-effort-\d+\.json$/.test(name)).sort();
const engines = await read("engines");
const kodak = await read("kodak");
// Results at other efforts count as long as they are of the same model and photos.
const isComparable = ({ model, images }) => model.id === kodak.model.id && images.count === kodak.images.count;
const kodakResults = (await Promise.all(kodakEfforts.map((name) => read(name.slice(0, -5))))).filter(isComparable);
const readme = new URL("../README.md", import.meta.url);

await write("BENCHMARKS", [
  "# Benchmarks",
  `Made by \`npm run bench:docs\` from \`bench/results/*.json\`, which the command named in each section writes. All times are those of one shared machine: compare
them within a table, as ratios, and not between tables. Damage, engines and faults are in [TRUST.md](TRUST.md).`,
  ...kodakSection(kodak, kodakResults),
  ...butteraugliSection(await read("butteraugli")),
  ...decoderSection(await read("decoders")),
  ...stageSection(await read("stages")),
  ...sizeSection(await read("sizes")),
  ...domainSection(await read("domains")),
  ...mnistSection(await read("mnist")),
  ...variationalSection(await read("variational")),
  ...evidenceSection(await read("evidence")),
  ...differenceSection(await read("difference")),
  ...restorationSection(await read("restoration")),
  ...maskingSection(await read("masking")),
  ...sparseSection(await read("sparse")),
  ...previewSection(await read("previews")),
  ...kernelSection(await read("kernels")),
  ...trainingSection(await read("training")),
  ...batchSection(await read("batches")),
  ...memorySection(await read("memory")),
  ...browserSection(await read("browser")),
  ...bundleSection(await read("bundles")),
  ...demoSection(await read("demo")),
  ...(names.includes("serving.json") ? servingSection(await read("serving")) : []),
  ...scenesSection(await read("scenes")),
]);

await write("TRUST", [
  "# Trust: what is tested beyond the tests",
  `Made by \`npm run bench:docs\` from \`bench/results/*.json\`, which the command named in each section writes. [SECURITY.md](../SECURITY.md) says what is trusted, and which limits hold.`,
  ...fuzzSection(await read("fuzz")),
  ...limitSection(await read("limits")),
  ...integritySection(await read("integrity")),
  ...secondDecoderSection(engines),
  ...engineSection(engines),
  ...soakSection(await read("soak")),
]);

await write("LOOKS", looksPage(await read("looks")));

await writeFile(readme, readmeWith(await readFile(readme, "utf8"), kodak, kodakResults));
