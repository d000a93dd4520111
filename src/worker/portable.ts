import { IsthmusError } from "../errors.js";
import { isA, type PixelSource } from "../image/source.js";

export interface PortableSource {
  readonly source: PixelSource;
  /** What is handed over instead of copied. */
  readonly transfer: readonly object[];
}

/** What a worker can be sent in place of a source: elements and canvases as a bitmap, everything else as it is. */
export async function portable(source: PixelSource, transfer = false): Promise<PortableSource> {
  if (isA(source, "HTMLImageElement", "HTMLVideoElement", "HTMLCanvasElement", "OffscreenCanvas")) {
    try {
      const bitmap = await createImageBitmap(source as ImageBitmapSource);
      return { source: bitmap, transfer: [bitmap] };
    } catch (cause) {
      throw new IsthmusError(
        "invalid-image",
        "Expected an element that shows an image but it has none, or one that failed to load",
        {
          cause,
        },
      );
    }
  }
  if (!transfer) return { source, transfer: [] };
  if (isA(source, "ImageBitmap", "VideoFrame")) return { source, transfer: [source] };
  const { buffer } = ("data" in source ? source.data : {}) as Partial<Uint8Array>;
  return { source, transfer: buffer instanceof ArrayBuffer ? [buffer] : [] };
}
