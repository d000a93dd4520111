// Draws docs/kodak.svg, the rate-distortion chart, from bench/results/kodak.json:
//   npm run bench:chart
import { writeFile } from "node:fs/promises";
import { loadSource } from "./frame/load-source.mjs";
import { place } from "./frame/places.mjs";
import { readResults } from "./frame/results.mjs";

const { drawChart } = await loadSource();
const results = await readResults("kodak");
const chart = drawChart(results, `${results.images.count} Kodak photos, embedded model ${results.model.id}`);
await writeFile(place("docs/kodak.svg"), chart);
