export { type CheckpointSlot, checkpointSlot } from "./browser/checkpoints.js";
export { imageResponse } from "./browser/image-response.js";
export { modelCache } from "./browser/model-cache.js";
export { type ReadImageOptions, readImage } from "./browser/read-image.js";
export {
  type BlobOptions,
  decodeToBlob,
  decodeToImageData,
  drawTo,
  type ImageDecoder,
  toBlob,
  toImageData,
} from "./browser/write-image.js";
export type { PixelSource } from "./image/source.js";
