import { bytesIn } from "../ground/byte-source.js";
import { expected } from "../ground/errors.js";
import { convertColour, isGrey } from "./channels.js";
import type { Channels, DecodedImage } from "./image.js";

/** Some rows of a picture: row `top` of the picture comes first. */
export interface PixelWindow {
  readonly data: Uint8Array;
  readonly top: number;
  readonly width: number;
  readonly channels: number;
}

/** A picture that is read from top to bottom, a window at a time. */
export interface PixelRows {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Rows `first` .. `end` - 1, valid until the next call. `first` never goes back. */
  window(first: number, end: number): Promise<PixelWindow>;
}

/** The rows of a picture in memory. */
export function rowsInMemory({ data, width, height, channels }: DecodedImage): PixelRows {
  const stride = width * channels;
  return {
    width,
    height,
    channels,
    window: async (top, end) => ({ data: data.subarray(top * stride, end * stride), top, width, channels }),
  };
}

/** The rows of a picture that arrives in pieces; holds those of one window and of the piece at hand. */
export class StreamedRows implements PixelRows {
  readonly width: number;
  readonly height: number;
  private readonly pieces: AsyncIterator<Uint8Array>;
  private held: Uint8Array = new Uint8Array(0);
  private top = 0;
  private end = 0;
  private rest: Uint8Array = new Uint8Array(0);

  /** `pieces`: whole rows of `channels` samples a pixel, see `piecesOfRows`. */
  constructor(
    size: { width: number; height: number },
    readonly channels: number,
    pieces: AsyncIterable<Uint8Array>,
  ) {
    this.width = size.width;
    this.height = size.height;
    this.pieces = pieces[Symbol.asyncIterator]();
  }

  async window(first: number, end: number): Promise<PixelWindow> {
    if (first < this.top) throw new Error("Rows of a stream were asked for twice");
    const { width, channels } = this;
    const stride = width * channels;
    const kept = this.held.subarray((Math.min(first, this.end) - this.top) * stride, (this.end - this.top) * stride);
    const length = (end - first) * stride;
    if (this.held.length < length) {
      const larger = new Uint8Array(length);
      larger.set(kept);
      this.held = larger;
    } else {
      this.held.set(kept);
    }
    // A window may begin below what was read so far: the rows between are passed over.
    let missing = Math.max(0, first - this.end) * stride;
    for (let at = kept.length; at < length; ) {
      if (this.rest.length === 0) this.rest = await this.nextPiece();
      const passed = Math.min(missing, this.rest.length);
      missing -= passed;
      const taken = this.rest.subarray(passed, passed + length - at);
      this.held.set(taken, at);
      at += taken.length;
      this.rest = this.rest.subarray(passed + taken.length);
    }
    this.top = first;
    this.end = end;
    return { data: this.held.subarray(0, length), top: first, width, channels };
  }

  /** Reads to the end, so that the source finishes its checks and closes. */
  async finish(): Promise<void> {
    while (!(await this.pieces.next()).done);
  }

  /** Tells the source that no more is wanted. */
  async cancel(): Promise<void> {
    await this.pieces.return?.();
  }

  private async nextPiece(): Promise<Uint8Array> {
    const { value, done } = await this.pieces.next();
    if (done) throw new Error("A stream of rows ended early");
    return value;
  }
}

/**
 * Regroups bytes that were cut anywhere into whole rows, and brings them from `channels` (1 or 3) to `wanted` samples a pixel.
 * Throws `invalid-parameter` where the bytes are not exactly those of the picture, or hold colour that a grey model cannot code.
 */
export async function* piecesOfRows(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { width, height, channels }: { width: number; height: number; channels: Channels },
  wanted: 1 | 3,
): AsyncGenerator<Uint8Array> {
  const stride = width * channels;
  const size = stride * height;
  let read = 0;
  let begun: Uint8Array = new Uint8Array(0);
  for await (const given of source) {
    const piece = bytesIn(given, "rows");
    read += piece.length;
    if (read > size) throw expected(`${size} samples`, "rows", `at least ${read}`);
    const bytes = begun.length ? joined(begun, piece) : piece;
    const whole = bytes.length - (bytes.length % stride);
    begun = bytes.slice(whole);
    if (whole === 0) continue;
    const rows = { data: bytes.subarray(0, whole), width, height: whole / stride, channels };
    if (wanted === 1 && !isGrey(rows)) {
      throw expected("grey rows (or a model trained on colour)", "rows", `${channels} channels of colour`);
    }
    yield convertColour(rows, wanted).data;
  }
  if (read < size) throw expected(`${size} samples`, "rows", read);
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
