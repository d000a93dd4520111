// What the benchmarks need beyond the public interface; bundled by load-source.mjs.
export { rivals, sharpContender } from "../src/cli/contenders.js";
export { measure } from "../src/cli/metrics.js";
export { readOpaque } from "../src/cli/opaque-image.js";
export { loadKernels } from "../src/kernels/instantiate.js";
export { Model } from "../src/models/model.js";
export { principalComponents } from "../src/training/principal-components.js";
export { drawPicture, drawPictures } from "../test/reference/pictures.js";
