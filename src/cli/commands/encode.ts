import type { Codec, EncodeOptions } from "../../index.js";
import { imageExtensions } from "../../node/find-files.js";
import { isLarge, type OpenedImage, openImageRows } from "../../node/image-rows.js";
import { readImage, readImageSize } from "../../node/read-image.js";
import { runBatch } from "../batch.js";
import { openCodec, streamExtensions } from "../codecs.js";
import type { Command } from "../command.js";
import { bytesText, decibels, finiteOrNull, round } from "../format.js";
import { findInputs, nameOf, readInput } from "../inputs.js";
import { measure } from "../metrics.js";
import { nameOfOutput, planOutputs, writeOutput } from "../output.js";
import { Report } from "../report.js";

export const encode: Command<"encode"> = {
  name: "encode",
  summary: "Encode images",
  argument: "<image...>",
  argumentMeaning: "image files, folders, globs, or - for standard input",
  example: "isthmus encode photo.jpg -o photo.isth -q 60",

  async run({ sources, options, signal }) {
    const inputs = await findInputs(sources, imageExtensions);
    const outputs = await planOutputs(inputs, options, streamExtensions[0]);
    const report = new Report({ ...options, dataOnStdout: outputs.toStdout });
    const codec = await openCodec(options.model);

    return runBatch(inputs, report, signal, async (input, onProgress) => {
      const bytes = await readInput(input, signal);
      const name = nameOf(input);
      const image = await openImage(bytes, { name, signal, whole: options.metrics });
      const output = await outputs.outputOf(input);
      const start = performance.now();
      const settings = { quality: options.quality, signal, onProgress };
      const stream = await ("data" in image ? codec.encode(image, settings) : encodeOpened(codec, image, settings));
      const ms = round(performance.now() - start, 1);
      const scores =
        "data" in image && options.metrics ? measure(image, await codec.decode(stream, { signal })) : undefined;
      await writeOutput(output, stream, options.force, signal);

      const { width, height } = image;
      const bpp = round((stream.length * 8) / (width * height), 5);
      const size = { input: input.path, output, bytes: stream.length, bpp, width, height };
      const metrics = scores && { psnr: finiteOrNull(scores.psnr), ssim: round(scores.ssim, 6) };
      const scoresText = scores ? `, ${decibels(scores.psnr)}, SSIM ${scores.ssim.toFixed(4)}` : "";
      report.done(
        { ...size, quality: options.quality, model: codec.model.id, ...metrics, ms },
        `${name} -> ${nameOfOutput(output)}: ${width} x ${height}, ${bytesText(stream.length)}, ${bpp.toFixed(3)} bpp${scoresText}`,
      );
    });
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

async function encodeOpened(codec: Codec, image: OpenedImage, settings: EncodeOptions): Promise<Uint8Array> {
  try {
    return await codec.encodeRows(image, settings);
  } finally {
    await image.close();
  }
}
