import { type ByteSource, readBytes } from "../ground/byte-source.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import { aNumber, aText, checkOptions, type OptionTable } from "../ground/option-table.js";
import { addAlpha } from "../image/alpha.js";
import { checkImage, type DecodedImage, type Image } from "../image/image.js";
import type { InstanceOf } from "../image/source.js";
import { checkCanvas, context2d, makeCanvas } from "./canvas.js";

export interface BlobOptions {
  /** A kind of image that the browser writes: `image/png` (the default), `image/jpeg`, and in most browsers `image/webp`. */
  readonly type?: string;
  /** 0 .. 1, for the lossy kinds. */
  readonly quality?: number;
}

const blobKinds: OptionTable<BlobOptions> = { type: aText, quality: aNumber };

/** The image as a canvas wants it: RGBA, straight alpha. */
export function toImageData(image: Image): InstanceOf<"ImageData"> {
  const { data, width, height } = addAlpha(checkImage(image));
  const { buffer, byteOffset, byteLength } = data as Uint8Array<ArrayBuffer>;
  return new ImageData(new Uint8ClampedArray(buffer, byteOffset, byteLength), width, height);
}

/** Gives the canvas the size of the image and draws it. Throws `unsupported-engine` where this browser has no canvas of that size. */
export function drawTo(canvas: InstanceOf<"HTMLCanvasElement"> | InstanceOf<"OffscreenCanvas">, image: Image): void {
  if (!isA(canvas, "HTMLCanvasElement", "OffscreenCanvas")) throw expected("a canvas", "canvas", canvas);
  const pixels = toImageData(image);
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  const context = context2d(canvas);
  checkCanvas(context, pixels);
  context.putImageData(pixels, 0, 0);
}

/** The image as a file of a kind that browsers know. Throws `unsupported-engine` where this one cannot write that kind. */
export async function toBlob(image: Image, options: BlobOptions = {}): Promise<Blob> {
  const { type = "image/png", quality } = checkOptions(options, blobKinds, "toBlob");
  const { width, height } = checkImage(image);
  const canvas = makeCanvas(width, height);
  drawTo(canvas, image);
  const blob =
    "convertToBlob" in canvas
      ? await canvas.convertToBlob({ type, quality })
      : await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  // Browsers fall back to PNG without a word.
  if (blob?.type === type) return blob;
  throw new IsthmusError(
    "unsupported-engine",
    `Expected a kind of image that this browser writes for type but received "${type}"`,
  );
}

/** Whatever decodes streams: a codec, one in a worker, a receiver. */
export interface ImageDecoder<Options> {
  decode(bytes: Uint8Array, options?: Options): Promise<DecodedImage>;
}

/** Throws `invalid-parameter` for what decodes nothing. */
export function checkDecoder(decoder: { readonly decode: unknown }): void {
  if (typeof decoder?.decode !== "function") throw expected("a codec or another decoder", "decoder", decoder);
}

/** Decodes a stream for `CanvasRenderingContext2D.putImageData`. Throws as `decode`. */
export async function decodeToImageData<Options>(
  decoder: ImageDecoder<Options>,
  source: ByteSource,
  options?: Options,
): Promise<InstanceOf<"ImageData">> {
  checkDecoder(decoder);
  return toImageData(await decoder.decode(await readBytes(source, "bytes"), options));
}

/** Decodes a stream to a PNG or another file, for `URL.createObjectURL` or an upload. Throws as `decode` and `toBlob`. */
export async function decodeToBlob<Options>(
  decoder: ImageDecoder<Options>,
  source: ByteSource,
  type?: string | BlobOptions,
  options?: Options,
): Promise<Blob> {
  checkDecoder(decoder);
  return toBlob(
    await decoder.decode(await readBytes(source, "bytes"), options),
    typeof type === "string" ? { type } : type,
  );
}
