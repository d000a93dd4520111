// The public interface of isthmus/preview.
export { IsthmusError } from "./ground/errors.js";
export {
  type AverageColor,
  averageColor,
  type DecodePreviewOptions,
  decodePreview,
  previewToDataURL,
} from "./preview/decode-preview.js";
export { type EncodePreviewOptions, encodePreview } from "./preview/encode-preview.js";
export { loadPreviewModel } from "./preview/preview-model.js";
export type { PreviewModel } from "./preview/preview-network.js";
export { previewToText } from "./preview/text.js";
