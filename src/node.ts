export type { NamedImage, ReadImagesOptions } from "./node/read-images.js";
export { openModel } from "./node/open-model.js";
export { readImage, type ReadImageOptions } from "./node/read-image.js";
export { readImages } from "./node/read-images.js";
export { type ImageFormat, packImage, writeImage } from "./node/write-image.js";
export type { WriteOptions } from "./node/files.js";
