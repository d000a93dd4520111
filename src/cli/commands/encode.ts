import { usualQuality } from "../../codec/latents/quality.js";
import { luma } from "../../image/luma.js";
import type { StreamMetadata } from "../../index.js";
import { imageExtensions } from "../../node/find-files.js";
import { type MetadataKind, readImageMetadata } from "../../node/image-metadata.js";
import { encodeOpened, openPicture } from "../../node/open-picture.js";
import { readImage } from "../../node/read-image.js";
import { runBatch, skipped, type Tell } from "../batch.js";
import { Team } from "../batch-pool.js";
import { BatchSummary } from "../batch-summary.js";
import { openCodec, streamExtensions } from "../codecs.js";
import type { Command } from "../command.js";
import { UsageError } from "../exit.js";
import { bytesText, decibels, finiteOrNull, round } from "../format.js";
import { findInputs, type Input, nameOf, readInput, shownName } from "../inputs.js";
import { measure, scoreText } from "../likeness.js";
import { nameOfOutput, planOutputs, writeOutput } from "../output.js";
import { Report } from "../report.js";

export const encode: Command<"encode"> = {
  name: "encode",
  summary: "Encode images",
  argument: "<image...>",
  argumentMeaning: "image files, folders, globs, or - for standard input",
  example: "isthmus encode photo.jpg -o photo.isth -q 60",

  async run({ sources, options, signal }) {
    const { quality, effort, alphaQuality, targetScore, targetPsnr, targetBytes, maxPixels } = options;
    const goals = [quality, targetScore, targetPsnr, targetBytes].filter((goal) => goal !== undefined);
    if (goals.length > 1) {
      throw new UsageError(
        "Expected one of --quality, --target-score, --target-psnr and --target-bytes but received several",
      );
    }
    const searching = goals.length > 0 && quality === undefined;
    const inputs = await findInputs(sources, imageExtensions);
    const outputs = await planOutputs(inputs, options, streamExtensions[0]);
    const report = new Report({ ...options, dataOnStdout: outputs.toStdout });
    const summary = new BatchSummary("one picture of 8-bit sRGB", " (--metadata keeps it)");
    const codec = await openCodec(options.model, { signal });
    const importance = options.importance === undefined ? undefined : luma(await readImage(options.importance));

    const team = new Team(options.threads, inputs.length);
    const work = async (input: Input, onProgress: (fraction: number) => void): Promise<Tell> => {
      const output = await outputs.outputOf(input);
      if (output === undefined) return skipped(input, summary, report);
      const bytes = await readInput(input, signal);
      const converted: string[] = [];
      const reading = {
        name: nameOf(input),
        maxPixels,
        strict: options.strict,
        keepProfile: options.metadata.includes("icc"),
        onConvert: (kind: string) => converted.push(kind),
        signal,
      };
      const blocks = await readImageMetadata(bytes, { name: reading.name, signal });
      const metadata = chosenBlocks(blocks, options.metadata);
      const leftOut = Object.keys(blocks ?? {}).filter((kind) => kind !== "icc" && !(metadata && kind in metadata));
      const image = await openPicture(bytes, { ...reading, whole: options.metrics || searching });
      const start = performance.now();
      const settings = {
        ...{ quality, effort, alphaQuality, targetScore, targetPsnr, targetBytes, maxPixels, signal, onProgress },
        ...{ importance },
        ...(metadata && { metadata }),
      };
      const coder = await team.codec(codec);
      const encoding = await ("data" in image ? coder.encodeTo(image, settings) : encodeOpened(codec, image, settings));
      const stream = encoding.bytes;
      const ms = round(performance.now() - start, 1);
      const scores =
        "data" in image && options.metrics
          ? await measure(image, await coder.decode(stream, { maxPixels, signal }))
          : undefined;
      await writeOutput(output, stream, outputs.writing(report, signal));

      const { width, height } = image;
      const bpp = round((stream.length * 8) / (width * height), 5);
      const size = { input: input.path, output, bytes: stream.length, bpp, width, height };
      const { ssimulacra2, psnr } = scores ?? encoding;
      const chosen = searching ? round(encoding.quality, 2) : (quality ?? usualQuality);
      const metrics = {
        ...(ssimulacra2 !== undefined && { ssimulacra2: ssimulacra2 && round(ssimulacra2, 4) }),
        ...(psnr && { psnr: finiteOrNull(psnr) }),
        ...(scores && { ssim: round(scores.ssim, 6) }),
      };
      const facts = { ...(converted.length > 0 && { converted }), ...(leftOut.length > 0 && { leftOut }) };
      const remarks = [
        `${width} x ${height}`,
        bytesText(stream.length),
        `${bpp.toFixed(3)} bpp`,
        searching && `quality ${chosen}`,
        ssimulacra2 !== undefined && scoreRemark(ssimulacra2),
        psnr && decibels(psnr),
        scores && `SSIM ${scores.ssim.toFixed(4)}`,
      ];
      return () => {
        summary.done(bytes.length, stream.length);
        summary.convert(converted);
        summary.leaveOut(leftOut.map((kind) => kind.toUpperCase()));
        report.done(
          { ...size, quality: chosen, effort: effort ?? 0, model: codec.model.id, ...metrics, ...facts, ms },
          `${shownName(input)} -> ${nameOfOutput(output)}: ${remarks.filter(Boolean).join(", ")}`,
        );
      };
    };
    const exitCode = await runBatch(inputs, report, signal, work, team.size).finally(() => team.end());
    summary.tell(report, inputs.length);
    return exitCode;
  },
};

function chosenBlocks(blocks: StreamMetadata | undefined, kinds: readonly MetadataKind[]): StreamMetadata | undefined {
  const chosen = Object.entries(blocks ?? {}).filter(([kind]) => kinds.includes(kind as MetadataKind));
  return chosen.length > 0 ? Object.fromEntries(chosen) : undefined;
}

const scoreRemark = (score: number | null): string =>
  score === null ? "too small for SSIMULACRA 2" : `SSIMULACRA 2 ${scoreText(score)}`;
