import { limits } from "../../ground/limits.js";
import { imageExtensions } from "../../node/find-files.js";
import { imageFormatOf } from "../../node/image-formats.js";
import { readBytes } from "../../node/read-bytes.js";
import { readImage } from "../../node/read-image.js";
import { packImage } from "../../node/write-image.js";
import {
  averageColor,
  decodePreview,
  encodePreview,
  loadPreviewModel,
  type PreviewModel,
  previewToDataURL,
  previewToText,
} from "../../preview.js";
import { runBatch } from "../batch.js";
import type { Command } from "../command.js";
import type { OptionsOf } from "../command-options.js";
import { exitCodes, UsageError } from "../exit.js";
import { findInputs, nameOf, readInput } from "../inputs.js";
import { checkOutput, nameOfOutput, refuseTerminal, writeOutput, writing } from "../output.js";
import { printable } from "../printable.js";
import { Report } from "../report.js";

export const preview: Command<"preview"> = {
  name: "preview",
  summary: "Make blurred previews of a few bytes, as text, and pictures of them",
  argument: "[image...]",
  argumentMeaning: "image files, folders, globs, or - for standard input",
  example: "isthmus preview photo.jpg",

  async run({ sources, options, signal }) {
    const modelBytes = { signal, mostBytes: limits.maxModelBytes, tooLong: "invalid-model" } as const;
    const model =
      options.model === undefined ? {} : { model: loadPreviewModel(await readBytes(options.model, modelBytes)) };
    if (options.decode !== undefined) return decodeText(options.decode, sources, options, model, signal);
    for (const name of ["output", "size"] as const) {
      if (options[name] !== undefined) throw new UsageError(`Expected --decode with --${name}`);
    }
    if (sources.length === 0) throw new UsageError("Expected images, or --decode and the text of a preview");
    const inputs = await findInputs(sources, imageExtensions);
    const report = new Report(options);
    return runBatch(inputs, report, signal, async (input) => {
      const name = nameOf(input);
      const image = await readImage(await readInput(input, signal), { name, signal });
      const bytes = encodePreview(image, { bytes: options.bytes, ...model });
      const text = previewToText(bytes, model);
      const url = options.dataUrl ? previewToDataURL(bytes, model) : undefined;
      const { red, green, blue, alpha } = averageColor(bytes, model);
      const { width, height } = image;
      const facts = {
        width,
        height,
        bytes: bytes.length,
        color: { red, green, blue, alpha },
        ...(url && { dataURL: url }),
      };
      report.result({ input: input.path, preview: text, ...facts }, `${url ?? text}\t${printable(name)}`);
    });
  },
};

async function decodeText(
  text: string,
  sources: readonly string[],
  options: OptionsOf<"preview">,
  model: { readonly model?: PreviewModel },
  signal: AbortSignal,
): Promise<number> {
  const { output, size, force } = options;
  if (sources.length > 0) throw new UsageError("Expected either images or --decode but received both");
  if (output === undefined) throw new UsageError("Expected -o and the picture to write with --decode");
  if (output === "-") refuseTerminal(force);
  const format = output === "-" ? "png" : imageFormatOf(output);
  const image = decodePreview(text, { ...model, ...(size !== undefined && { size }) });
  const report = new Report({ ...options, dataOnStdout: output === "-" });
  if (output !== "-") await checkOutput(output, force);
  await writeOutput(output, await packImage(image, format), writing(report, force, signal));
  const { width, height } = image;
  report.done({ output, width, height }, `${nameOfOutput(output)}: ${width} x ${height}`);
  return exitCodes.ok;
}
