import { extname } from "node:path";
import { expected, IsthmusError } from "../ground/errors.js";
import { hasAlpha, type Shape } from "../image/image.js";

const formatOfExtension = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
  ".avif": "avif",
  ".tif": "tiff",
  ".tiff": "tiff",
  ".gif": "gif",
} as const;

export type ImageFormat = (typeof formatOfExtension)[keyof typeof formatOfExtension];

interface Traits {
  readonly name: string;
  /** PNG, WebP and TIFF keep every sample; JPEG and AVIF are written at high quality. */
  readonly settings: object;
  /** Longest side that the format, or its encoder, knows. */
  readonly mostSide: number;
  readonly holdsAlpha: boolean;
  /** The blocks of metadata that are written. */
  readonly holds: readonly ("icc" | "exif" | "xmp")[];
}

const allBlocks = ["icc", "exif", "xmp"] as const;
export const formatTraits: Record<ImageFormat, Traits> = {
  png: { name: "PNG", settings: {}, mostSide: 2 ** 31 - 1, holdsAlpha: true, holds: allBlocks },
  jpeg: {
    name: "JPEG",
    settings: { quality: 92, chromaSubsampling: "4:4:4" },
    mostSide: 65500,
    holdsAlpha: false,
    holds: allBlocks,
  },
  webp: {
    name: "WebP",
    settings: { lossless: true, exact: true },
    mostSide: 16383,
    holdsAlpha: true,
    holds: allBlocks,
  },
  avif: {
    name: "AVIF",
    settings: { quality: 80, chromaSubsampling: "4:4:4" },
    mostSide: 16384,
    holdsAlpha: true,
    holds: allBlocks,
  },
  tiff: {
    name: "TIFF",
    settings: { compression: "deflate" },
    mostSide: 2 ** 31 - 1,
    holdsAlpha: true,
    holds: ["icc", "xmp"],
  },
  gif: { name: "GIF", settings: {}, mostSide: 65535, holdsAlpha: true, holds: [] },
};

/** The settings for an image of many pixels: without the second pass of JPEG, which holds the whole picture. */
export const largeImageSettings = (format: ImageFormat): object => ({
  ...formatTraits[format].settings,
  ...(format === "jpeg" && { optimiseCoding: false }),
});

/** The image format that a file name asks for. Throws `invalid-parameter` for an extension that is not known. */
export function imageFormatOf(path: string): ImageFormat {
  if (typeof path !== "string") throw expected("a path", "path", path);
  const extension = extname(path).toLowerCase();
  if (extension in formatOfExtension) return formatOfExtension[extension as keyof typeof formatOfExtension];
  throw expected(`a name that ends in ${Object.keys(formatOfExtension).join(", ")}`, "an image to write", path);
}

/** Throws `image-too-large` or `invalid-parameter` where a format cannot hold an image of a shape. */
export function checkFormat(format: ImageFormat, { width, height, channels }: Shape): void {
  const { name, mostSide, holdsAlpha } = formatTraits[format];
  if (width > mostSide || height > mostSide) {
    throw new IsthmusError(
      "image-too-large",
      `Expected at most ${mostSide} pixels a side for a ${name} but received ${width} x ${height}`,
    );
  }
  if (hasAlpha(channels) && !holdsAlpha) {
    const message = `Expected an image without alpha for a ${name} but received ${channels} channels: PNG, WebP and AVIF hold it`;
    throw new IsthmusError("invalid-parameter", message);
  }
}
