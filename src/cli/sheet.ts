import { contactSheet } from "../image/contact-sheet.js";
import type { DecodedImage, Shape } from "../image/image.js";
import { LatentSpace } from "../latent-space/latent-space.js";
import { checkFormat, imageFormatOf } from "../node/image-formats.js";
import { packImage } from "../node/write-image.js";
import { openModelFile } from "./codecs.js";
import { checkOutput, refuseTerminal, writeOutput, writing } from "./output.js";
import type { Report } from "./report.js";

/** Small pictures are shown with sides of about so many pixels. */
const comfortableSide = 64;

interface SheetOptions {
  readonly output: string;
  readonly force: boolean;
}

/** Throws where the sheet could not be written, before anything is computed. */
export async function checkSheet({ output, force }: SheetOptions): Promise<void> {
  if (output === "-") return refuseTerminal(force);
  imageFormatOf(output);
  await checkOutput(output, force);
}

/** Writes pictures of one size as one sheet of `columns`, enlarged where they are small; returns its bytes. */
export async function writeSheet(
  images: readonly DecodedImage[],
  columns: number | undefined,
  { output, force }: SheetOptions,
  report: Report,
  signal: AbortSignal,
): Promise<number> {
  const side = Math.max(images[0].width, images[0].height);
  const scale = Math.max(1, Math.floor(comfortableSide / side));
  const sheet = contactSheet(images, { scale, ...(columns !== undefined && { columns }) });
  const bytes = await packImage(sheet, output === "-" ? "png" : imageFormatOf(output));
  await writeOutput(output, bytes, writing(report, force, signal));
  return bytes.length;
}

/** The model of a sheet. Throws `model-missing` where the file does not exist, and where the sheet could not hold its channels. */
export async function openLatentSpace(path: string, output: string): Promise<LatentSpace> {
  const space = await LatentSpace.create(await openModelFile(path));
  const { channels } = space.model;
  if (output !== "-")
    checkFormat(imageFormatOf(output), { width: 1, height: 1, channels: channels as Shape["channels"] });
  return space;
}
