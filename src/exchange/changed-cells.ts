import type { DecodedImage } from "../image/image.js";
import type { ModelConfiguration } from "../models/configuration.js";
import { gridSize, type Size } from "../models/tiling.js";

/** Side of the blocks of pixels whose differences are judged together, where it divides that of a patch. */
const usualSide = 4;
/** How much nearer the mean of a cell has to stay than its pixels: noise hardly moves it. */
const meanShare = 0.5;

/**
 * The pixels of a scene as they were when each cell was last sent, with which new pictures are compared: so noise is
 * not sent again and again, and what changes slowly adds up until it is. Decides at a sender alone; a receiver never
 * knows.
 */
export class SentPixels {
  private readonly grid: Size;
  private readonly side: Size;
  /** Blocks of the whole grid. */
  private readonly blocks: Size;
  private readonly pixels: Uint8Array;

  constructor(
    private readonly configuration: ModelConfiguration,
    private readonly size: Size,
  ) {
    const { patch, channels } = configuration;
    this.grid = gridSize(configuration, size);
    const sideOf = (patch: number): number => (patch % usualSide === 0 ? usualSide : patch);
    this.side = { width: sideOf(patch.width), height: sideOf(patch.height) };
    this.blocks = {
      width: (this.grid.width * patch.width) / this.side.width,
      height: (this.grid.height * patch.height) / this.side.height,
    };
    this.pixels = new Uint8Array(size.width * size.height * channels);
  }

  /**
   * 1 for each cell of a picture that has changed: where a block of the pixels that it draws differs by more than
   * `tolerance`, the root of the mean square, or the means of the patch by half of that.
   */
  changed(picture: DecodedImage, tolerance: number): Uint8Array {
    const { patch, synthesisMargin: margin, channels } = this.configuration;
    const { squares, sums, counts } = this.differences(picture);
    const { blocks, side, grid } = this;
    const marks = new Uint8Array(grid.width * grid.height);
    const across = patch.width / side.width;
    const down = patch.height / side.height;
    const [reachX, reachY] = [Math.ceil(margin / side.width), Math.ceil(margin / side.height)];
    const isFar = squares.map((sum, block) => (sum > tolerance * tolerance * channels * counts[block] ? 1 : 0));
    for (let y = 0; y < grid.height; y++) {
      for (let x = 0; x < grid.width; x++) {
        let mark = 0;
        const [left, right] = [Math.max(0, x * across - reachX), Math.min(blocks.width, (x + 1) * across + reachX)];
        const [top, bottom] = [Math.max(0, y * down - reachY), Math.min(blocks.height, (y + 1) * down + reachY)];
        for (let by = top; by < bottom; by++) {
          for (let bx = left; bx < right; bx++) mark |= isFar[by * blocks.width + bx];
        }
        for (let c = 0; c < channels && !mark; c++) {
          let sum = 0;
          let count = 0;
          for (let by = y * down; by < (y + 1) * down; by++) {
            for (let bx = x * across; bx < (x + 1) * across; bx++) {
              sum += sums[(by * blocks.width + bx) * channels + c];
              count += counts[by * blocks.width + bx];
            }
          }
          if (Math.abs(sum) > meanShare * tolerance * count) mark = 1;
        }
        marks[y * grid.width + x] = mark;
      }
    }
    return marks;
  }

  /** The marked cells were sent as they are in the picture. */
  keep({ data }: DecodedImage, marks: Uint8Array): void {
    const { patch, channels } = this.configuration;
    const { width, height } = this.size;
    marks.forEach((mark, cell) => {
      if (!mark) return;
      const left = (cell % this.grid.width) * patch.width;
      const top = Math.floor(cell / this.grid.width) * patch.height;
      const right = Math.min(width, left + patch.width);
      for (let y = top; y < Math.min(height, top + patch.height); y++) {
        const [begin, end] = [(y * width + left) * channels, (y * width + right) * channels];
        this.pixels.set(data.subarray(begin, end), begin);
      }
    });
  }

  /** Of each block: the sum of squares, the sum for each channel, and how many of its pixels lie in the picture. */
  private differences({ data }: DecodedImage) {
    const { width, height } = this.size;
    const { channels } = this.configuration;
    const { blocks, side, pixels } = this;
    const count = blocks.width * blocks.height;
    const [squares, counts] = [new Float64Array(count), new Int32Array(count)];
    const sums = new Int32Array(count * channels);
    let at = 0;
    for (let y = 0; y < height; y++) {
      const row = Math.floor(y / side.height) * blocks.width;
      for (let x = 0; x < width; x++) {
        const block = row + Math.floor(x / side.width);
        counts[block]++;
        for (let c = 0; c < channels; c++, at++) {
          const difference = data[at] - pixels[at];
          if (difference === 0) continue;
          squares[block] += difference * difference;
          sums[block * channels + c] += difference;
        }
      }
    }
    return { squares, sums, counts };
  }
}
