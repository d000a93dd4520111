import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { place } from "./places.mjs";

/** Reduced runs, which `npm run bench` asks for, do not replace the results of whole ones. */
const isQuick = process.env.BENCH_QUICK === "1";

/** `--output FOLDER` of any benchmark: what it writes goes there, and the repository stays as it is. */
const { output } = parseArgs({ options: { output: { type: "string" } }, strict: false }).values;

/** The results of a benchmark that are there: those of the output folder, or else the repository's. */
export async function readResults(name) {
  const folders = [...(output ? [resolve(output)] : []), place("bench/results")];
  for (const [i, folder] of folders.entries()) {
    const text = await readFile(join(folder, `${name}.json`), "utf8").catch((error) => {
      if (i === folders.length - 1) throw error;
    });
    if (text) return JSON.parse(text);
  }
}

/** The path of a picture or page that a benchmark writes: in docs/, or in the output folder. */
export async function docsPlace(path) {
  const file = output ? resolve(output, path) : place(join("docs", path));
  await mkdir(join(file, ".."), { recursive: true });
  return file;
}

/**
 * Writes the results of a benchmark and prints the section that bench/document/ makes of them for docs/BENCHMARKS.md or docs/TRUST.md, so that both say the
 * same. `file`: another name for the results.
 */
export async function report(name, figures, { file = name, ...settings } = {}) {
  const written = await writeResults(file, figures, settings);
  const { sections } = await import("../document/sections.mjs");
  console.log(`${(await sections[name](written)).join("\n\n")}\n`);
}

/** Writes bench/results/`name`.json (or bench/results/quick/`name`.json, marked as quick): when, on what and by which command, then the figures. Returns what is written. */
export async function writeResults(name, figures, { command = `npm run bench:${name}`, quick = isQuick } = {}) {
  const facts = {
    benchmark: name,
    date: new Date().toISOString().slice(0, 10),
    command: [command, ...argumentsOf(wordsGiven())].join(" "),
    processor: cpus()[0].model,
    node: process.version,
    ...(quick && { quick: true }),
  };
  const folder = output ?? place(quick ? "bench/results/quick" : "bench/results");
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify({ ...facts, ...figures }, round, 1);
  await writeFile(join(folder, `${name}.json`), `${text}\n`);
  return JSON.parse(text);
}

/** Where results go is no part of how they were made. */
function wordsGiven() {
  const words = process.argv.slice(2);
  const at = words.indexOf("--output");
  return at < 0 ? words : words.toSpliced(at, 2);
}

/** Model and image folders are the reader's own: only their last name is told. */
const argumentsOf = (words) =>
  words.length ? ["--", ...words.map((word) => (word.includes(" ") ? `"${namesOf(word)}"` : namesOf(word)))] : [];

const namesOf = (word) =>
  word
    .split(" ")
    .map((part) => basename(part.replaceAll("\\", "/")))
    .join(" ");

/** Six significant digits are more than any of these figures is worth. */
const round = (_, value) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
