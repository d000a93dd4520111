import type { Pointer } from "../interface.js";

/** Between latents, symbols and bytes. The conventions are those of ../interface.ts. */
export interface CodingKernels {
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
    tables: Pointer,
  ): void;

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
   * From rows of C means and C log scales to mean = output * inverse[c] (N x C) and tables (bytes) = scale * (fractions + 1) + fraction, where `scale` is the
   * entry nearest to output * 4 + offset[c] of `scales` entries of a logarithmic table that starts at e ** lowest with `density` entries to a factor of e, and
   * `fraction` is the distance of the mean from its nearest integer in steps of 1 / (2 * fractions). Whole vectors are written: `mean` and `tables` have
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
    tables: Pointer,
  ): void;
  /** centred[i] = symbols[i] - nearest(mean[i]), negated where mean[i] < nearest(mean[i]); so that tables need to know distances only. */
  centreSymbols(count: number, symbols: Pointer, mean: Pointer, centred: Pointer): void;
  /**
   * The inverse of `centreSymbols` for N x C centred symbols, whose rows are the cells `cells` of grids with `stride` floats a cell (pointers at the first of the C
   * channels): symbols, dequantized = symbol * gain[c], reconstructed = (symbol + centroid * share[c]) * gain[c] unless 0. `centroids` has 32 floats for each table:
   * of the centred symbols -16 .. 15, mirrored with the symbol; those beyond are held within; 0: no centroids. Up to three bytes behind `tables` are looked at. Channels with coded[c] 0 become 0; the
   * others have -1 there.
   */
  completeSymbols(
    N: number,
    C: number,
    centred: Pointer,
    mean: Pointer,
    tables: Pointer,
    centroids: Pointer,
    gain: Pointer,
    share: Pointer,
    coded: Pointer,
    cells: Pointer,
    stride: number,
    symbols: Pointer,
    dequantized: Pointer,
    reconstructed: Pointer,
  ): void;

  // assembly/choose.ts
  /**
   * A sender's choice between the nearest symbol and its neighbour towards the prediction, for N x C latents whose rows are the cells `cells` of grids with `stride`
   * floats a cell (pointers at the first of the C channels): `latents`, `symbols` (rounded to the nearest) and dequantized = symbol * gain[c]. `mean` and `tables` (N x C) are those of
   * `predictSymbols`; `savings` has 32 floats for each table: the bits that a step towards 0 saves, of the centred symbols -16 .. 15; `centroids` and `share` are those of
   * `completeSymbols`. The neighbour is taken where the squared error grows by less than `worth` times the bits. Latents of 0 keep their symbols.
   */
  chooseSymbols(
    N: number,
    C: number,
    latents: Pointer,
    mean: Pointer,
    tables: Pointer,
    savings: Pointer,
    centroids: Pointer,
    share: Pointer,
    gain: Pointer,
    worth: number,
    cells: Pointer,
    stride: number,
    symbols: Pointer,
    dequantized: Pointer,
  ): void;

  // assembly/anneal.ts
  /**
   * One sweep of simulated annealing: symbols (N x C, floats that are integers) each go up by one, down by one, or stay, drawn with weights
   * e ** (-cost / temperature). A step's cost is its own (`up`, `down`), `reluctance`, and what a parabola of curvature[c] * sensitivity[n] with
   * slope[n][c] says of everything that the symbol's reconstruction changes, which the step moves by `shiftUp` or `shiftDown` (N x C). The slopes are
   * averages: first they move by `rate` (0 .. 1) towards `gradient` (N x C), and with each step along the parabola. temperature > 0.
   */
  annealSymbols(
    N: number,
    C: number,
    symbols: Pointer,
    gradient: Pointer,
    up: Pointer,
    down: Pointer,
    shiftUp: Pointer,
    shiftDown: Pointer,
    curvature: Pointer,
    sensitivity: Pointer,
    slope: Pointer,
    rate: number,
    temperature: number,
    reluctance: number,
    share: number,
    state: Pointer,
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
  /** The CRC-32 (as a 32-bit integer) of 32-bit symbols, the low 16 bits of each, lowest byte first: those whose checksum is `before`, and `count` more. */
  symbolChecksum(before: number, count: number, symbols: Pointer): number;
}
