/** What a page says of a picture before it has loaded. */
export interface PictureFacts {
  /** The address of the whole picture. */
  readonly src: string;
  /** Addresses of its widths, and of the whole picture last. */
  readonly srcset: string;
  /** Pixels of the whole picture, upright. */
  readonly width: number;
  readonly height: number;
  /** 28 characters, for `previewToDataURL` of `isthmus/preview`. */
  readonly preview: string;
  /** What is shown where streams cannot be: other addresses, where the same ones do not negotiate. */
  readonly fallback?: { readonly src: string; readonly srcset: string };
  /** The address of the model, where it is not the one that comes with the package. */
  readonly model?: string;
}

/** The widths of a picture in a source set, ascending: those of a list that are below its own, and its own. */
export const widthsBelow = (widths: readonly number[], width: number): number[] => [
  ...widths.filter((each) => each < width).toSorted((a, b) => a - b),
  width,
];
