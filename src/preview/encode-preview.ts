import { expected, IsthmusError } from "../ground/errors.js";
import { aNumber, anObject, checkOptions, type OptionTable } from "../ground/option-table.js";
import type { Image } from "../image/image.js";
import { defaultPreviewModel } from "./embedded.js";
import { leastBytes, mostBytes, writeFrame } from "./frame.js";
import type { PreviewModel } from "./preview-network.js";
import { searchSymbols } from "./search.js";
import { analyse } from "./spectrum.js";
import { thumbOf } from "./thumb.js";

export interface EncodePreviewOptions {
  /** Length of the preview: 8 to 64. Default 21. */
  readonly bytes?: number;
  /** Default: the embedded model. */
  readonly model?: PreviewModel;
}

const kinds: OptionTable<EncodePreviewOptions> = { bytes: aNumber, model: anObject };
const usualBytes = 21;
/** Symbols are changed at most so often in search of a smaller error. */
const trials = 18;
/** Bits that rounding in the coder may cost. Under a trained model it costs one or two. */
const mostSpare = 16;

/**
 * A blurred preview of an image, in exactly `bytes` bytes, with its shape and, where it has any, its alpha. The image may be of any size; its pixels are
 * averaged to 32 on the long side first, which takes longer than all the rest where it has more than some 100,000.
 *
 * @throws IsthmusError `invalid-parameter`, `image-too-large` beyond 2^28 pixels, or `invalid-model` for a model that was not trained, with which no symbols fit.
 */
export function encodePreview(image: Image, options: EncodePreviewOptions = {}): Uint8Array<ArrayBuffer> {
  checkOptions(options, kinds, "encodePreview");
  const { bytes = usualBytes, model = defaultPreviewModel() } = options;
  if (!Number.isInteger(bytes) || bytes < leastBytes || bytes > mostBytes) {
    throw expected(`integer between ${leastBytes} and ${mostBytes}`, "bytes", bytes);
  }
  const thumb = thumbOf(image);
  const { width, height } = image;
  const { transparent } = thumb;
  const coefficients = analyse(thumb);
  // Rounding in the coder may cost a little more than its bits say.
  for (let spare = 0; spare <= mostSpare; spare += 1) {
    const found = searchSymbols(model.weights, coefficients, { width, height, transparent, bytes, spare, trials });
    const frame = writeFrame(found);
    if (frame) return frame;
  }
  throw new IsthmusError("invalid-model", `The preview model cannot code this image in ${bytes} bytes`);
}
