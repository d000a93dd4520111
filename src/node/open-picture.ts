import type { Codec } from "../codec/codec.js";
import type { EncodeOptions } from "../codec/codec-options.js";
import { usualQuality } from "../codec/latents/quality.js";
import type { Encoding } from "../codec/search/targets.js";
import type { DecodedImage } from "../image/image.js";
import { isLarge, type OpenedImage, openImageRows } from "./image-rows.js";
import { type ReadImageOptions, readImage, readImageSize } from "./read-image.js";

/** The picture of a file in memory, or row by row where it is large; `whole` where it is needed more than once. Throws as `readImage`. */
export async function openPicture(
  bytes: Uint8Array,
  { whole, ...options }: ReadImageOptions & { readonly name: string; readonly whole: boolean },
): Promise<DecodedImage | OpenedImage> {
  const large = !whole && isLarge(await readImageSize(bytes, options.name));
  return large ? openImageRows(bytes, options) : readImage(bytes, options);
}

/** Encodes a picture that was opened row by row, and closes it. Throws as `Codec.encodeRows`. */
export async function encodeOpened(codec: Codec, image: OpenedImage, settings: EncodeOptions): Promise<Encoding> {
  try {
    return { bytes: await codec.encodeRows(image, settings), quality: settings.quality ?? usualQuality };
  } finally {
    await image.close();
  }
}
