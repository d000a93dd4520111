import { joinAlpha } from "../image/alpha.js";
import type { DecodedImage, Shape } from "../image/image.js";
import type { Pacer } from "../pacer.js";

/** Pixels that are finished at a time. */
const piecePixels = 1 << 18;

/** Rows of the network's `made` channels as they are handed out: grey where the picture is, with its alpha. */
export async function* finishRows(
  pieces: AsyncIterable<Uint8Array>,
  made: number,
  { width, channels }: Shape,
  alpha: Uint8Array | undefined,
  pacer: Pacer,
): AsyncGenerator<Uint8Array, void, void> {
  const isFinished = !alpha && channels === made;
  let pixel = 0;
  for await (const piece of pieces) {
    const step = isFinished ? piece.length : Math.ceil(piecePixels / width) * width * made;
    for (let from = 0; from < piece.length; from += step) {
      const data = piece.subarray(from, from + step);
      const end = pixel + data.length / made;
      const rows: DecodedImage = { data, width, height: (end - pixel) / width, channels };
      const shown = channels === made ? rows : meanOfChannels(rows);
      yield alpha ? joinAlpha(shown, alpha.subarray(pixel, end)).data : shown.data;
      pixel = end;
      if (pacer.isDue) await pacer.breathe();
    }
  }
}

/** A grey picture from the three equal-minded channels of a colour model. */
function meanOfChannels({ data, width, height }: DecodedImage): DecodedImage {
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = Math.floor((data[3 * i] + data[3 * i + 1] + data[3 * i + 2] + 1) / 3);
  }
  return { data: grey, width, height, channels: 1 };
}
