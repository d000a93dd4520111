#!/usr/bin/env node
import { exitCodes } from "./cli/exit.js";
import { interruptSignal, watchOutput } from "./cli/interrupt.js";
import { run } from "./cli/program.js";

const controller = new AbortController();
interruptSignal(controller);
const output = watchOutput(controller);
const exitCode = await run(process.argv.slice(2), controller.signal);
// Everything printed must have left before the process ends.
process.stdout.write("", () => {
  setImmediate(() => process.exit(output.failed && exitCode === exitCodes.ok ? exitCodes.failure : exitCode));
});
