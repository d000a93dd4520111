import { stat } from "node:fs/promises";
import { readContainer } from "../../codec/container.js";
import type { Shape } from "../../image/image.js";
import { imageFormatOf } from "../../node/image-formats.js";
import { isLarge, writeImageRows } from "../../node/image-rows.js";
import { packImage } from "../../node/write-image.js";
import { runBatch, type Tell } from "../batch.js";
import { Codecs, modelLimitsOf, streamExtensions } from "../codecs.js";
import type { Command } from "../command.js";
import { round } from "../format.js";
import { findInputs, type Input, readInput, shownName } from "../inputs.js";
import { nameOfOutput, planOutputs, writeOutput } from "../output.js";
import { Report } from "../report.js";
import { Team } from "../team.js";

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

    // What is to be held within bounds stays here, where these are kept.
    const isLimited = options.maxMemory !== undefined || options.maxModelBytes !== undefined;
    const team = new Team(isLimited ? 1 : options.threads, inputs.length);
    const work = async (input: Input, onProgress: (fraction: number) => void): Promise<Tell> => {
      const output = await outputs.outputOf(input);
      const stream = await readInput(input, signal);
      const format = output === "-" ? "png" : imageFormatOf(output);
      const codec = await codecs.codecFor(stream);
      const { width, height } = readContainer(stream, options.maxPixels);
      const settings = { signal, onProgress, maxPixels: options.maxPixels };
      const start = performance.now();
      let shape: Shape;
      let bytes: number;
      let ms: number;
      if (isLarge({ width, height }) && output !== "-") {
        const { rows, ...image } = await codec.decodeRows(stream, settings);
        await writeImageRows({ rows, ...image }, output, { overwrite: options.force, signal });
        ms = performance.now() - start;
        bytes = (await stat(output)).size;
        shape = image;
      } else {
        const decoded = await (await team.codec(codec)).decode(stream, settings);
        ms = performance.now() - start;
        const packed = await packImage(decoded, format);
        await writeOutput(output, packed, options.force, signal);
        bytes = packed.length;
        shape = { width, height, channels: decoded.channels };
      }
      return () =>
        report.done(
          { input: input.path, output, bytes, ...shape, model: codec.model.id, ms: round(ms, 1) },
          `${shownName(input)} -> ${nameOfOutput(output)}: ${shape.width} x ${shape.height}`,
        );
    };
    return runBatch(inputs, report, signal, work, team.size).finally(() => team.end());
  },
};
