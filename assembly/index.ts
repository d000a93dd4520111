/** First byte after the static data of all kernels: the arena of src/kernels/memory.ts starts here. */
export const heapBase: usize = __heap_base;

export { multiplyPacked, multiplyTransposed, packedLength, packMatrix, packTransposed } from "./gemm";
export { integerRowBytes, multiplyIntegers, packedIntegerBytes, packIntegers, roundRows } from "./integer-gemm";
export { multiplyProduct, productWorkBytes } from "./integer-product";
export { groupWorkBytes, predictGroup } from "./context-group";
export { multiplySparse, sparseScratchBytes } from "./sparse-gemm";
export { gatherByteWindows, gatherHalvedWindows, readBytes, readHalvedBytes } from "./byte-windows";
export { ransClose, ransDecode, ransEncode, ransOpen } from "./rans";
export { symbolChecksum } from "./crc32";
export { activate, activateGradient } from "./activation";
export { adam } from "./adam";
export { depthwise, depthwiseInputGradient, depthwiseWeightGradient } from "./depthwise";
export { symmetricEigenPiece } from "./eigen";
export {
  add,
  addScaled,
  fill,
  moveTowards,
  multiply,
  repeatRow,
  scaleColumns,
  sumColumnProducts,
  sumColumns,
  sumOfSquares,
} from "./elementwise";
export { annealSymbols } from "./anneal";
export { chooseSymbols } from "./choose";
export { orthonormalRows } from "./orthonormal";
export { centroids, gaussianBits, gaussianSteps, logisticBits, logisticSteps } from "./likelihood";
export { addBlocks, binaryCrossEntropy, squaredError, sumBlocks } from "./loss";
export { addWindows, gatherWindows, readPixels, writePixels } from "./patches";
export { enlargeChroma, enlargeChromaGradient, halveChroma } from "./chroma";
export { dequantize, quantize, roundColumns, roundNearest } from "./quantize";
export { randomNormal, randomUniform, seedRandom } from "./random";
export {
  bernoulliRows,
  drawBernoulli,
  gaussianDivergence,
  logPriorRatio,
  reparameterize,
  reparameterizeGradient,
  squaredErrorRows,
} from "./variational";
export { keepLargest, passActive } from "./sparse";
export { exponential } from "./vectormath";
export { planeContextCount, planeDecode, planeEncode, planeFinish, planeTrace } from "./plane";
export {
  addRows,
  centreSymbols,
  completeSymbols,
  gatherNeighbours,
  gatherRows,
  placeRows,
  predictSymbols,
} from "./context";
export {
  halvePlane,
  halvePlaneGradient,
  joinChannels,
  linearLight,
  linearLightGradient,
  lookUpPlanes,
  splitChannels,
} from "./light";
export { opsinPlanes, opsinPlanesGradient } from "./opsin";
export { blurRows } from "./blur";
export { addErrors, errorSlopes, joinSlopes, scoreOfErrors, secondMoments } from "./ssimulacra2";
