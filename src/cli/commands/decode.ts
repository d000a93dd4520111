import { stat } from "node:fs/promises";
import { collectRows } from "../../image/collect-rows.js";
import { isLarge, writeImageRows } from "../../node/image-rows.js";
import { imageFormatOf, packImage } from "../../node/write-image.js";
import { runBatch } from "../batch.js";
import { Codecs, modelLimitsOf, streamExtensions } from "../codecs.js";
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
    const codecs = new Codecs(options.model, modelLimitsOf(options));

    return runBatch(inputs, report, signal, async (input, onProgress) => {
      const stream = await readInput(input, signal);
      const output = await outputs.outputOf(input);
      const format = output === "-" ? "png" : imageFormatOf(output);
      const codec = await codecs.codecFor(stream);
      const start = performance.now();
      const image = await codec.decodeRows(stream, { signal, onProgress, maxPixels: options.maxPixels });
      const { rows, ...shape } = image;
      let bytes: number;
      let ms: number;
      if (isLarge(shape) && output !== "-") {
        await writeImageRows(image, output, { overwrite: options.force, signal });
        ms = performance.now() - start;
        bytes = (await stat(output)).size;
      } else {
        const decoded = await collectRows(rows, shape);
        ms = performance.now() - start;
        const packed = await packImage(decoded, format);
        await writeOutput(output, packed, options.force, signal);
        bytes = packed.length;
      }
      report.done(
        { input: input.path, output, bytes, ...shape, model: codec.model.id, ms: round(ms, 1) },
        `${nameOf(input)} -> ${nameOfOutput(output)}: ${shape.width} x ${shape.height}`,
      );
    });
  },
};
