import { encodeBase64 } from "../ground/base64.js";
import type { Bytes } from "../ground/byte-source.js";
import { expected } from "../ground/errors.js";
import { aNumber, anObject, checkOptions, type OptionTable } from "../ground/option-table.js";
import type { DecodedImage } from "../image/image.js";
import { shapes } from "./aspect.js";
import { defaultPreviewModel } from "./embedded.js";
import { readFrame } from "./frame.js";
import { encodePng } from "./png.js";
import type { PreviewModel } from "./preview-network.js";
import { meanColour, render } from "./spectrum.js";
import { previewBytes } from "./text.js";
import { fitInto, thumbSide } from "./thumb.js";

export interface PreviewModelOption {
  /** Default: the embedded model. */
  readonly model?: PreviewModel;
}

export interface DecodePreviewOptions extends PreviewModelOption {
  /** Long side in pixels, 1 to 1024; the preview's shape gives the other. Default 32. */
  readonly size?: number;
  /** Both sides in pixels, 1 to 1024, instead of `size`. */
  readonly width?: number;
  readonly height?: number;
}

const modelKinds: OptionTable<PreviewModelOption> = { model: anObject };
const kinds: OptionTable<DecodePreviewOptions> = { size: aNumber, width: aNumber, height: aNumber, model: anObject };
const largestSide = 1024;

/**
 * The preview as RGBA (straight alpha) at any size; it is smooth, so small sizes that a browser enlarges look alike.
 *
 * @param preview What `encodePreview` or `previewToText` gave. Bytes that neither of them made decode to some picture: there is no room for a checksum.
 * @throws IsthmusError `corrupt` for a wrong length or a text that is no base64url, `model-mismatch` for the text of another model, `invalid-parameter`.
 */
export function decodePreview(preview: Bytes | string, options: DecodePreviewOptions = {}): DecodedImage {
  checkOptions(options, kinds, "decodePreview");
  const { coefficients, aspect, transparent } = read(preview, options.model);
  const { width, height } = sizeOf(aspect, options);
  return { data: render(coefficients, width, height, transparent), width, height, channels: 4 };
}

/** The preview as the `data:` URL of a PNG, for `src`, `background-image` or Next.js' `blurDataURL`. Options and errors as those of `decodePreview`. */
export function previewToDataURL(preview: Bytes | string, options: DecodePreviewOptions = {}): string {
  return `data:image/png;base64,${encodeBase64(encodePng(decodePreview(preview, options)))}`;
}

export interface AverageColor {
  /** 0 .. 255 */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** 0 (transparent) .. 255 */
  readonly alpha: number;
}

/** The mean colour of a preview (of what is not transparent), for a background without a picture. Errors as those of `decodePreview`. */
export function averageColor(preview: Bytes | string, options: PreviewModelOption = {}): AverageColor {
  checkOptions(options, modelKinds, "averageColor");
  const { coefficients, transparent } = read(preview, options.model);
  const [red, green, blue, alpha] = meanColour(coefficients, transparent);
  return { red, green, blue, alpha };
}

function read(preview: Bytes | string, model: PreviewModel = defaultPreviewModel()) {
  const { network, shape, symbols } = readFrame(model.weights, previewBytes(preview, model));
  const { transparent } = network.conditions;
  return { coefficients: network.synthesize(symbols), aspect: shapes[shape].aspect, transparent };
}

function sizeOf(aspect: number, { size = thumbSide, width, height }: DecodePreviewOptions) {
  if ((width === undefined) !== (height === undefined)) {
    throw expected("both width and height or none", "size", width === undefined ? "height" : "width");
  }
  for (const [name, side] of Object.entries({ size, width, height })) {
    if (side !== undefined && !(Number.isInteger(side) && side >= 1 && side <= largestSide)) {
      throw expected(`integer between 1 and ${largestSide}`, name, side);
    }
  }
  return width !== undefined && height !== undefined ? { width, height } : fitInto(aspect, 1, size);
}
