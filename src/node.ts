export type { WriteOptions } from "./node/files.js";
export { type OpenedImage, openImageRows, writeImageRows } from "./node/image-rows.js";
export { jpeg } from "./node/jpeg-corruption.js";
export { modelFolder } from "./node/model-folder.js";
export { openModel } from "./node/open-model.js";
export { type ReadImageOptions, readImage } from "./node/read-image.js";
export type { NamedImage, ReadImagesOptions } from "./node/read-images.js";
export { readImages } from "./node/read-images.js";
export { type ImageFormat, packImage, writeImage } from "./node/write-image.js";
