// Millions of broken, forged and unusual inputs for everything that reads bytes from outside, then a search for inputs of few bytes that cost much
// time or memory: see test/fuzz and docs/TRUST.md.
//   npm run fuzz -- [--inputs 10000000] [--seed 1] [--first 0] [--minutes M] [--workers 2] [--search MINUTES] [--resume]
// Input i of a seed is always the same: --seed S --first I --inputs 1 repeats a finding. Writes bench/results/fuzz.json after every round
// of inputs; --resume goes on with those that these results have not done yet, so that a long run may be cut into short ones. The exit
// status is 1 where anything was found.
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { bundle, giveUp, optionsOf, place, readResults, report, writeResults } from "./frame/index.mjs";

const hangSeconds = 60;
/** Inputs after which the results are written, and the time is looked at. */
const roundInputs = 100_000;
/** Inputs after which a worker tells what it saw. */
const pieceInputs = 5000;

if (isMainThread) await main();
else await work(workerData);

/** Runs inputs in pieces, or searches for some minutes; the main thread sees in `progress` which input is at work. */
async function work({ folder, seed, first, inputs, minutes, progress }) {
  // Most inputs end in an error, and its stack is what takes longest.
  Error.stackTraceLimit = 3;
  const { fuzz, readSubjects, search } = await import(join(folder, "fuzz.js"));
  const subjects = await readSubjects(new URL("../test/vectors/golden/", import.meta.url));
  const current = new Float64Array(progress);
  const onInput = (index) => {
    current[0] = index;
    current[1] = Date.now();
  };
  const end = first + inputs;
  for (let start = first; start < end; start += pieceInputs) {
    const report = await fuzz(subjects, { seed, first: start, inputs: Math.min(pieceInputs, end - start), onInput });
    parentPort.postMessage({ report });
  }
  if (minutes) {
    const until = Date.now() + minutes * 60_000;
    const found = await search(subjects, { seed, onInput, stop: () => Date.now() > until });
    parentPort.postMessage({ search: { minutes, ...found } });
  }
}

async function main() {
  const { inputs, seed, minutes, workers, search, resume, ...options } = optionsOf({
    ...{ inputs: 10_000_000, seed: 1, first: 0, minutes: Number.POSITIVE_INFINITY, workers: 2, search: 0 },
    resume: false,
  });
  // A bundle of its own, so that a build in the meantime changes nothing; beside others, where packages are found.
  const folder = await mkdtemp(place("build/fuzz-"));
  const { mergeReports, newReport, bounds } = await bundle("fuzz", "test/fuzz/index.ts", folder);
  const started = Date.now();
  const earlier = resume ? await resultsOf(seed) : undefined;
  const [first, next] = earlier?.done[0] ?? [options.first, options.first];
  let total = earlier ? mergeReports([newReport(), earlier]) : newReport();
  let found = earlier?.search;
  const take = ({ report, search }) => {
    if (report) total = mergeReports([total, report]);
    if (search) {
      const { findings, doors, ...rest } = search;
      total.findings.push(...findings);
      found = { seed, ...rest, doors: Object.entries(doors).map(([door, worst]) => ({ door, ...worst })) };
    }
  };
  /** Runs a part of the inputs, on and on after those that end a worker. */
  const run = async ([from, end]) => {
    for (let at = from; at < end; ) {
      const { finding, done } = await runWorker({ folder, seed, first: at, inputs: end - at }, take);
      if (finding) total.findings.push({ ...finding, seed });
      at += done;
    }
  };
  const figuresAt = (at) => {
    const { findings, targets, ...rest } = total;
    const seconds = Math.round((earlier?.seconds ?? 0) + (Date.now() - started) / 1000);
    const tallies = Object.entries(targets).map(([target, { milliseconds, ...tally }]) => ({ target, ...tally }));
    const done = [[first, at]];
    return { seed, seconds, bounds, ...rest, done, targets: tallies, findings, ...(found && { search: found }) };
  };
  const settings = { command: "npm run fuzz" };
  const end = first + inputs;
  let at = next;
  while (at < end && Date.now() < started + minutes * 60_000) {
    const each = Math.ceil(Math.min(roundInputs, end - at) / workers);
    const starts = Array.from({ length: workers }, (_, i) => Math.min(end, at + i * each));
    await Promise.all(starts.map((start) => run([start, Math.min(end, start + each)])));
    at = Math.min(end, at + workers * each);
    console.log(`${new Date().toISOString()} ${total.inputs} inputs, ${total.findings.length} findings`);
    await writeResults("fuzz", figuresAt(at), settings);
  }
  if (search > 0) {
    const { finding } = await runWorker({ folder, seed, first: 0, inputs: 0, minutes: search }, take);
    if (finding) total.findings.push({ ...finding, seed });
  }
  await report("fuzz", figuresAt(at), settings);
  await rm(folder, { recursive: true });
  for (const { kind, target, index, message } of total.findings)
    console.error(`${kind}: ${target}, input ${index}: ${message}`);
  console.log(`${total.inputs} inputs, ${total.findings.length} findings`);
  if (total.findings.length > 0) process.exitCode = 1;
}

/** What an earlier run of the same seed came to. */
async function resultsOf(seed) {
  const earlier = await readResults("fuzz").catch(() => undefined);
  if (!earlier) return undefined;
  if (earlier.seed !== seed)
    giveUp(`Expected results of seed ${seed} in fuzz.json but received those of ${earlier.seed}`);
  const targets = earlier.targets.map(({ target, ...tally }) => [target, { milliseconds: 0, ...tally }]);
  return { ...earlier, targets: Object.fromEntries(targets) };
}

/** Ends with the inputs that are `done`: all of them, or those up to one that hangs or that ended the worker, which `finding` tells. */
function runWorker(data, onPart) {
  const progress = new SharedArrayBuffer(16);
  const current = new Float64Array(progress);
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...data, progress } });
  return new Promise((resolve) => {
    let ended = false;
    const end = (finding, done) => {
      if (ended) return;
      ended = true;
      clearInterval(watch);
      worker.terminate().then(() => resolve({ finding, done }));
    };
    const failed = (kind, message) => {
      const index = current[0];
      end({ kind, target: "?", index, message, input: "" }, index - data.first + 1);
    };
    const watch = setInterval(() => {
      if (current[1] > 0 && Date.now() - current[1] > hangSeconds * 1000) failed("hang", `more than ${hangSeconds} s`);
    }, 250);
    worker.on("message", onPart);
    worker.on("error", (error) => failed("crash", String(error)));
    worker.on("exit", () => end(undefined, data.inputs));
  });
}
