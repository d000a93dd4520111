import { inspectSlowly } from "../../codec/inspect.js";
import { runBatch } from "../batch.js";
import { modelExtensions, streamExtensions } from "../codecs.js";
import type { Command } from "../command.js";
import { round } from "../format.js";
import { findInputs, readInput } from "../inputs.js";
import { printable } from "../printable.js";
import { Report } from "../report.js";

export const info: Command<"info"> = {
  name: "info",
  summary: "Say what streams and models hold, without decoding",
  argument: "<file...>",
  argumentMeaning: "*.isth and *.isthm files, folders, globs, or - for standard input",
  example: "isthmus info photo.isth",

  async run({ sources, options, signal }) {
    const inputs = await findInputs(sources, [...streamExtensions, ...modelExtensions]);
    const report = new Report({ ...options, quiet: false });
    return runBatch(inputs, report, signal, async (input) => {
      const facts = await inspectSlowly(await readInput(input, signal), { signal });
      report.result({ input: input.path, ...facts }, `${printable(input.path)}\n${describe(facts)}`);
    });
  },
};

/** One line for each fact, nested ones further in. */
function describe(facts: object, indent = "  "): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const label = `${indent}${printable(name)}:`.padEnd(18);
      if (Array.isArray(value) && value.some((entry) => typeof entry === "object")) {
        return [label.trimEnd(), ...value.map((entry) => describe(entry, `${indent}  `))].join("\n");
      }
      if (typeof value === "object" && value !== null) return `${label.trimEnd()}\n${describe(value, `${indent}  `)}`;
      return `${label} ${typeof value === "number" ? round(value, 5) : printable(String(value))}`.trimEnd();
    })
    .join("\n");
}
