import { stat } from "node:fs/promises";
import type { StreamMetadata } from "../../codec/stream/metadata.js";
import { collectRows } from "../../image/collect-rows.js";
import type { Shape } from "../../image/image.js";
import { checkFormat, formatTraits, type ImageFormat, imageFormatOf } from "../../node/image-formats.js";
import { isLarge, writeImageRows } from "../../node/image-rows.js";
import { packImage } from "../../node/write-image.js";
import { runBatch, skipped, type Tell } from "../batch.js";
import { Team } from "../batch-pool.js";
import { BatchSummary } from "../batch-summary.js";
import { Codecs, modelLimitsOf, streamExtensions, takeApart } from "../codecs.js";
import type { Command } from "../command.js";
import { round } from "../format.js";
import { findInputs, type Input, readInput, shownName } from "../inputs.js";
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
    const summary = new BatchSummary("");
    const codecs = new Codecs(options.model, { ...modelLimitsOf(options), signal });

    // What is to be held within bounds stays here, where these are kept.
    const isLimited = options.maxMemory !== undefined || options.maxModelBytes !== undefined;
    const team = new Team(isLimited ? 1 : options.threads, inputs.length);
    const work = async (input: Input, onProgress: (fraction: number) => void): Promise<Tell> => {
      const output = await outputs.outputOf(input);
      if (output === undefined) return skipped(input, summary, report);
      const stream = await readInput(input, signal);
      const format = output === "-" ? "png" : imageFormatOf(output);
      const parts = takeApart(stream, options.maxPixels);
      const codec = await codecs.codecFor(parts);
      const { width, height, alpha, metadata } = parts;
      checkFormat(format, { width, height, channels: alpha || codec.model.channels === 4 ? 4 : 3 });
      const kept = metadata && blocksOf(metadata, format);
      const leftOut = Object.keys(metadata ?? {}).filter((kind) => !(kept && kind in kept));
      const writing = outputs.writing(report, signal);
      const settings = { signal, onProgress, maxPixels: options.maxPixels };
      const start = performance.now();
      let shape: Shape;
      let bytes: number;
      let ms: number;
      if (isLarge({ width, height }) && output !== "-") {
        const { rows, ...image } = await codec.decodeOwn(parts, settings);
        await writeImageRows({ rows, ...image }, output, { ...writing, metadata: kept });
        ms = performance.now() - start;
        bytes = (await stat(output)).size;
        shape = image;
      } else {
        const worker = await team.codec(codec);
        const decoded =
          worker === codec
            ? await collectRows(await codec.decodeOwn(parts, settings))
            : await worker.decode(stream, settings);
        ms = performance.now() - start;
        const packed = await packImage(decoded, format, { metadata: kept });
        await writeOutput(output, packed, writing);
        bytes = packed.length;
        shape = { width, height, channels: decoded.channels };
      }
      const facts = { model: codec.model.id, ...(leftOut.length > 0 && { leftOut }), ms: round(ms, 1) };
      return () => {
        summary.done(stream.length, bytes);
        summary.leaveOut(
          leftOut.map((kind) => `${kind.toUpperCase()}, which ${formatTraits[format].name} does not hold`),
        );
        report.done(
          { input: input.path, output, bytes, ...shape, ...facts },
          `${shownName(input)} -> ${nameOfOutput(output)}: ${shape.width} x ${shape.height}`,
        );
      };
    };
    const exitCode = await runBatch(inputs, report, signal, work, team.size).finally(() => team.end());
    summary.tell(report, inputs.length);
    return exitCode;
  },
};

/** The blocks of a stream that an image file of a format holds. */
function blocksOf(metadata: StreamMetadata, format: ImageFormat): StreamMetadata | undefined {
  const kinds = formatTraits[format].holds.filter((kind) => metadata[kind]);
  return kinds.length > 0 ? Object.fromEntries(kinds.map((kind) => [kind, metadata[kind]])) : undefined;
}
