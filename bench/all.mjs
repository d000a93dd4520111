// Runs the benchmarks within 25 minutes, ten of which are the fuzzer's, and draws docs/BENCHMARKS.md anew, or compares their results with those of another revision:
//   npm run bench -- [--only NAME,NAME] [--minutes 25] [--images FOLDER]
//   npm run bench -- --compare REVISION [--only NAME,NAME]
// What takes long runs at a reduced setting and writes into bench/results/quick, marked as quick, so that a whole result is never replaced by a lesser
// one; what trains for long is not run, and its results stand. --images names the folder of photos of the benchmarks that need some.
import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { compareFigures, rowText } from "./compare.mjs";
import { optionsOf } from "./frame/options.mjs";
import { giveUp, printTable } from "./frame/results.mjs";
import { suite } from "./suite.mjs";

const root = new URL("../", import.meta.url);
const all = suite.map(({ name }) => name);
const {
  minutes,
  only: names,
  ...options
} = optionsOf({ compare: undefined, only: all, images: undefined, minutes: 25 });
const unknown = names.find((name) => !all.includes(name));
if (unknown) giveUp(`Expected some of ${all.join(", ")} but received ${unknown}`);
if (minutes <= 0) giveUp(`Expected a number of minutes above 0 but received ${minutes}`);
const chosen = suite.filter(({ name }) => names.includes(name));

if (options.compare !== undefined) await compare(options.compare);
else await run();

async function run() {
  await promisify(execFile)("npm", ["run", "build"], { cwd: root, maxBuffer: 1 << 26 });
  const deadline = performance.now() + minutes * 60_000;
  const report = [];
  for (const benchmark of chosen) {
    const { name, script = `bench:${name}`, kept, quick, photos } = benchmark;
    if (kept) {
      report.push([name, `not run: ${kept}`, ""]);
      continue;
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      report.push([name, "not run: the time was up", ""]);
      continue;
    }
    const words = [...quick, ...(photos && options.images ? ["--images", options.images] : [])];
    const started = performance.now();
    const outcome = await runOne(name, script, words, quick.length > 0, left);
    report.push([name, outcome, ((performance.now() - started) / 1000).toFixed(0)]);
  }
  await promisify(execFile)(process.execPath, ["bench/document.mjs"], { cwd: root });
  printTable(["benchmark", "", "seconds"], report);
}

/** Runs an npm script in a process group of its own, which ends with its time. */
function runOne(name, script, words, isQuick, milliseconds) {
  console.log(`\n# ${name}`);
  return new Promise((resolve) => {
    const child = spawn("npm", ["run", "--silent", script, ...(words.length ? ["--", ...words] : [])], {
      cwd: root,
      stdio: "inherit",
      detached: true,
      env: { ...process.env, ...(isQuick && { BENCH_QUICK: "1" }) },
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process.kill(-child.pid, "SIGTERM");
    }, milliseconds);
    child.on("close", (code) => {
      clearTimeout(timer);
      const done = isQuick ? `quick, bench/results/quick/${name}.json` : `whole, bench/results/${name}.json`;
      resolve(late ? "stopped: the time was up" : code === 0 ? done : `failed with exit code ${code}`);
    });
  });
}

async function compare(revision) {
  const git = (...words) => promisify(execFile)("git", words, { cwd: root, maxBuffer: 1 << 28 });
  await git("rev-parse", "--verify", "--quiet", `${revision}^{commit}`).catch(() =>
    giveUp(`Expected a revision of git for --compare but received ${revision}`),
  );
  const rows = [];
  for (const { name, figures } of chosen) {
    for (const path of [`bench/results/${name}.json`, `bench/results/quick/${name}.json`]) {
      const after = await readFile(new URL(path, root), "utf8").then(JSON.parse, () => undefined);
      const before = await git("show", `${revision}:${path}`).then(
        ({ stdout }) => JSON.parse(stdout),
        () => undefined,
      );
      if (!after && !before) continue;
      const of = (results) => (results ? figures(results) : []);
      const label = path.includes("/quick/") ? `${name}, quick` : name;
      for (const figure of compareFigures(of(before), of(after))) rows.push(rowText(label, figure));
    }
  }
  console.log(
    `Results in bench/results, beside those of ${revision}: a ratio, or a difference where figures may be below zero\n`,
  );
  printTable(["benchmark", "figure", "old", "new", "change"], rows);
}
