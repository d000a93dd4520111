import { createRestorer } from "../../index.js";
import { imageExtensions } from "../../node/find-files.js";
import { checkFormat, imageFormatOf } from "../../node/image-formats.js";
import { readImage } from "../../node/read-image.js";
import { packImage } from "../../node/write-image.js";
import { runBatch, skipped } from "../batch.js";
import { BatchSummary } from "../batch-summary.js";
import { openModelFile } from "../codecs.js";
import type { Command } from "../command.js";
import { UsageError } from "../exit.js";
import { round } from "../format.js";
import { findInputs, nameOf, readInput, shownName } from "../inputs.js";
import { nameOfOutput, planOutputs, writeOutput } from "../output.js";
import { Report } from "../report.js";

export const restore: Command<"restore"> = {
  name: "restore",
  summary: "Restore damaged images with a model that was trained to",
  argument: "<image...>",
  argumentMeaning: "image files, folders, globs, or - for standard input",
  example: "isthmus restore noisy.png -o clean.png -m denoise.isthm",

  async run({ sources, options, signal }) {
    if (options.model === undefined) throw new UsageError("Expected -m with a model that was trained with --corrupt");
    const inputs = await findInputs(sources, imageExtensions);
    // Beside its input, a restored image needs a name of its own.
    const outputs = await planOutputs(inputs, options, options.output === undefined ? ".restored.png" : ".png");
    const report = new Report({ ...options, dataOnStdout: outputs.toStdout });
    const summary = new BatchSummary("one picture of 8-bit sRGB");
    const restorer = await createRestorer(await openModelFile(options.model, { signal }));

    const exitCode = await runBatch(inputs, report, signal, async (input, onProgress) => {
      const output = await outputs.outputOf(input);
      if (output === undefined) return skipped(input, summary, report);
      const bytes = await readInput(input, signal);
      const converted: string[] = [];
      const image = await readImage(bytes, {
        name: nameOf(input),
        onConvert: (kind) => converted.push(kind),
        signal,
      });
      const format = output === "-" ? "png" : imageFormatOf(output);
      checkFormat(format, image);
      const start = performance.now();
      const { data, ...shape } = await restorer.restore(image, { signal, onProgress });
      const ms = round(performance.now() - start, 1);
      const packed = await packImage({ data, ...shape }, format);
      await writeOutput(output, packed, outputs.writing(report, signal));
      summary.done(bytes.length, packed.length);
      summary.convert(converted);
      report.done(
        { input: input.path, output, bytes: packed.length, ...shape, model: restorer.model.id, ms },
        `${shownName(input)} -> ${nameOfOutput(output)}: ${shape.width} x ${shape.height}`,
      );
      return undefined;
    });
    summary.tell(report, inputs.length);
    return exitCode;
  },
};
