import { inspectSlowly } from "../../codec/inspect.js";
import { IsthmusError } from "../../ground/errors.js";
import { loadCodec } from "../../index.js";
import { runBatch } from "../batch.js";
import { modelExtensions } from "../codecs.js";
import type { Command } from "../command.js";
import { exitCodes } from "../exit.js";
import { table } from "../format.js";
import { findInputs, readInput } from "../inputs.js";
import { Report } from "../report.js";

export const models: Command<"models"> = {
  name: "models",
  summary: "List the embedded default model and others",
  argument: "[path...]",
  argumentMeaning: "*.isthm files, folders or globs",
  example: "isthmus models my-models/",

  async run({ sources, options, signal }) {
    const report = new Report({ ...options, quiet: false });
    const found: [name: string, bytes: Uint8Array][] = [];
    const embedded = await embeddedModel();
    if (embedded) found.push(["(embedded default)", embedded]);
    else report.remark("There is no embedded default model in this build.");
    const inputs = await findInputs(sources, modelExtensions);
    const rows = [["model", "id", "preset", "tune", "channels", "latents", "parameters", "bytes"]];

    const add = async (name: string, bytes: Uint8Array): Promise<void> => {
      const facts = await inspectSlowly(bytes, { signal });
      if (facts.kind === "stream") throw new IsthmusError("not-isthmus", "Expected a model but received a stream");
      if (options.json) report.result({ input: name, ...facts }, "");
      const { id, preset, parameters } = facts;
      const network = facts.kind === "model" ? [facts.tune, facts.channels, facts.latents] : ["", "", ""];
      rows.push([name, id, preset, ...[...network, parameters, bytes.length].map(String)]);
    };
    for (const [name, bytes] of found) await add(name, bytes);
    const code = await runBatch(inputs, report, signal, async (input) => {
      await add(input.path, await readInput(input, signal));
      return undefined;
    });
    if (!options.json && rows.length > 1) report.result({}, table(rows));
    return code === exitCodes.ok && rows.length === 1 ? exitCodes.model : code;
  },
};

async function embeddedModel(): Promise<Uint8Array | undefined> {
  try {
    return (await loadCodec()).model.bytes;
  } catch (error) {
    if (error instanceof IsthmusError && error.code === "model-missing") return undefined;
    throw error;
  }
}
