/** Limits that are checked before any memory is asked for. FORMAT.md states them for writers of other decoders. */
export const limits = {
  /** Largest width or height of an image, in pixels. */
  maxSide: 1 << 16,
  /** Largest number of pixels of an image unless the caller raises it. */
  maxPixels: 1 << 28,
  /** Largest model file, in bytes. */
  maxModelBytes: 64 << 20,
  /** Largest metadata (ICC, EXIF, XMP together) of a stream, in bytes. */
  maxMetadataBytes: 16 << 20,
} as const;
