// Millions of broken, forged and unusual inputs for everything that reads bytes from outside: see test/fuzz and docs/TRUST.md.
//   npm run fuzz -- [--inputs 10000000] [--seed 1] [--first 0] [--minutes M] [--workers 2] [--results NAME]
// Input i of a seed is always the same: --seed S --first I --inputs 1 repeats a finding. Writes bench/results/fuzz.json now and then
// and at the end. The exit status is 1 where anything was found.
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { printTable, writeResults } from "./results.mjs";

const hangSeconds = 60;
/** Inputs after which a worker tells what it saw. */
const pieceInputs = 5000;
/** Inputs after which the results are written. */
const savedInputs = 100_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (isMainThread) await main();
else await work();

/** Runs inputs in pieces; the main thread sees in `progress` which input is at work. */
async function work() {
  // Most inputs end in an error, and its stack is what takes longest.
  Error.stackTraceLimit = 3;
  const { bundle, golden, seed, first, inputs, progress } = workerData;
  const { fuzz, readSubjects } = await import(bundle);
  const subjects = await readSubjects(new URL(golden));
  const current = new Float64Array(progress);
  for (let start = first; start < first + inputs; start += pieceInputs) {
    const count = Math.min(pieceInputs, first + inputs - start);
    const onInput = (index) => {
      current[0] = index;
      current[1] = Date.now();
    };
    parentPort.postMessage(await fuzz(subjects, { seed, first: start, inputs: count, onInput }));
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      inputs: { type: "string", default: "10000000" },
      seed: { type: "string", default: "1" },
      first: { type: "string", default: "0" },
      minutes: { type: "string", default: "Infinity" },
      workers: { type: "string", default: "2" },
      results: { type: "string", default: "fuzz" },
    },
  });
  const { results, ...numbers } = values;
  const { inputs, seed, first, minutes, workers } = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, Number(value)]),
  );
  // A bundle of its own, so that a build in the meantime changes nothing; beside others, where packages are found.
  const folder = await mkdtemp(here("../build/fuzz-"));
  const { build } = await import("tsup");
  await build({
    entry: { fuzz: here("../test/fuzz/index.ts") },
    ...{ outDir: folder, format: "esm", splitting: false, removeNodeProtocol: false, config: false, silent: true },
  });
  const bundle = join(folder, "fuzz.mjs");
  await copyFile(join(folder, "fuzz.js"), bundle);
  const { mergeReports, newReport, bounds } = await import(pathToFileURL(bundle).href);
  const golden = new URL("../test/vectors/golden/", import.meta.url).href;
  const started = Date.now();
  const deadline = started + minutes * 60_000;
  let total = newReport();
  let saved = 0;

  const save = () => {
    const { findings, targets, ...figures } = total;
    const seconds = Math.round((Date.now() - started) / 1000);
    const tallies = Object.entries(targets).map(([target, { milliseconds, ...tally }]) => ({ target, ...tally }));
    return writeResults(
      results,
      { seed, first, seconds, bounds, ...figures, targets: tallies, findings },
      { command: "npm run fuzz" },
    );
  };
  const share = Math.ceil(inputs / workers);
  const run = async (from, count) => {
    while (count > 0 && Date.now() < deadline) {
      const { report, done } = await runWorker(
        { bundle: pathToFileURL(bundle).href, golden, seed, first: from, inputs: count },
        deadline,
        async (part) => {
          total = mergeReports([total, part]);
          if (total.inputs - saved < savedInputs) return;
          saved = total.inputs;
          console.log(`${new Date().toISOString()} ${total.inputs} inputs, ${total.findings.length} findings`);
          await save();
        },
      );
      if (report) total.findings.push({ ...report, seed });
      count -= done;
      from += done;
    }
  };
  await Promise.all(
    Array.from({ length: workers }, (_, i) => run(first + i * share, Math.min(share, inputs - i * share))),
  );
  await save();
  await rm(folder, { recursive: true });
  printTable(
    ["way in", "inputs", "accepted", "refused"],
    Object.entries(total.targets).map(([name, { inputs: count, accepted }]) => [
      name,
      String(count),
      String(accepted),
      String(count - accepted),
    ]),
  );
  for (const { kind, target, index, message } of total.findings)
    console.error(`${kind}: ${target}, input ${index}: ${message}`);
  console.log(`${total.inputs} inputs, ${total.findings.length} findings`);
  if (total.findings.length > 0) process.exitCode = 1;
}

/** Ends with the inputs that are `done`: all of them, or those up to one that hangs or that ended the worker, which `report` tells. */
function runWorker(data, deadline, onPart) {
  const progress = new SharedArrayBuffer(16);
  const current = new Float64Array(progress);
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...data, progress } });
  return new Promise((resolve) => {
    let ended = false;
    const end = (report, done) => {
      if (ended) return;
      ended = true;
      clearInterval(watch);
      worker.terminate().then(() => resolve({ report, done }));
    };
    const doneBefore = () => current[0] - data.first;
    const failed = (kind, message) =>
      end({ kind, target: "?", index: current[0], message, input: "" }, doneBefore() + 1);
    const watch = setInterval(() => {
      if (Date.now() > deadline) end(undefined, data.inputs);
      else if (current[1] > 0 && Date.now() - current[1] > hangSeconds * 1000)
        failed("hang", `more than ${hangSeconds} s`);
    }, 250);
    worker.on("message", onPart);
    worker.on("error", (error) => failed("crash", String(error)));
    worker.on("exit", () => end(undefined, data.inputs));
  });
}
