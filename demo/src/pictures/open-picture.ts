/** A picture as the page works on it. */
export interface Picture {
  readonly name: string;
  readonly image: ImageData;
  /** What was done to it on the way in, for the person to read. */
  readonly note?: string;
  /** Its stream of the photo model at `openingSettings`, where there is one already. */
  readonly coded?: Uint8Array;
}

/** Larger pictures are scaled down to this many pixels: every change of a setting encodes anew. */
export const workingPixels = 4_000_000;
/** Canvases of some browsers are not longer. */
const mostSide = 16_384;
/** Pictures above this are refused: their pixels alone may be more than a phone has. */
export const mostPixels = 200_000_000;

const millions = (pixels: number): string => `${Math.round(pixels / 1e6)} megapixels`;

/** Reads a file that the browser can show. Throws an `Error` whose message is meant for the person. */
export async function openPicture(file: Blob, name: string, most = workingPixels): Promise<Picture> {
  const shown = await show(file, name);
  const { naturalWidth: width, naturalHeight: height } = shown;
  const pixels = width * height;
  if (pixels > mostPixels) {
    throw new Error(
      `${name} has ${millions(pixels)} (${width} × ${height}). This page opens up to ${millions(mostPixels)}.`,
    );
  }
  const scale = Math.min(1, Math.sqrt(most / pixels), mostSide / Math.max(width, height));
  const size = { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
  // Files of vectors have no pixels until they are shown.
  const bitmap = await createImageBitmap(file.type === "image/svg+xml" ? shown : file, {
    ...(scale < 1 && { resizeWidth: size.width, resizeHeight: size.height, resizeQuality: "high" as const }),
  }).catch(() => {
    throw new Error(
      `${name} is damaged, or more than the memory at hand can hold (${width} × ${height} pixels). A smaller copy of it may do.`,
    );
  });
  try {
    const image = pixelsOf(bitmap);
    if (scale === 1) return { name, image };
    return {
      name,
      image,
      note: `${name} has ${width} × ${height} pixels; it is shown and measured at ${size.width} × ${size.height}.`,
    };
  } finally {
    bitmap.close();
  }
}

function pixelsOf(bitmap: ImageBitmap): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error(`There is not enough memory for ${bitmap.width} × ${bitmap.height} pixels.`);
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** The picture in an element that knows its size; browsers do not decode it for that. */
async function show(file: Blob, name: string): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file);
  const element = new Image();
  try {
    await new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = reject;
      element.src = url;
    });
    return element;
  } catch {
    throw new Error(
      `${name} is not a picture that this browser can show. JPEG, PNG, WebP, AVIF and GIF will do, or an .isth file.`,
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
