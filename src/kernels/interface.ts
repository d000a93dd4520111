/**
 * The calls into WebAssembly. Every argument is a byte offset into the module's memory (`Pointer`), a size, or a
 * plain number; every result is written to memory. Matrices are row-major 32-bit floats unless a name says otherwise;
 * a `stride` counts elements, not bytes. Pointers need no alignment beyond that of their element, but 16 is fastest.
 * Sizes of zero are allowed everywhere and do nothing. What lies behind an array may be loaded and stored again as it was: memory must go on for 128 bytes.
 *
 * Shape letters: N rows (positions of a latent grid, over all images of a batch), K inputs, M outputs;
 * B images, H x W grid or picture, C channels.
 */
export type Pointer = number;

/** Activation numbers shared with assembly/activation.ts. */
export const activationNumber = {
  identity: 0,
  relu: 1,
  leakyRelu: 2,
  hardSwish: 3,
  gelu: 4,
  tanh: 5,
  sigmoid: 6,
} as const;
export type Activation = keyof typeof activationNumber;

export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  /** First free byte: everything from here on belongs to the arena of src/kernels/memory.ts. */
  readonly heapBase: WebAssembly.Global;

  // assembly/gemm.ts -- dense products. An output element sums its K terms in the order of k, whatever N, the row or the block.
  /** Number of floats that `packMatrix` writes for a K x M matrix (M rounded up to whole panels). */
  packedLength(K: number, M: number): number;
  /** Packs a K x M matrix, row after row, into panels. */
  packMatrix(K: number, M: number, matrix: Pointer, stride: number, packed: Pointer): void;
  /** The same of the transpose of an M x K matrix. */
  packTransposed(K: number, M: number, matrix: Pointer, stride: number, packed: Pointer): void;
  /**
   * output (N x M) = activation(input (N x K) * packed (K x M) + bias); `bias` 0 means none. With `accumulate` 1 the product is
   * added to what `output` holds (then `bias` must be 0). Rows of `input` lie `inputStride` apart, rows of `output` `outputStride`.
   */
  multiplyPacked(
    N: number,
    M: number,
    K: number,
    input: Pointer,
    inputStride: number,
    packed: Pointer,
    output: Pointer,
    outputStride: number,
    bias: Pointer,
    activation: number,
    accumulate: number,
  ): void;
  /** output (K x M) = [output +] left (N x K) transposed * right (N x M): the weight gradient of a dense layer, and the covariance of PCA. */
  multiplyTransposed(
    N: number,
    M: number,
    K: number,
    left: Pointer,
    leftStride: number,
    right: Pointer,
    rightStride: number,
    output: Pointer,
    outputStride: number,
    accumulate: number,
  ): void;

  // assembly/integer-gemm.ts -- dense products of 16-bit integers, summed exactly.
  /** Bytes of a row of K integers, padded to whole vectors. */
  integerRowBytes(K: number): number;
  /** Bytes that `packIntegers` writes for a K x M matrix. */
  packedIntegerBytes(K: number, M: number, panelColumns: number): number;
  /** Packs K x M 16-bit integers into panels of 8 columns for `multiplyIntegers`, of 32 for `multiplySparse`. */
  packIntegers(K: number, M: number, panelColumns: number, matrix: Pointer, packed: Pointer): void;
  /**
   * integers[n][k] = round(input[n][k] / scales[n]) half to even, with scales[n] = max |input[n]| / largest; a row of zeros has scale 0. `largest` is
   * at most 32767; `integers` takes N * integerRowBytes(K) bytes.
   */
  roundRows(N: number, K: number, input: Pointer, largest: number, integers: Pointer, scales: Pointer): void;
  /**
   * output (N x M) = activation(integers (N x K) * packed (K x M) * rowScales (N) * columnScales (M) + bias (M)). K * largest input * largest weight must be
   * below 2^31, so that the sums fit.
   */
  multiplyIntegers(
    N: number,
    M: number,
    K: number,
    integers: Pointer,
    rowScales: Pointer,
    packed: Pointer,
    columnScales: Pointer,
    bias: Pointer,
    activation: number,
    output: Pointer,
  ): void;

  // assembly/sparse-gemm.ts
  /** Bytes of working memory that `multiplySparse` wants for rows of K. */
  sparseScratchBytes(K: number): number;
  /**
   * roundRows and multiplyIntegers in one, for inputs of which many are 0: the same bits in less time. `packed` has panels of 32 columns. `addend` (N x M, 0 for none) is
   * added before the activation.
   */
  multiplySparse(
    N: number,
    M: number,
    K: number,
    input: Pointer,
    largest: number,
    packed: Pointer,
    columnScales: Pointer,
    bias: Pointer,
    addend: Pointer,
    activation: number,
    scratch: Pointer,
    output: Pointer,
  ): void;

  // assembly/integer-product.ts -- `product` describes a layer: see src/nn/integer-product.ts.
  /** Bytes of working memory that `multiplyProduct` wants for N rows. */
  productWorkBytes(N: number, product: Pointer): number;
  /** roundRows and multiplyIntegers or multiplySparse in one: output = activation(input * weight + bias); in place is allowed where there is room. */
  multiplyProduct(
    N: number,
    product: Pointer,
    activation: number,
    input: Pointer,
    work: Pointer,
    output: Pointer,
  ): void;

  // assembly/context-group.ts -- `group` describes a part of the context prior: see src/models/context-group.ts.
  /** Bytes of working memory that `predictGroup` wants for N cells. */
  groupWorkBytes(N: number, group: Pointer): number;
  /**
   * `predictSymbols` of what the group's network makes of N rows of `context` and of the channels before the group at the same cells: `cells` are raster indices
   * of `grid`, which has `stride` floats a cell.
   */
  predictGroup(
    N: number,
    group: Pointer,
    context: Pointer,
    cells: Pointer,
    grid: Pointer,
    stride: number,
    inverse: Pointer,
    offset: Pointer,
    lowest: number,
    density: number,
    scales: number,
    fractions: number,
    work: Pointer,
    mean: Pointer,
    logScale: Pointer,
    tables: Pointer,
  ): void;

  // assembly/activation.ts
  /** output[i] = activation(input[i]); in place is allowed. */
  activate(activation: number, count: number, input: Pointer, output: Pointer): void;
  /** gradientInput[i] = gradientOutput[i] * activation'(input[i]); `input` is the value before the activation; in place on the gradient is allowed. */
  activateGradient(
    activation: number,
    count: number,
    input: Pointer,
    gradientOutput: Pointer,
    gradientInput: Pointer,
  ): void;

  // assembly/elementwise.ts
  fill(count: number, value: number, output: Pointer): void;
  /** output[i] = left[i] + right[i]; in place is allowed. */
  add(count: number, left: Pointer, right: Pointer, output: Pointer): void;
  /** output[i] = left[i] * right[i]; in place is allowed. */
  multiply(count: number, left: Pointer, right: Pointer, output: Pointer): void;
  /** output[i] += factor * input[i] */
  addScaled(count: number, factor: number, input: Pointer, output: Pointer): void;
  /** output[n][c] = input[n][c] * scale[c]; in place is allowed. */
  scaleColumns(N: number, C: number, input: Pointer, scale: Pointer, output: Pointer): void;
  /** output[n][c] = row[c] */
  repeatRow(N: number, C: number, row: Pointer, output: Pointer): void;
  /** output[c] = [output[c] +] sum over n of input[n][c]: the gradient of a bias. */
  sumColumns(N: number, C: number, input: Pointer, output: Pointer, accumulate: number): void;
  /** output[c] = [output[c] +] sum over n of left[n][c] * right[n][c]: the gradient of a column scale. */
  sumColumnProducts(N: number, C: number, left: Pointer, right: Pointer, output: Pointer, accumulate: number): void;
  /** output[i] = e ** input[i], by our own polynomial, the same bits on every engine. */
  exponential(count: number, input: Pointer, output: Pointer): void;
  /** The 64-bit float at `output` = sum of input[i] ** 2. */
  sumOfSquares(count: number, input: Pointer, output: Pointer): void;
  /** output[i] += (input[i] - output[i]) * fraction: the exponential moving average of weights. */
  moveTowards(count: number, fraction: number, input: Pointer, output: Pointer): void;

  // assembly/depthwise.ts -- 3x3 per channel, stride 1, zero padding, on grids (B, H, W, C); weights (9, C), row by row of the window.
  /** output = bias + correlation of the input with the weights; `bias` 0 means none. */
  depthwise(
    B: number,
    H: number,
    W: number,
    C: number,
    input: Pointer,
    weights: Pointer,
    bias: Pointer,
    output: Pointer,
  ): void;
  depthwiseInputGradient(
    B: number,
    H: number,
    W: number,
    C: number,
    gradientOutput: Pointer,
    weights: Pointer,
    gradientInput: Pointer,
  ): void;
  /** Adds to `gradientWeights` (9, C). (The bias gradient is `sumColumns`.) */
  depthwiseWeightGradient(
    B: number,
    H: number,
    W: number,
    C: number,
    input: Pointer,
    gradientOutput: Pointer,
    gradientWeights: Pointer,
  ): void;

  // assembly/patches.ts -- pictures <-> windows. A canvas is a float picture (height, width, C) already padded.
  /**
   * canvas (H, W, C)[y][x][c] = pixels[rows[y]][columns[x]][c] * scale + offset, where `pixels` are bytes with `pixelStride` samples a row,
   * `rows` and `columns` are 32-bit index tables (this is where reflection lives), and `pixelChannels` >= C is the distance of two pixels.
   */
  readPixels(
    H: number,
    W: number,
    C: number,
    pixels: Pointer,
    pixelStride: number,
    pixelChannels: number,
    rows: Pointer,
    columns: Pointer,
    scale: number,
    offset: number,
    canvas: Pointer,
  ): void;
  /**
   * The inverse for output: pixels[y][x][c] = clamp(round(canvas[y][x][c] * scale + offset), 0, 255), rounding half to even.
   * `canvasWidth` is the width of the canvas in pixels; `canvas` points at its first wanted sample.
   */
  writePixels(
    H: number,
    W: number,
    C: number,
    canvas: Pointer,
    canvasWidth: number,
    scale: number,
    offset: number,
    pixels: Pointer,
    pixelStride: number,
    pixelChannels: number,
  ): void;
  /**
   * windows (B*H*W, S*S*C): the S x S window of grid cell (y, x) starts at canvas row y * patch, column x * patch.
   * Each canvas is (H - 1) * patch + S rows by `canvasWidth` columns, at least (W - 1) * patch + S.
   */
  gatherWindows(
    B: number,
    H: number,
    W: number,
    C: number,
    patch: number,
    S: number,
    canvasWidth: number,
    canvas: Pointer,
    windows: Pointer,
  ): void;
  /** The adjoint: adds every window onto the canvas in raster order of the cells. The canvas must have been cleared. */
  addWindows(
    B: number,
    H: number,
    W: number,
    C: number,
    patch: number,
    S: number,
    canvasWidth: number,
    windows: Pointer,
    canvas: Pointer,
  ): void;

  // assembly/byte-windows.ts -- the same in 16-bit integers, of bytes less 128.
  /** canvas (H, W, C)[y][x][c] = pixels[rows[y]][columns[x]][c] - 128: see `readPixels`. */
  readBytes(
    H: number,
    W: number,
    C: number,
    pixels: Pointer,
    pixelStride: number,
    pixelChannels: number,
    rows: Pointer,
    columns: Pointer,
    canvas: Pointer,
  ): void;
  /** The S x S windows of W cells side by side, as rows for `multiplyIntegers`; `canvas`, `canvasWidth` pixels wide, is at the corner of the first. */
  gatherByteWindows(
    W: number,
    C: number,
    patch: number,
    S: number,
    canvasWidth: number,
    canvas: Pointer,
    windows: Pointer,
  ): void;

  // assembly/loss.ts -- `total` is a 64-bit float that is ADDED to; gradients are written, already times `weight`.
  /** total += weight * sum of (prediction - target)^2; gradient[i] = weight * 2 * (prediction - target). */
  squaredError(
    count: number,
    prediction: Pointer,
    target: Pointer,
    weight: number,
    gradient: Pointer,
    total: Pointer,
  ): void;
  /** Binary cross-entropy of logits against targets in [0, 1], natural units (nats), in the stable form; gradient[i] = weight * (sigmoid(logit) - target). */
  binaryCrossEntropy(
    count: number,
    logits: Pointer,
    target: Pointer,
    weight: number,
    gradient: Pointer,
    total: Pointer,
  ): void;

  // assembly/likelihood.ts -- bits of values under a density integrated over the unit bin [v - 1/2, v + 1/2].
  /**
   * total += weight * sum of -log2(P(v)); P of a Gaussian with `mean[i]` and standard deviation e ** logScale[i] (bounded below by 0.11).
   * P is bounded below by 1e-9; both bounds keep a gradient that points back into the range. Gradients are written, times `weight`.
   */
  gaussianBits(
    count: number,
    value: Pointer,
    mean: Pointer,
    logScale: Pointer,
    weight: number,
    gradientValue: Pointer,
    gradientMean: Pointer,
    gradientLogScale: Pointer,
    total: Pointer,
  ): void;
  /** The same for a logistic density whose STANDARD DEVIATION is e ** logScale[i] (its scale parameter is that times sqrt(3) / pi). */
  logisticBits(
    count: number,
    value: Pointer,
    mean: Pointer,
    logScale: Pointer,
    weight: number,
    gradientValue: Pointer,
    gradientMean: Pointer,
    gradientLogScale: Pointer,
    total: Pointer,
  ): void;

  /** output[i] = mean of a Gaussian within the unit bin around symbols[i] (an integer as a float), less that symbol. */
  centroids(count: number, symbols: Pointer, mean: Pointer, logScale: Pointer, output: Pointer): void;
  /**
   * How many bits more a value takes under its Gaussian when it is moved by one: up[i] of value[i] + 1, down[i] of value[i] - 1. Bounds as in
   * `gaussianBits`.
   */
  gaussianSteps(count: number, value: Pointer, mean: Pointer, logScale: Pointer, up: Pointer, down: Pointer): void;
  /** The same for the logistic density of `logisticBits`. */
  logisticSteps(count: number, value: Pointer, mean: Pointer, logScale: Pointer, up: Pointer, down: Pointer): void;

  // assembly/variational.ts -- N images of C latents, `repeats` samples of each: row n * repeats + r is sample r of image n. Nats.
  /** output (N * repeats x C) = mean (N x C) + e ** (logVariance (N x C) / 2) * noise (N * repeats x C). */
  reparameterize(
    N: number,
    C: number,
    repeats: number,
    mean: Pointer,
    logVariance: Pointer,
    noise: Pointer,
    output: Pointer,
  ): void;
  /** Gradients (N x C), written, by mean and logVariance from `gradient` (N * repeats x C) by the output of `reparameterize`; the noise is held. */
  reparameterizeGradient(
    N: number,
    C: number,
    repeats: number,
    logVariance: Pointer,
    noise: Pointer,
    gradient: Pointer,
    gradientMean: Pointer,
    gradientLogVariance: Pointer,
  ): void;
  /** divergence[n] = Kullback-Leibler divergence from N(mean[n], e ** logVariance[n]) to N(0, 1). Gradients, times `weight`, are ADDED. */
  gaussianDivergence(
    N: number,
    C: number,
    mean: Pointer,
    logVariance: Pointer,
    weight: number,
    divergence: Pointer,
    gradientMean: Pointer,
    gradientLogVariance: Pointer,
  ): void;
  /** output[n][r] = ln N(sample; 0, 1) - ln N(sample; mean, e ** logVariance) of samples that `reparameterize` made of this noise. */
  logPriorRatio(
    N: number,
    C: number,
    repeats: number,
    logVariance: Pointer,
    noise: Pointer,
    sample: Pointer,
    output: Pointer,
  ): void;
  /**
   * output[n][r] = ln probability of target[n] (N x M, 0 .. 1) under Bernoulli variables of these logits (N * repeats x M): minus the binary
   * cross-entropy. `gradient`, unless 0, is weights[n][r] * (sigmoid(logit) - target): of the weighted cross-entropy.
   */
  bernoulliRows(
    N: number,
    M: number,
    repeats: number,
    logits: Pointer,
    target: Pointer,
    weights: Pointer,
    gradient: Pointer,
    output: Pointer,
  ): void;
  /** output[n][r] = sum of (prediction[n][r] - target[n])^2; `gradient`, unless 0, is weights[n][r] * 2 * (prediction - target). */
  squaredErrorRows(
    N: number,
    M: number,
    repeats: number,
    prediction: Pointer,
    target: Pointer,
    weights: Pointer,
    gradient: Pointer,
    output: Pointer,
  ): void;
  /** output[i] = 1 where uniform[i] < probability[i], else 0. */
  drawBernoulli(count: number, probability: Pointer, uniform: Pointer, output: Pointer): void;

  // assembly/anneal.ts
  /**
   * One sweep of simulated annealing: symbols (N x C, floats that are integers) each go up by one, down by one, or stay, drawn with weights
   * e ** (-cost / temperature). A step's cost is its own bits (`up`, `down`), `reluctance`, and what a parabola of curvature[c] with
   * slope[n][c] at the symbol says of everything else. The slopes are averages: first they move by `rate` (0 .. 1) towards `gradient` (N x C), and with
   * each step by the curvature. temperature > 0.
   */
  annealSymbols(
    N: number,
    C: number,
    symbols: Pointer,
    gradient: Pointer,
    up: Pointer,
    down: Pointer,
    curvature: Pointer,
    slope: Pointer,
    rate: number,
    temperature: number,
    reluctance: number,
    state: Pointer,
  ): void;

  // assembly/adam.ts
  /**
   * One step of Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). `gradientScale` multiplies the gradient first
   * (clipping by global norm); `correction1` = 1 - beta1 ** step, `correction2` = 1 - beta2 ** step.
   */
  adam(
    count: number,
    value: Pointer,
    gradient: Pointer,
    moment1: Pointer,
    moment2: Pointer,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
    correction1: number,
    correction2: number,
    gradientScale: number,
  ): void;

  // assembly/eigen.ts
  /**
   * Eigenvalues (descending) and eigenvectors of a symmetric D x D matrix of 64-bit floats, by Householder tridiagonalisation and implicit QL.
   * `matrix` is destroyed and ends up holding the eigenvectors, one a ROW, in the order of `values` (D 64-bit floats).
   * `work` has room for D 64-bit floats. The 32-bit integer at `status` is 0, or 1 where QL did not converge.
   */
  symmetricEigen(D: number, matrix: Pointer, values: Pointer, work: Pointer, status: Pointer): void;

  // assembly/random.ts -- xoshiro128++ (Blackman & Vigna 2021), four lanes side by side; `state` is 64 bytes.
  seedRandom(seed: number, state: Pointer): void;
  /** Uniform in [0, 1), 24 bits each. Draws come in fours; a call with a count that is no multiple of 4 discards the rest. */
  randomUniform(count: number, state: Pointer, output: Pointer): void;
  /** Standard normal by Box-Muller on our own log, sine and cosine. */
  randomNormal(count: number, state: Pointer, output: Pointer): void;

  // assembly/quantize.ts
  /** output[i] = input[i] rounded to the nearest integer, half to even, as a float; in place is allowed. */
  roundNearest(count: number, input: Pointer, output: Pointer): void;
  /** symbols[i] (32-bit integers) = round(input[i]) half to even, clamped to +-limit; NaN becomes 0. */
  quantize(count: number, input: Pointer, limit: number, symbols: Pointer): void;
  /** output[n][c] = symbols[n][c] * scale[c] */
  dequantize(N: number, C: number, symbols: Pointer, scale: Pointer, output: Pointer): void;

  // assembly/sparse.ts
  /** output (N x C)[n] = input[n] with all but its `k` (1 .. C) largest elements set to 0; of equals the first stay. In place is allowed. */
  keepLargest(N: number, C: number, k: number, input: Pointer, output: Pointer): void;
  /** gradientInput[i] = gradientOutput[i] where code[i] is not 0, elsewhere 0: the gradient of `keepLargest`. In place on the gradient is allowed. */
  passActive(count: number, code: Pointer, gradientOutput: Pointer, gradientInput: Pointer): void;

  // assembly/context.ts -- `indices` are 32-bit integers; strides as everywhere count elements.
  /** output[n] = source[indices[n]], C floats a row; zeros where the index is negative. */
  gatherRows(
    N: number,
    C: number,
    source: Pointer,
    sourceStride: number,
    indices: Pointer,
    output: Pointer,
    outputStride: number,
  ): void;
  /** The adjoint: destination[indices[n]] += input[n]; nothing where the index is negative. */
  addRows(
    N: number,
    C: number,
    input: Pointer,
    inputStride: number,
    indices: Pointer,
    destination: Pointer,
    destinationStride: number,
  ): void;
  /** destination[indices[n]] = input[n]; indices must not be negative. */
  placeRows(
    N: number,
    C: number,
    input: Pointer,
    inputStride: number,
    indices: Pointer,
    destination: Pointer,
    destinationStride: number,
  ): void;
  /**
   * output (N x (4 C + 1)): for each of `cells`, raster indices of a grid W cells wide, the C floats of its left, upper, upper left and upper right cell (zeros
   * outside the grid), then `quality`.
   */
  gatherNeighbours(
    N: number,
    C: number,
    W: number,
    cells: Pointer,
    grid: Pointer,
    quality: number,
    output: Pointer,
  ): void;
  /**
   * From rows of C means and C log scales to mean = output * inverse[c], logScale = output * 4 + offset[c] (N x C each), and tables (bytes) = scale * (fractions + 1)
   * + fraction, where `scale` is the nearest of `scales` entries of a logarithmic table that starts at e ** lowest with `density` entries to a factor of e, and
   * `fraction` is the distance of the mean from its nearest integer in steps of 1 / (2 * fractions). Whole vectors are written: `mean`, `logScale` and `tables` have
   * room for three more.
   */
  predictSymbols(
    N: number,
    C: number,
    output: Pointer,
    inverse: Pointer,
    offset: Pointer,
    lowest: number,
    density: number,
    scales: number,
    fractions: number,
    mean: Pointer,
    logScale: Pointer,
    tables: Pointer,
  ): void;
  /** centred[i] = symbols[i] - nearest(mean[i]), negated where mean[i] < nearest(mean[i]); so that tables need to know distances only. */
  centreSymbols(count: number, symbols: Pointer, mean: Pointer, centred: Pointer): void;
  /**
   * The inverse of `centreSymbols` for N x C centred symbols, whose rows are the cells `cells` of grids with `stride` floats a cell (pointers at the first of the C
   * channels): symbols, dequantized = symbol * gain[c], reconstructed = (symbol + centroid * share[c]) * gain[c] unless 0. Channels with coded[c] 0 become 0; the
   * others have -1 there.
   */
  completeSymbols(
    N: number,
    C: number,
    centred: Pointer,
    mean: Pointer,
    logScale: Pointer,
    gain: Pointer,
    share: Pointer,
    coded: Pointer,
    cells: Pointer,
    stride: number,
    symbols: Pointer,
    dequantized: Pointer,
    reconstructed: Pointer,
  ): void;

  // assembly/rans.ts -- see docs/FORMAT.md, "Entropy coding". `tables` is the bank of integer tables laid out as src/models/tables.ts says.
  /**
   * Encodes `count` symbols (32-bit integers), symbol i under table `tableIndex[i]` (bytes). Bytes are written BACKWARDS from `end`, never before
   * `begin`; the 32-bit integer at `result` is where the stream starts, or 0 where the room was too small (8 bytes a symbol and 8 more always do)
   * or a symbol lies beyond +-32767. `seal` (0 .. 65535) is hidden in the coder's first state and comes back at the decoder's last; -1 means no seal.
   */
  ransEncode(
    count: number,
    symbols: Pointer,
    tableIndex: Pointer,
    tables: Pointer,
    seal: number,
    begin: Pointer,
    end: Pointer,
    result: Pointer,
  ): void;
  /** Starts a decoder over the bytes [begin, end). `decoder` is 16 bytes: state, next byte, end, error flag. */
  ransOpen(decoder: Pointer, begin: Pointer, end: Pointer): void;
  /** Decodes the next `count` symbols; may be called any number of times. */
  ransDecode(decoder: Pointer, count: number, tableIndex: Pointer, tables: Pointer, symbols: Pointer): void;
  /**
   * The 32-bit integer at `result`: the seal 0 .. 65535, -1 where the stream had none, or -2 where the stream is corrupt
   * (bytes left over, or a last state that no encoder starts from, or an escape beyond the limit).
   */
  ransClose(decoder: Pointer, result: Pointer): void;

  // assembly/crc32.ts
  /** The CRC-32 (as a 32-bit integer) of `count` 32-bit symbols, the low 16 bits of each, lowest byte first. */
  symbolChecksum(count: number, symbols: Pointer): number;

  // assembly/plane.ts -- lossless coding of a byte plane (alpha, or grey of few levels), see docs/FORMAT.md, "Planes".
  /** Number of contexts of the coder: 32-bit cells, fresh ones 2^31. The calls below start from those at `contexts` and change them. */
  planeContextCount(): number;
  /** Encodes a H x W plane. The 32-bit integer at `result` is the number of bytes written to `output`, or -1 where `room` was too small (3 * H * W + 16 leaves space for noise). */
  planeEncode(
    H: number,
    W: number,
    contexts: Pointer,
    plane: Pointer,
    output: Pointer,
    room: number,
    result: Pointer,
  ): void;
  /** Decodes into `plane`. The 32-bit integer at `result` is the number of bytes read, or -1 where the bytes ran out. */
  planeDecode(
    H: number,
    W: number,
    contexts: Pointer,
    input: Pointer,
    length: number,
    plane: Pointer,
    result: Pointer,
  ): void;
  /**
   * Lists what the contexts would learn from a plane, in the order of coding: 32-bit integers, twice the context's index plus the bit. The
   * integer at `result` is their number, or -1 where `room` bytes were too few (64 * H * W are enough).
   */
  planeTrace(H: number, W: number, plane: Pointer, output: Pointer, room: number, result: Pointer): void;
}
