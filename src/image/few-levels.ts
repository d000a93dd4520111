/** Pictures of more grey levels are left to the latents, */
const mostLevels = 16;
/** and so are larger ones, which nobody should have to hold. */
const mostPixels = 1 << 24;

/** Gathers the samples of a picture that comes row by row, for as long as it is grey and has few levels. */
export class FewLevels {
  private samples: Uint8Array | undefined;
  private readonly met = new Uint8Array(256);
  private levels = 0;
  private count = 0;
  private last = 0;

  constructor(pixels: number) {
    if (pixels <= mostPixels) this.samples = new Uint8Array(pixels);
  }

  /**
   * Takes whole pixels of 1 or 3 channels, next in raster order. Where their alpha is 0 they count for nothing, and stand for what came before them.
   */
  add(data: Uint8Array, channels: 1 | 3, alpha?: Uint8Array): void {
    const { samples, met } = this;
    if (!samples) return;
    for (let i = 0; i * channels < data.length; i++) {
      if (alpha?.[i] !== 0) {
        const at = i * channels;
        const level = data[at];
        const isGrey = channels === 1 || (level === data[at + 1] && level === data[at + 2]);
        if (!met[level]) this.levels += ++met[level];
        if (!isGrey || this.levels > mostLevels) {
          this.samples = undefined;
          return;
        }
        this.last = level;
      }
      samples[this.count++] = this.last;
    }
  }

  /** `add` for all that passes. */
  async *watch(pieces: AsyncIterable<Uint8Array>, channels: 1 | 3): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.add(piece, channels);
      yield piece;
    }
  }

  /** False where the picture is known not to be such. */
  get goesOn(): boolean {
    return this.samples !== undefined;
  }

  /** The grey samples, undefined where the picture is not such, or not whole. */
  get plane(): Uint8Array | undefined {
    return this.count === this.samples?.length ? this.samples : undefined;
  }
}

/** Pixels that are looked at without a pause. */
const piecePixels = 1 << 20;

/** The grey samples of a picture of few levels, undefined of any other. */
export async function fewLevelsOf(
  { data, width, height, channels }: { data: Uint8Array; width: number; height: number; channels: number },
  alpha: Uint8Array | undefined,
  pacer: { breathe(): Promise<void> },
): Promise<Uint8Array | undefined> {
  const few = new FewLevels(width * height);
  for (let at = 0; at < width * height && few.goesOn; at += piecePixels) {
    const end = at + piecePixels;
    few.add(data.subarray(at * channels, end * channels), channels as 1 | 3, alpha?.subarray(at, end));
    await pacer.breathe();
  }
  return few.plane;
}
