// Runs the benchmarks within 25 minutes, ten of which are the fuzzer's, and draws docs/BENCHMARKS.md anew, or compares their results with those of another revision:
//   npm run bench -- [--only NAME,NAME] [--minutes 25] [--images FOLDER]
//   npm run bench -- --compare REVISION [--only NAME,NAME]
// What takes long runs at a reduced setting and writes into bench/results/quick, marked as quick, so that a whole result is never replaced by a lesser
// one; what trains for long is not run, and its results stand. --images names the folder of photos of the benchmarks that need some.
import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { compareFigures, figuresOf, rowText } from "./compare.mjs";
import { giveUp, optionsOf, place, printTable } from "./frame/index.mjs";
import { suite } from "./suite.mjs";

const all = suite.map(({ name }) => name);
const options = optionsOf({ compare: undefined, only: all, images: undefined, minutes: 25 });
const unknown = options.only.find((name) => !all.includes(name));
if (unknown) giveUp(`Expected some of ${all.join(", ")} but received ${unknown}`);
if (options.minutes <= 0) giveUp(`Expected a number of minutes above 0 but received ${options.minutes}`);
const chosen = suite.filter(({ name }) => options.only.includes(name));
const run = (command, words) => promisify(execFile)(command, words, { cwd: place(""), maxBuffer: 1 << 28 });

if (options.compare !== undefined) await compare(options.compare);
else await runAll();

async function runAll() {
  await run("npm", ["run", "build"]);
  const deadline = performance.now() + options.minutes * 60_000;
  const rows = [];
  for (const benchmark of chosen) {
    const started = performance.now();
    const left = deadline - started;
    const reason = benchmark.kept ?? (left <= 0 ? "the time was up" : undefined);
    const outcome = reason ? `not run: ${reason}` : await runOne(benchmark, left);
    rows.push([benchmark.name, outcome, reason ? "" : ((performance.now() - started) / 1000).toFixed(0)]);
  }
  await run(process.execPath, ["bench/document.mjs"]);
  printTable(rows, ["benchmark", "0"], ["", "1"], ["seconds", "2"]);
}

/** Runs an npm script in a process group of its own, which ends with its time. */
function runOne({ name, script = `bench:${name}`, quick, photos }, milliseconds) {
  console.log(`\n# ${name}`);
  const images = photos && options.images ? ["--images", options.images] : [];
  const words = [...quick.split(" ").filter(Boolean), ...images];
  return new Promise((resolve) => {
    const child = spawn("npm", ["run", "--silent", script, "--", ...words], {
      cwd: place(""),
      stdio: "inherit",
      detached: true,
      env: { ...process.env, ...(quick && { BENCH_QUICK: "1" }) },
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process.kill(-child.pid, "SIGTERM");
    }, milliseconds);
    child.on("close", (code) => {
      clearTimeout(timer);
      const done = quick ? `quick, bench/results/quick/${name}.json` : `whole, bench/results/${name}.json`;
      resolve(late ? "stopped: the time was up" : code === 0 ? done : `failed with exit code ${code}`);
    });
  });
}

async function compare(revision) {
  await run("git", ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]).catch(() =>
    giveUp(`Expected a revision of git for --compare but received ${revision}`),
  );
  const figuresIn = (text, figures) => (text ? figuresOf(figures, JSON.parse(text)) : []);
  const rows = [];
  for (const { name, figures } of chosen) {
    for (const [path, label] of [
      [`bench/results/${name}.json`, name],
      [`bench/results/quick/${name}.json`, `${name}, quick`],
    ]) {
      const after = await readFile(place(path), "utf8").catch(() => undefined);
      const { stdout: before } = await run("git", ["show", `${revision}:${path}`]).catch(() => ({}));
      for (const figure of compareFigures(figuresIn(before, figures), figuresIn(after, figures)))
        rows.push(rowText(label, figure));
    }
  }
  console.log(
    `Results in bench/results, beside those of ${revision}: a ratio, or a difference where figures may be below zero\n`,
  );
  printTable(rows, ...["benchmark", "figure", "old", "new", "change"].map((head, i) => [head, String(i)]));
}
