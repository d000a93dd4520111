import type { Pointer } from "../interface.js";

/** Between pictures and windows, and pictures that are coded as they are. The conventions are those of ../interface.ts. */
export interface PictureKernels {
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

  // assembly/chroma.ts -- windows of RGB pixels (N, S*S*3) <-> windows whose colour differences have half the resolution (N, S*S*3/2): S x S of luma, S/2 x S/2 of Cb, and of Cr.
  /** Windows of pixels; see docs/FORMAT.md, "Synthesis". */
  enlargeChroma(N: number, S: number, input: Pointer, output: Pointer): void;
  /** The adjoint: from gradients by the pixels to those by the halved windows. */
  enlargeChromaGradient(N: number, S: number, input: Pointer, output: Pointer): void;
  /** Halved windows for an analysis, whose colour differences are sums of 2 x 2 pixels. */
  halveChroma(N: number, S: number, input: Pointer, output: Pointer): void;

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
  /**
   * A canvas whose colour differences have half the resolution: (H, W) of 2 * (luma - 128), then (H / 2, W / 2) of 2 * Cb, as sums of 2 x 2 pixels, and as many
   * of 2 * Cr. H and W are even. See `readPixels`.
   */
  readHalvedBytes(
    H: number,
    W: number,
    pixels: Pointer,
    pixelStride: number,
    pixelChannels: number,
    rows: Pointer,
    columns: Pointer,
    canvas: Pointer,
  ): void;
  /** The windows of N cells side by side of such a canvas, the first at (x, y): S x S of luma, then (S / 2) x (S / 2) of each colour difference. */
  gatherHalvedWindows(
    N: number,
    patch: number,
    S: number,
    canvasHeight: number,
    canvasWidth: number,
    x: number,
    y: number,
    canvas: Pointer,
    windows: Pointer,
  ): void;

  // assembly/plane.ts -- lossless coding of a byte plane (alpha, or grey of few levels), see docs/FORMAT.md, "Planes".
  /** Number of contexts of the coder: 32-bit cells, fresh ones 2^31. The calls below start from those at `contexts` and change them. */
  planeContextCount(): number;
  /**
   * Encodes rows `first` .. H - 1 of a plane that is W wide, a strip of it at a time: the first `first` rows at `plane` (two, or what there is) are those
   * above the strip. `coder` is 16 bytes, all 0 before the first strip, then kept as they are, with the contexts and the output: 32-bit integers of which
   * the third is the number of bytes written, and the last is above 0 where `room` was too small (2 * H * W + 64 leave space for noise).
   */
  planeEncode(
    first: number,
    H: number,
    W: number,
    cells: Pointer,
    plane: Pointer,
    output: Pointer,
    room: number,
    coder: Pointer,
  ): void;
  /** Writes the last bytes of a plane: two at least are written in all. */
  planeFinish(output: Pointer, room: number, coder: Pointer): void;
  /**
   * Decodes rows `first` .. H - 1 into `plane`, as `planeEncode` is given them. `input`: the bytes that the strips before have not read. Then the third
   * integer of `coder` is the number of bytes that this strip has read, and the last how many were missing so far: more than four say that the bytes
   * ran out.
   */
  planeDecode(
    first: number,
    H: number,
    W: number,
    cells: Pointer,
    plane: Pointer,
    input: Pointer,
    length: number,
    coder: Pointer,
  ): void;
  /**
   * Lists what the contexts would learn from rows `first` .. H - 1 of a plane, in the order of coding: 32-bit integers, twice the context's index plus the
   * bit. The integer at `result` is their number, or -1 where `room` bytes were too few (64 a sample are enough).
   */
  planeTrace(first: number, H: number, W: number, plane: Pointer, output: Pointer, room: number, result: Pointer): void;
}
