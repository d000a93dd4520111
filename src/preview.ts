// The public interface of isthmus/preview.
export { IsthmusError } from "./errors.js";
export {
  type AverageColor,
  averageColor,
  type DecodePreviewOptions,
  decodePreview,
  previewToDataURL,
} from "./preview/decode.js";
export { type EncodePreviewOptions, encodePreview } from "./preview/encode.js";
export { loadPreviewModel } from "./preview/model.js";
export type { PreviewModel } from "./preview/network.js";
export { previewToText } from "./preview/text.js";
