// Peak memory of the command line on a picture of 100 megapixels, encoding and decoding each in a process of its own:
//   npm run bench:memory -- [--model FILE.isthm]
// Writes bench/results/memory.json and prints its section.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeImageRows } from "../dist/node.js";
import { optionsOf } from "./frame/options.mjs";
import { inFolder, place } from "./frame/places.mjs";
import { giveUp, report } from "./frame/results.mjs";

const width = 12500;
const height = 8000;
/** Megabytes (10^6 bytes) that each command may take. */
const budgets = { encode: 1500, decode: 1000 };

const options = optionsOf({ model: undefined });
const model = options.model ? ["--model", options.model] : [];

const rows = await inFolder("memory", async (folder) => {
  const [picture, stream, result] = ["picture.jpg", "picture.isth", "result.png"].map((name) => join(folder, name));
  await writeImageRows({ width, height, channels: 3, rows: drawRows() }, picture);
  return [await measure(folder, "encode", picture, stream), await measure(folder, "decode", stream, result)];
});
await report("memory", { width, height, commands: rows });
if (rows.some(({ peak, budget }) => peak >= budget)) giveUp("Expected every peak to stay below its budget");

/** Smooth shades, edges and noise, a row at a time. */
async function* drawRows() {
  const row = new Uint8Array(width * 3);
  let noise = 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const edge = (x + 2 * y) % 977 < 300 ? 30 : 0;
      for (let c = 0; c < 3; c++) {
        noise = (Math.imul(noise, 1664525) + 1013904223) | 0;
        const shade = 110 + 60 * Math.sin(x / 170 + c) + 40 * Math.cos(y / 230 + 2 * c);
        row[3 * x + c] = shade + edge + (noise >>> 28);
      }
    }
    yield row;
  }
}

async function measure(folder, command, input, output) {
  const peakFile = join(folder, "peak");
  const program = ["--import", place("bench/memory/report-peak.mjs"), place("dist/cli.js")];
  const words = [...program, command, input, "-o", output, ...model];
  const start = performance.now();
  await promisify(execFile)(process.execPath, words, { env: { ...process.env, PEAK_REPORT: peakFile } });
  const seconds = (performance.now() - start) / 1000;
  const kibibytes = Number(await readFile(peakFile, "utf8"));
  return { command, peak: (kibibytes * 1024) / 1e6, budget: budgets[command], seconds };
}
