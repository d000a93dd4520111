import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";

/** Reduced runs, which `npm run bench` asks for, do not replace the results of whole ones. */
const isQuick = process.env.BENCH_QUICK === "1";

const results = new URL("../results/", import.meta.url);

/** The results of a benchmark that are there. */
export const readResults = async (name) => JSON.parse(await readFile(new URL(`${name}.json`, results), "utf8"));

/**
 * Writes the results of a benchmark and prints the section that bench/document/`name`.mjs makes of them for docs/BENCHMARKS.md or docs/TRUST.md, so that both
 * say the same. `file`: another name for the results.
 */
export async function report(name, figures, { file = name, ...settings } = {}) {
  const written = await writeResults(file, figures, settings);
  const { section } = await import(`../document/${name}.mjs`);
  console.log(`${section(written).join("\n\n")}\n`);
}

/** Writes bench/results/`name`.json (or bench/results/quick/`name`.json, marked as quick): when, on what and by which command, then the figures. Returns what is written. */
export async function writeResults(name, figures, { command = `npm run bench:${name}`, quick = isQuick } = {}) {
  const facts = {
    benchmark: name,
    date: new Date().toISOString().slice(0, 10),
    command: [command, ...argumentsOf(process.argv.slice(2))].join(" "),
    processor: cpus()[0].model,
    node: process.version,
    ...(quick && { quick: true }),
  };
  const folder = quick ? new URL("quick/", results) : results;
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify({ ...facts, ...figures }, round, 1);
  await writeFile(new URL(`${name}.json`, folder), `${text}\n`);
  return JSON.parse(text);
}

/** Model and image folders are the reader's own: only their last name is told. */
const argumentsOf = (words) =>
  words.length ? ["--", ...words.map((word) => (word.includes(" ") ? `"${namesOf(word)}"` : namesOf(word)))] : [];

const namesOf = (word) =>
  word
    .split(" ")
    .map((part) => part.split(/[\\/]/).pop())
    .join(" ");

/** Six significant digits are more than any of these figures is worth. */
const round = (_, value) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

/** A Markdown table; `rows` are arrays of text, the first column is text, the others are numbers. */
export function tableText(head, rows) {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

export function printTable(head, rows) {
  console.log(`${tableText(head, rows)}\n`);
}

/** Ends a benchmark that cannot run. */
export function giveUp(reason) {
  console.error(reason);
  process.exit(1);
}
