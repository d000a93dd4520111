#!/usr/bin/env node
import { interruptSignal, leaveWithReader } from "./cli/interrupt.js";
import { run } from "./cli/program.js";

leaveWithReader();
const exitCode = await run(process.argv.slice(2), interruptSignal());
// Everything printed must have left before the process ends.
process.stdout.write("", () => process.exit(exitCode));
