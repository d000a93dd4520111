import { inspectSlowly } from "../../codec/inspect.js";
import { collectRows } from "../../image/collect-rows.js";
import { runBatch } from "../batch.js";
import { Codecs, isStream, modelExtensions, modelLimitsOf, streamExtensions, takeApart } from "../codecs.js";
import type { Command } from "../command.js";
import { findInputs, readInput, shownName } from "../inputs.js";
import { Report } from "../report.js";

export const verify: Command<"verify"> = {
  name: "verify",
  summary: "Check streams by decoding them, and models by reading them",
  argument: "<file...>",
  argumentMeaning: "*.isth and *.isthm files, folders, globs, or - for standard input",
  example: "isthmus verify archive/",

  async run({ sources, options, signal }) {
    const inputs = await findInputs(sources, [...streamExtensions, ...modelExtensions]);
    const report = new Report(options);
    const codecs = new Codecs(options.model, { ...modelLimitsOf(options), signal });

    const { maxModelBytes } = options;
    const check = async (bytes: Uint8Array): Promise<object> => {
      if (!isStream(bytes)) {
        const facts = await inspectSlowly(bytes, { maxModelBytes, signal });
        if (facts.kind !== "stream") return { kind: facts.kind, id: facts.id };
      }
      const parts = takeApart(bytes, options.maxPixels);
      const codec = await codecs.codecFor(parts);
      const { width, height } = await collectRows(await codec.decodeOwn(parts, { signal }));
      return { kind: "stream", width, height, model: codec.model.id };
    };
    return runBatch(inputs, report, signal, async (input) => {
      const facts = await check(await readInput(input, signal, maxModelBytes));
      report.done({ input: input.path, ok: true, ...facts }, `${shownName(input)}: ok`);
    });
  },
};
