import type { Pacer } from "../../ground/pacer.js";
import { joinAlpha } from "../../image/alpha.js";
import type { DecodedImage, Shape } from "../../image/image.js";
import type { HeldRows } from "../planes/held-rows.js";

/** Pixels that are finished at a time. */
const piecePixels = 1 << 18;

/** Rows of the network's `made` channels as they are handed out: grey where the picture is, with its alpha. */
export async function* finishRows(
  pieces: AsyncIterable<Uint8Array>,
  made: number,
  { width, channels }: Shape,
  alpha: HeldRows | undefined,
  pacer: Pacer,
): AsyncGenerator<Uint8Array, void, void> {
  const isFinished = !alpha && channels === made;
  for await (const piece of pieces) {
    const step = isFinished ? piece.length : Math.ceil(piecePixels / width) * width * made;
    for (let from = 0; from < piece.length; ) {
      const mask = alpha?.take(Math.min(step, piece.length - from) / made);
      const data = piece.subarray(from, from + (mask ? mask.length * made : step));
      const rows: DecodedImage = { data, width, height: data.length / made / width, channels };
      const shown = channels === made ? rows : meanOfChannels(rows);
      yield mask ? joinAlpha(shown, mask).data : shown.data;
      from += data.length;
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
