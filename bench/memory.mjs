// Peak memory of the command line on a picture of 100 megapixels, encoding and decoding each in a process of its own:
//   npm run bench:memory -- [--model FILE.isthm]
// Writes bench/results/memory.json and prints its table.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { writeImageRows } from "../dist/node.js";
import { giveUp, printTable, writeResults } from "./results.mjs";

const width = 12500;
const height = 8000;
/** Megabytes (10^6 bytes) that each command may take. */
const budgets = { encode: 1500, decode: 1000 };

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({ options: { model: { type: "string" } } });
const model = options.model ? ["--model", options.model] : [];

const folder = await mkdtemp(join(tmpdir(), "isthmus-memory-"));
const rows = [];
try {
  const [picture, stream, result] = ["picture.jpg", "picture.isth", "result.png"].map((name) => join(folder, name));
  await writeImageRows({ width, height, channels: 3, rows: drawRows() }, picture);
  rows.push(await measure("encode", [picture, "-o", stream]));
  rows.push(await measure("decode", [stream, "-o", result]));
} finally {
  await rm(folder, { recursive: true });
}
await writeResults("memory", { width, height, commands: rows });
printTable(
  [`${width} x ${height} pixels`, "peak MB", "budget MB", "seconds"],
  rows.map(({ command, peak, budget, seconds }) => [command, peak.toFixed(0), String(budget), seconds.toFixed(1)]),
);
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

async function measure(command, files) {
  const report = join(folder, "peak");
  const words = ["--import", here("memory/report-peak.mjs"), here("../dist/cli.js"), command, ...files, ...model];
  const start = performance.now();
  await promisify(execFile)(process.execPath, words, { env: { ...process.env, PEAK_REPORT: report } });
  const seconds = (performance.now() - start) / 1000;
  const kibibytes = Number(await readFile(report, "utf8"));
  return { command, peak: (kibibytes * 1024) / 1e6, budget: budgets[command], seconds };
}
