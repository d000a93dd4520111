import type { Codec, EncodeOptions, Encoding } from "../../index.js";
import { imageExtensions } from "../../node/find-files.js";
import { isLarge, type OpenedImage, openImageRows } from "../../node/image-rows.js";
import { readImage, readImageSize } from "../../node/read-image.js";
import { runBatch, type Tell } from "../batch.js";
import { openCodec, streamExtensions } from "../codecs.js";
import type { Command } from "../command.js";
import { UsageError } from "../exit.js";
import { bytesText, decibels, finiteOrNull, round } from "../format.js";
import { findInputs, type Input, nameOf, readInput, shownName } from "../inputs.js";
import { measure } from "../metrics.js";
import { nameOfOutput, planOutputs, writeOutput } from "../output.js";
import { Report } from "../report.js";
import { Team } from "../team.js";

const defaultQuality = 50;

export const encode: Command<"encode"> = {
  name: "encode",
  summary: "Encode images",
  argument: "<image...>",
  argumentMeaning: "image files, folders, globs, or - for standard input",
  example: "isthmus encode photo.jpg -o photo.isth -q 60",

  async run({ sources, options, signal }) {
    const { quality, effort, alphaQuality, targetBytes, targetPsnr } = options;
    if ([quality, targetBytes, targetPsnr].filter((goal) => goal !== undefined).length > 1) {
      throw new UsageError("Expected one of --quality, --target-bytes and --target-psnr but received several");
    }
    const searching = targetBytes !== undefined || targetPsnr !== undefined;
    const inputs = await findInputs(sources, imageExtensions);
    const outputs = await planOutputs(inputs, options, streamExtensions[0]);
    const report = new Report({ ...options, dataOnStdout: outputs.toStdout });
    const codec = await openCodec(options.model);

    const team = new Team(options.threads, inputs.length);
    const work = async (input: Input, onProgress: (fraction: number) => void): Promise<Tell> => {
      const output = await outputs.outputOf(input);
      const bytes = await readInput(input, signal);
      const name = nameOf(input);
      const image = await openImage(bytes, { name, signal, whole: options.metrics || searching });
      const start = performance.now();
      const settings = { quality, effort, alphaQuality, targetBytes, targetPsnr, signal, onProgress };
      const coder = await team.codec(codec);
      const encoding = await ("data" in image ? coder.encodeTo(image, settings) : encodeOpened(codec, image, settings));
      const stream = encoding.bytes;
      const ms = round(performance.now() - start, 1);
      const scores =
        "data" in image && options.metrics ? measure(image, await coder.decode(stream, { signal })) : undefined;
      await writeOutput(output, stream, options.force, signal);

      const { width, height } = image;
      const bpp = round((stream.length * 8) / (width * height), 5);
      const size = { input: input.path, output, bytes: stream.length, bpp, width, height };
      const psnr = scores?.psnr ?? encoding.psnr;
      const chosen = searching ? round(encoding.quality, 2) : (quality ?? defaultQuality);
      const metrics = { ...(psnr && { psnr: finiteOrNull(psnr) }), ...(scores && { ssim: round(scores.ssim, 6) }) };
      const remarks = [
        `${width} x ${height}`,
        bytesText(stream.length),
        `${bpp.toFixed(3)} bpp`,
        searching && `quality ${chosen}`,
        psnr && decibels(psnr),
        scores && `SSIM ${scores.ssim.toFixed(4)}`,
      ];
      return () =>
        report.done(
          { ...size, quality: chosen, effort: effort ?? 0, model: codec.model.id, ...metrics, ms },
          `${shownName(input)} -> ${nameOfOutput(output)}: ${remarks.filter(Boolean).join(", ")}`,
        );
    };
    return runBatch(inputs, report, signal, work, team.size).finally(() => team.end());
  },
};

/** The image in memory, or row by row where it is large; `whole` where it is needed more than once. */
async function openImage(
  bytes: Uint8Array,
  { whole, ...options }: { name: string; signal: AbortSignal; whole: boolean },
) {
  const large = !whole && isLarge(await readImageSize(bytes, options.name));
  return large ? openImageRows(bytes, options) : readImage(bytes, options);
}

async function encodeOpened(codec: Codec, image: OpenedImage, settings: EncodeOptions): Promise<Encoding> {
  try {
    return { bytes: await codec.encodeRows(image, settings), quality: settings.quality ?? defaultQuality };
  } finally {
    await image.close();
  }
}
