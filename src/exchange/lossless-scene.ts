import type { Codec } from "../codec/codec.js";
import { encodePlane } from "../codec/planes/plane.js";
import { markedAreas } from "../codec/scenes/cell-areas.js";
import { writeContainer } from "../codec/stream/container.js";
import { planeParts } from "../codec/stream/payloads/plane.js";
import { bytesOfHex } from "../ground/bytes.js";
import type { Pacer } from "../ground/pacer.js";
import { fewColoursOf } from "../image/few-colours.js";
import type { DecodedImage } from "../image/image.js";
import type { PictureArea } from "./scene-frame.js";

/** Side of the blocks of pixels of which changed areas are made, and blocks between two areas that are better one. */
const side = 8;
const gap = 2;

/** The lossless stream of a picture; undefined where it has too many colours. `grey`: one channel is wanted back. */
export async function losslessStream(
  codec: Codec,
  picture: DecodedImage,
  grey: boolean,
  pacer: Pacer,
): Promise<Uint8Array | undefined> {
  const few = await fewColoursOf(picture, undefined, pacer);
  if (!few) return undefined;
  const { kernels, turns, planeCells, model } = codec;
  const { width, height } = picture;
  const { plane, palette } = few;
  const samples = (await turns.run(() => encodePlane(kernels, plane, picture, planeCells, pacer), pacer.signal))!;
  return writeContainer({ modelId: bytesOfHex(model.id), width, height, grey, ...planeParts(samples, palette) });
}

/**
 * The parts of a picture that differ from another of its size, each without loss, and their pixels; undefined where one
 * of them has too many colours.
 */
export async function changedAreas(
  codec: Codec,
  before: DecodedImage,
  picture: DecodedImage,
  grey: boolean,
  pacer: Pacer,
): Promise<{ readonly areas: PictureArea[]; readonly pixels: number } | undefined> {
  const areas: PictureArea[] = [];
  let pixels = 0;
  for (const { left, top, right, bottom } of markedAreas(differingBlocks(before, picture), blocksOf(picture), gap)) {
    const part = partOf(picture, left * side, top * side, right * side, bottom * side);
    const stream = await losslessStream(codec, part, grey, pacer);
    if (!stream) return undefined;
    areas.push({ left: left * side, top: top * side, stream });
    pixels += part.width * part.height;
  }
  return { areas, pixels };
}

const blocksOf = ({ width, height }: DecodedImage) => ({
  width: Math.ceil(width / side),
  height: Math.ceil(height / side),
});

/** 1 for each block in which pictures of one size differ. */
function differingBlocks(left: DecodedImage, right: DecodedImage): Uint8Array {
  const { width, height, channels } = right;
  const blocks = blocksOf(right);
  const marks = new Uint8Array(blocks.width * blocks.height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++, at++) {
        if (left.data[at] !== right.data[at]) marks[Math.floor(y / side) * blocks.width + Math.floor(x / side)] = 1;
      }
    }
  }
  return marks;
}

/** The pixels of a rectangle, as far as the picture goes. */
function partOf(picture: DecodedImage, left: number, top: number, right: number, bottom: number): DecodedImage {
  const { data, width, height, channels } = picture;
  const [columns, rows] = [Math.min(width, right) - left, Math.min(height, bottom) - top];
  const part = new Uint8Array(columns * rows * channels);
  for (let y = 0; y < rows; y++) {
    const at = ((top + y) * width + left) * channels;
    part.set(data.subarray(at, at + columns * channels), y * columns * channels);
  }
  return { data: part, width: columns, height: rows, channels };
}
