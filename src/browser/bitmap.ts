import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import { onAbort } from "../ground/signals.js";
import { context2d, makeCanvas } from "./canvas.js";

/** What pages show, and only they can read. */
export const elements = ["HTMLImageElement", "HTMLVideoElement", "HTMLCanvasElement", "OffscreenCanvas"] as const;

/**
 * What an element or a canvas shows, in its own pixels: those of the file, whatever density it is shown in. Canvases and videos are read at once, so
 * that they may change as soon as the promise is there.
 * @throws IsthmusError `invalid-image` where there is nothing to show, or what this page may not read, or `aborted`
 */
export async function bitmapOf(element: unknown, name: string, signal?: AbortSignal | undefined): Promise<ImageBitmap> {
  let bitmap: ImageBitmap | undefined;
  try {
    if (isA(element, "HTMLImageElement")) await loaded(element as HTMLImageElement, signal);
    bitmap = await createImageBitmap(element as ImageBitmapSource);
    // Throws where the pixels are those of another origin.
    const context = context2d(makeCanvas(1, 1));
    context.drawImage(bitmap, 0, 0);
    context.getImageData(0, 0, 1, 1);
    return bitmap;
  } catch (cause) {
    bitmap?.close();
    throw cause instanceof IsthmusError ? cause : unreadable(name, cause);
  }
}

/** Waits for an image. One that is lazy loads at once, wherever it is: it might wait for good. */
async function loaded(image: HTMLImageElement, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  const isLazy = !image.complete && image.loading === "lazy";
  if (isLazy) image.loading = "eager";
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    stop = onAbort(signal, resolve);
  });
  try {
    await Promise.race([image.decode(), aborted]);
  } finally {
    stop();
    if (isLazy) image.loading = "lazy";
  }
  throwIfAborted(signal);
}

/** Browsers refuse a damaged file and one that their memory cannot hold in the same words. */
export function unreadable(name: string, cause: unknown, size?: { width: number; height: number }): IsthmusError {
  const error = cause as Partial<DOMException> | undefined;
  const wanted = size
    ? `an image that this browser can decode, and memory for its ${size.width} x ${size.height} pixels,`
    : "an image that this browser can decode";
  const message =
    error?.name === "SecurityError"
      ? `Expected pixels that this page may read (CORS) for ${name} but received a picture of another origin`
      : `Expected ${wanted} but received ${name}`;
  return new IsthmusError("invalid-image", message, { cause });
}
