import type { EncodeOptions, Image, RemoteCodec, RemoteIsthmus } from "isthmus";
import { toImageData } from "isthmus/browser";
import { withAlphaOf, withoutOpaqueAlpha } from "./pictures/alpha.js";
import { isthmus } from "./workers/isthmus.js";
import { receiversHalf, wholeModel } from "./workers/photo-model.js";

/** Codecs that a worker has open, by the id of their model; the photo model has two. */
const opened = new WeakMap<RemoteIsthmus, Map<string, Promise<RemoteCodec>>>();

function codecsOf(worker: RemoteIsthmus): Map<string, Promise<RemoteCodec>> {
  const codecs = opened.get(worker) ?? new Map<string, Promise<RemoteCodec>>();
  opened.set(worker, codecs);
  return codecs;
}

/** A codec over a model, opened once; again where that failed, or the worker did. */
function codecOf(key: string, model: () => Promise<Uint8Array>): Promise<RemoteCodec> {
  const codecs = codecsOf(isthmus());
  const known = codecs.get(key);
  if (known) return known;
  const codec = model().then(openCodec);
  codecs.set(key, codec);
  codec.catch(() => codecs.delete(key));
  return codec;
}

/** A codec over a file that is to be looked at for a while. Own models of photos are differences to the photo model. */
export const openCodec = (model: Uint8Array): Promise<RemoteCodec> =>
  isthmus().loadCodec({ model, parents: wholeModel });

/** A model of the page's own: its id and its file. */
export interface Coding {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** What encodes with a model; without one, with the photo model. */
export const encoderOf = (model: Coding | undefined): Promise<RemoteCodec> =>
  model ? codecOf(model.id, async () => model.bytes) : codecOf("photos", wholeModel);

/** Opens the file of a model, in the place of another one of the same model. Throws where it is none. */
export async function openModel(model: Coding): Promise<void> {
  codecsOf(isthmus()).delete(model.id);
  await encoderOf(model);
}

/** What decodes a model's streams: of the photo model, its receiver's half does. */
export const decoderOf = (model: Coding | undefined): Promise<RemoteCodec> =>
  model ? encoderOf(model) : codecOf("photos, received", receiversHalf);

/** Pictures as they are coded and measured, which takes a moment. */
const pixels = new WeakMap<ImageData, Image>();

function pixelsOf(image: ImageData): Image {
  const found = pixels.get(image) ?? withoutOpaqueAlpha(image);
  pixels.set(image, found);
  return found;
}

export interface Encoded {
  readonly bytes: Uint8Array;
  readonly milliseconds: number;
}

/** The stream of a picture, and how long the page waited for it; the codec is there already. */
export async function encode(codec: RemoteCodec, image: ImageData, options: EncodeOptions): Promise<Encoded> {
  const given = pixelsOf(image);
  const before = performance.now();
  const bytes = await codec.encode(given, options);
  return { bytes, milliseconds: performance.now() - before };
}

export interface Decoded {
  readonly image: ImageData;
  readonly milliseconds: number;
}

/** The picture of a stream, and how long the page waited for it. */
export async function decode(
  codec: RemoteCodec,
  bytes: Uint8Array,
  options: { readonly maxPixels: number; readonly signal?: AbortSignal },
): Promise<Decoded> {
  const before = performance.now();
  const decoded = await codec.decode(bytes, options);
  const milliseconds = performance.now() - before;
  return { image: toImageData(decoded), milliseconds };
}

export interface Likeness {
  /** Undefined where a side is below 8 pixels. */
  readonly ssimulacra2: number | undefined;
  readonly psnr: number;
  readonly ssim: number;
}

export async function likenessOf(original: ImageData, image: ImageData, signal?: AbortSignal): Promise<Likeness> {
  const left = pixelsOf(original);
  const pair = [left, withAlphaOf(left, image), { signal }] as const;
  const isSmall = Math.min(image.width, image.height) < 8;
  const [ssimulacra2, psnr, ssim] = await Promise.all([
    isSmall ? undefined : isthmus().ssimulacra2(...pair),
    isthmus().psnr(...pair),
    isthmus().ssim(...pair),
  ]);
  return { ssimulacra2, psnr, ssim };
}
