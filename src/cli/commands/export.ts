import { loadCodec, Model } from "../../index.js";
import { nameOf, openModelFile } from "../codecs.js";
import type { Command } from "../command.js";
import { exitCodes, UsageError } from "../exit.js";
import { bytesText } from "../format.js";
import { checkOutput, nameOfOutput, refuseTerminal, writeOutput, writing } from "../output.js";
import { Report } from "../report.js";

/** A difference stays one, unless it shall stand alone. */
function exported(
  model: Model,
  { receiver, safetensors, alone }: { receiver: boolean; safetensors: boolean; alone: boolean },
) {
  const half = receiver ? Model.read(model.receiver({ alone: true })) : model;
  if (safetensors) return half.safetensors();
  const { parent } = model;
  return alone || !parent ? half.coded() : half.coded({ parent });
}

export const exportModel: Command<"export"> = {
  name: "export",
  summary: "Write a model, or the half of it that a receiver needs",
  argument: "[model]",
  argumentMeaning: "*.isthm file; default: the embedded model",
  example: "isthmus export --receiver my.isthm -o my-receiver.isthm",

  async run({ sources, options, signal }) {
    const { output, force } = options;
    if (output === undefined) throw new UsageError("Expected -o with a file name for the model");
    const report = new Report({ ...options, dataOnStdout: output === "-" });
    const model = sources[0] === undefined ? (await loadCodec()).model : await openModelFile(sources[0], { signal });
    const bytes = exported(model, options);
    const parent = options.alone || options.safetensors ? undefined : model.parent;
    if (output === "-") refuseTerminal(force);
    else await checkOutput(output, force);
    await writeOutput(output, bytes, writing(report, force, signal));
    report.done(
      {
        input: sources[0] ?? null,
        output,
        bytes: bytes.length,
        model: model.id,
        receiver: options.receiver,
        parent: parent?.id ?? null,
      },
      `${nameOfOutput(output)}: model ${model.id}${options.receiver ? " for receivers" : ""}${parent ? `, the difference to ${nameOf(parent.id)}` : ""}, ${bytesText(bytes.length)}`,
    );
    return exitCodes.ok;
  },
};
