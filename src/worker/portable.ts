import { bitmapOf, elements } from "../browser/bitmap.js";
import { type ByteSource, readBytes, viewOf } from "../ground/byte-source.js";
import { expected } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import type { PixelSource } from "../image/source.js";
import type { Picture } from "./messages.js";

export interface PortableSource {
  readonly source: PixelSource;
  /** What is handed over instead of copied. */
  readonly transfer: readonly object[];
}

/**
 * What a worker can be sent in place of a source, with the pixels of the moment: elements and canvases as a bitmap, samples and files in memory as a
 * copy, or as they are where `transfer` hands them over. Throws `invalid-image`, or `aborted` while an element loads.
 */
export async function portable(
  source: PixelSource,
  transfer = false,
  signal?: AbortSignal | undefined,
): Promise<PortableSource> {
  if (isA(source, ...elements)) {
    const bitmap = await bitmapOf(source, "the given picture", signal);
    return { source: bitmap, transfer: [bitmap] };
  }
  if (isA(source, "ImageBitmap", "VideoFrame")) return { source, transfer: transfer ? [source] : [] };
  if (viewOf(source) || isA(source, "Response")) {
    const bytes = await portableBytes(source as ByteSource, "image", transfer);
    return { source: bytes, transfer: [bytes.buffer] };
  }
  if (typeof source !== "object" || source === null || !("data" in source)) return { source, transfer: [] };
  // The fields one by one: the image may be a proxy, which cannot be sent.
  const { data, width, height, channels, colorSpace } = source as unknown as Record<string, unknown> & {
    data: Uint8Array;
  };
  if (!ArrayBuffer.isView(data)) throw expected("Uint8Array or Uint8ClampedArray", "image.data", data);
  // Not the data's own `slice`: that of Node's Buffer copies nothing.
  const view = isA(data, "Uint8Array", "Uint8ClampedArray") ? viewOf(data)! : data;
  const samples = transfer && ownsBuffer(view) ? view : view.slice();
  return { source: { data: samples, width, height, channels, colorSpace } as PixelSource, transfer: [samples.buffer] };
}

/** Pictures and codes as they can be sent, with the pixels and values of the moment. Throws as `portable`. */
export async function portablePictures(given: readonly Picture[], signal?: AbortSignal | undefined) {
  const pictures: Picture[] = [];
  const transfer: object[] = [];
  for (const picture of given) {
    if (typeof picture === "object" && picture !== null && "modelId" in picture) {
      const { modelId, values } = picture;
      pictures.push({ modelId, values: isA(values, "Float32Array") ? values.slice() : values });
      continue;
    }
    const sent = await portable(picture, false, signal);
    pictures.push(sent.source);
    transfer.push(...sent.transfer);
  }
  return { pictures, transfer };
}

/** Bytes that may be handed over: those of the source where `transfer` says so and nothing else lies in their buffer, else a copy. */
export async function portableBytes(source: ByteSource, name: string, transfer = false): Promise<Uint8Array> {
  const view = viewOf(source);
  return transfer && view && ownsBuffer(view) ? view : readBytes(source, name);
}

/** Options as they can be sent: what is a proxy becomes plain, and views leave behind what else lies in their buffer. */
export function portableOptions<Options extends object>(options: Options): Options {
  const plain = (value: unknown): unknown => {
    const view = viewOf(value);
    if (view) return ownsBuffer(view) ? view : view.slice();
    if (Array.isArray(value)) return value.map(plain);
    if (!isA(value, "Object")) return value;
    return Object.fromEntries(Object.entries(value as object).map(([name, field]) => [name, plain(field)]));
  };
  // A function can only be an option that does not exist: the worker says so by its name.
  const sent = Object.entries(options).map(([name, value]) => [
    name,
    typeof value === "function" ? undefined : plain(value),
  ]);
  return Object.fromEntries(sent);
}

const ownsBuffer = ({ buffer, byteLength }: Uint8Array): boolean =>
  isA(buffer, "ArrayBuffer") && buffer.byteLength === byteLength;
