// What the benchmarks need beyond the public interface; bundled by load-source.mjs.
export { percentText, reportText } from "../src/cli/comparison-text.js";
export { readOpaque } from "../src/cli/opaque-image.js";
export { encodePlane } from "../src/codec/plane.js";
export { differences } from "../src/comparison/bd-rates.js";
export { drawChart } from "../src/comparison/chart.js";
export { rivals } from "../src/comparison/rivals.js";
export { score } from "../src/comparison/score.js";
export { splitAlpha } from "../src/image/alpha.js";
export { quantizeAlpha } from "../src/image/alpha-levels.js";
export { fewLevelsOf } from "../src/image/few-levels.js";
export { loadKernels } from "../src/kernels/instantiate.js";
export { Model } from "../src/models/model.js";
export { cellsOf } from "../src/models/plane-contexts.js";
export { trainingPlanes, trainPlaneContexts } from "../src/training/plane-contexts.js";
export { principalComponents } from "../src/training/principal-components.js";
export { drawPicture, drawPictures } from "../test/reference/pictures.js";
