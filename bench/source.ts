// What the benchmarks need beyond the public interface; bundled by load-source.mjs.
export { percentText, reportText } from "../src/cli/comparison-text.js";
export { readOpaque } from "../src/cli/opaque-image.js";
export { differences } from "../src/comparison/bd-rates.js";
export { drawChart } from "../src/comparison/chart.js";
export { rivals } from "../src/comparison/rivals.js";
export { score } from "../src/comparison/score.js";
export { loadKernels } from "../src/kernels/instantiate.js";
export { Model } from "../src/models/model.js";
export { principalComponents } from "../src/training/principal-components.js";
export { drawPicture, drawPictures } from "../test/reference/pictures.js";
