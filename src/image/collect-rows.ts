import { bytesIn } from "../ground/byte-source.js";
import { expected, shortageOr } from "../ground/errors.js";
import type { DecodedImage, ImageRows, Shape } from "./image.js";

/** The whole image of rows in pieces. Throws `invalid-parameter` where they are not exactly its samples. */
export async function collectRows({ rows, ...shape }: Shape & Pick<ImageRows, "rows">): Promise<DecodedImage> {
  const length = shape.width * shape.height * shape.channels;
  let data: Uint8Array | undefined;
  let read = 0;
  try {
    for await (const given of rows) {
      const piece = bytesIn(given, "rows");
      // What comes in one piece need not be copied.
      if (piece.length === length && read === 0) data = piece;
      else if (read + piece.length <= length) {
        data ??= new Uint8Array(length);
        data.set(piece, read);
      }
      read += piece.length;
    }
  } catch (error) {
    throw shortageOr(error);
  }
  if (!data || read !== length) throw expected(`${length} samples`, "rows", read);
  return { data, ...shape };
}
