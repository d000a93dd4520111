import { imageFormatOf, packImage } from "../../node/write-image.js";
import { runBatch } from "../batch.js";
import { Codecs, streamExtensions } from "../codecs.js";
import type { Command } from "../command.js";
import { round } from "../format.js";
import { findInputs, nameOf, readInput } from "../inputs.js";
import { nameOfOutput, planOutputs, writeOutput } from "../output.js";
import { Report } from "../report.js";

export const decode: Command<"decode"> = {
  name: "decode",
  summary: "Decode streams to images",
  argument: "<stream...>",
  argumentMeaning: "*.isth files, folders, globs, or - for standard input",
  example: "isthmus decode photo.isth -o photo.png",

  async run({ sources, options, signal }) {
    const inputs = await findInputs(sources, streamExtensions);
    const outputs = await planOutputs(inputs, options, ".png");
    const report = new Report({ ...options, dataOnStdout: outputs.toStdout });
    const codecs = new Codecs(options.model);

    return runBatch(inputs, report, signal, async (input, onProgress) => {
      const stream = await readInput(input, signal);
      const output = await outputs.outputOf(input);
      const format = output === "-" ? "png" : imageFormatOf(output);
      const codec = await codecs.codecFor(stream);
      const start = performance.now();
      const image = await codec.decode(stream, { signal, onProgress });
      const ms = round(performance.now() - start, 1);
      const bytes = await packImage(image, format);
      await writeOutput(output, bytes, options.force, signal);

      const { width, height, channels } = image;
      report.done(
        { input: input.path, output, bytes: bytes.length, width, height, channels, model: codec.model.id, ms },
        `${nameOf(input)} -> ${nameOfOutput(output)}: ${width} x ${height}`,
      );
    });
  },
};
