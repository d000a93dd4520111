// Millions of broken, forged and unusual inputs for everything that reads bytes from outside, then a search for inputs of few bytes that cost much
// time or memory: see test/fuzz and docs/TRUST.md.
//   npm run fuzz -- [--inputs 10000000] [--seed 1] [--first 0] [--minutes M] [--workers 2] [--search MINUTES] [--resume]
// Input i of a seed is always the same: --seed S --first I --inputs 1 repeats a finding. Writes bench/results/fuzz.json now and then
// and at the end; --resume goes on with the inputs that those results have not done yet, so that a long run may be cut into short ones. The exit
// status is 1 where anything was found.
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { bundle, giveUp, optionsOf, place, readResults, report, writeResults } from "./frame/index.mjs";

const hangSeconds = 60;
/** Inputs after which a worker tells what it saw. */
const pieceInputs = 5000;
/** Inputs after which the results are written. */
const savedInputs = 100_000;

if (isMainThread) await main();
else await work(workerData);

/** Runs inputs in pieces, or searches; the main thread sees in `progress` which input is at work. */
async function work({ folder, seed, first, inputs, searchUntil, progress }) {
  // Most inputs end in an error, and its stack is what takes longest.
  Error.stackTraceLimit = 3;
  const { fuzz, readSubjects, search } = await import(join(folder, "fuzz.js"));
  const subjects = await readSubjects(new URL("../test/vectors/golden/", import.meta.url));
  const current = new Float64Array(progress);
  const onInput = (index) => {
    current[0] = index;
    current[1] = Date.now();
  };
  if (searchUntil) {
    parentPort.postMessage(await search(subjects, { seed, onInput, stop: () => Date.now() > searchUntil }));
    return;
  }
  for (let start = first; start < first + inputs; start += pieceInputs) {
    const count = Math.min(pieceInputs, first + inputs - start);
    const report = await fuzz(subjects, { seed, first: start, inputs: count, onInput });
    parentPort.postMessage({ first: start, count, report });
  }
}

async function main() {
  const { inputs, seed, first, minutes, workers, search, resume } = optionsOf({
    ...{ inputs: 10_000_000, seed: 1, first: 0, minutes: Number.POSITIVE_INFINITY, workers: 2, search: 0 },
    resume: false,
  });
  // A bundle of its own, so that a build in the meantime changes nothing; beside others, where packages are found.
  const folder = await mkdtemp(place("build/fuzz-"));
  const { mergeReports, newReport, bounds } = await bundle("fuzz", "test/fuzz/index.ts", folder);
  const started = Date.now();
  const deadline = started + minutes * 60_000;
  const earlier = resume ? await resultsOf(seed) : undefined;
  let total = earlier ? mergeReports([newReport(), earlier]) : newReport();
  /** Of the inputs that are done, in rising order. */
  let done = earlier?.done ?? [];
  let found = earlier?.search;
  let saved = total.inputs;

  const figures = () => {
    const { findings, targets, ...rest } = total;
    const seconds = Math.round((earlier?.seconds ?? 0) + (Date.now() - started) / 1000);
    const tallies = Object.entries(targets).map(([target, { milliseconds, ...tally }]) => ({ target, ...tally }));
    return { seed, seconds, bounds, ...rest, done, targets: tallies, findings, ...(found && { search: found }) };
  };
  const settings = { command: "npm run fuzz" };
  const isLate = () => Date.now() >= deadline;
  const take = async (part) => {
    total = mergeReports([total, part.report]);
    done = withRange(done, [part.first, part.first + part.count]);
    if (total.inputs - saved < savedInputs) return;
    saved = total.inputs;
    console.log(`${new Date().toISOString()} ${total.inputs} inputs, ${total.findings.length} findings`);
    await writeResults("fuzz", figures(), settings);
  };
  const jobs = missing(done, first, first + inputs, Math.ceil(inputs / workers));
  const run = async () => {
    for (let job = jobs.shift(); job && !isLate(); job = jobs.shift()) {
      let [from, end] = job;
      while (from < end && !isLate()) {
        const ended = await runWorker({ folder, seed, first: from, inputs: end - from }, deadline, take);
        if (ended.finding) {
          total.findings.push({ ...ended.finding, seed });
          done = withRange(done, [from, from + ended.done]);
        }
        from += ended.done;
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, run));
  if (search > 0) {
    await writeResults("fuzz", figures(), settings);
    const searchUntil = Date.now() + search * 60_000;
    const data = { folder, seed, first: 0, inputs: 0, searchUntil };
    const { finding } = await runWorker(data, searchUntil + 120_000, ({ findings, doors, ...rest }) => {
      total.findings.push(...findings);
      const worst = Object.entries(doors).map(([door, costs]) => ({ door, ...costs }));
      found = { seed, minutes: search, ...rest, doors: worst };
    });
    if (finding) total.findings.push({ ...finding, seed });
  }
  await report("fuzz", figures(), settings);
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

/** Ranges [from, end) in rising order with one more, joined where they touch. */
function withRange(ranges, range) {
  const joined = [];
  for (const [from, end] of [...ranges, range].sort(([left], [right]) => left - right)) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([from, end]);
  }
  return joined;
}

/** What is missing of [first, end), in ranges of at most so many. */
function missing(done, first, end, most) {
  const ranges = [];
  let from = first;
  for (const [start, stop] of [...done, [end, end]]) {
    for (; from < Math.min(start, end); from += most) ranges.push([from, Math.min(from + most, start, end)]);
    from = Math.max(ranges.at(-1)?.[1] ?? first, stop, first);
  }
  return ranges;
}

/** Ends with the inputs that are `done`: all of them, or those up to one that hangs or that ended the worker, which `finding` tells. */
function runWorker(data, deadline, onPart) {
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
      if (Date.now() > deadline) end(undefined, data.inputs);
      else if (current[1] > 0 && Date.now() - current[1] > hangSeconds * 1000)
        failed("hang", `more than ${hangSeconds} s`);
    }, 250);
    worker.on("message", onPart);
    worker.on("error", (error) => failed("crash", String(error)));
    worker.on("exit", () => end(undefined, data.inputs));
  });
}
