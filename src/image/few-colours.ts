import { paletteColours, sampleOf } from "./palette.js";

/** Pictures of more grey levels, or more colours, are left to the latents, */
const most = { levels: 16, colours: 256 } as const;
/** and so are larger ones, which nobody should have to hold. */
const mostPixels = 0x1000000;

/** A picture of few colours as a plane, which can be coded without loss. */
export interface FewColoured {
  /** Grey samples, or with a palette the samples that stand for its colours. */
  readonly plane: Uint8Array;
  /** Red, green and blue of each colour; undefined where the picture is grey. */
  readonly palette?: Uint8Array;
}

/** Gathers the pixels of a picture that comes row by row, for as long as it has few colours. */
export class FewColours {
  /** The number of each pixel's colour, in the order in which colours were met. */
  private numbers: Uint8Array | undefined;
  private readonly colours = new Map<number, number>();
  private isGrey = true;
  private count = 0;
  /** Hidden pixels before the first that is seen. */
  private leading = 0;
  private lastColour = -1;
  private lastNumber = 0;

  constructor(pixels: number) {
    if (pixels <= mostPixels) this.numbers = new Uint8Array(pixels);
  }

  /**
   * Takes whole pixels of 1 or 3 channels, next in raster order. Where their alpha is 0 they count for nothing, and stand for what came before them.
   */
  add(data: Uint8Array, channels: 1 | 3, alpha?: Uint8Array): void {
    const { numbers } = this;
    if (!numbers) return;
    for (let i = 0; i * channels < data.length; i++) {
      if (alpha?.[i] !== 0) {
        const at = i * channels;
        const [red, green, blue] = channels === 1 ? [data[at], data[at], data[at]] : data.subarray(at, at + 3);
        const colour = red * 65536 + green * 256 + blue;
        if (colour !== this.lastColour) {
          this.isGrey &&= red === green && green === blue;
          if (this.lastColour < 0) this.leading = this.count;
          this.lastColour = colour;
          this.lastNumber = this.numberOf(colour);
          if (this.colours.size > (this.isGrey ? most.levels : most.colours)) {
            this.numbers = undefined;
            return;
          }
        }
      }
      numbers[this.count++] = this.lastNumber;
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
    return this.numbers !== undefined;
  }

  /** The picture as a plane, undefined where it is not such, or not whole. */
  get found(): FewColoured | undefined {
    const { numbers, isGrey } = this;
    if (numbers?.length !== this.count) return undefined;
    const colours = [...this.colours.keys()];
    // Nothing but hidden pixels.
    if (colours.length === 0) colours.push(0);
    if (isGrey) return { plane: numbers.map((number) => colours[number] % 256).fill(0, 0, this.leading) };
    const uses = new Uint32Array(colours.length);
    for (const number of numbers) uses[number]++;
    const order = [...uses.keys()].sort((a, b) => uses[b] - uses[a] || a - b);
    const samples = new Uint8Array(colours.length);
    order.forEach((number, place) => {
      samples[number] = sampleOf(place);
    });
    return { plane: numbers.map((number) => samples[number]), palette: paletteColours(order.map((n) => colours[n])) };
  }

  private numberOf(colour: number): number {
    const { colours } = this;
    if (!colours.has(colour)) colours.set(colour, colours.size);
    return colours.get(colour)!;
  }
}

/** Pixels that are looked at without a pause. */
const piecePixels = 0x100000;

/** The plane of a picture of few colours, undefined of any other. */
export async function fewColoursOf(
  { data, width, height, channels }: { data: Uint8Array; width: number; height: number; channels: number },
  alpha: Uint8Array | undefined,
  pacer: { breathe(): Promise<void> },
): Promise<FewColoured | undefined> {
  const few = new FewColours(width * height);
  for (let at = 0; at < width * height && few.goesOn; at += piecePixels) {
    const end = at + piecePixels;
    few.add(data.subarray(at * channels, end * channels), channels as 1 | 3, alpha?.subarray(at, end));
    await pacer.breathe();
  }
  return few.found;
}
