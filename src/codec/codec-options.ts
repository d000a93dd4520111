import { aBoolean, aFunction, aNumber, anObject, anything, aSignal, type OptionTable } from "../ground/option-table.js";
import type { PaceOptions } from "../ground/pacer.js";
import type { Importance } from "./search/importance.js";
import type { TargetOptions } from "./search/targets.js";
import type { MetadataBlocks } from "./stream/metadata.js";

export interface EncodeOptions extends PaceOptions, TargetOptions {
  /** 0 (smallest) .. 100 (best); 256 levels, not only integers. Default 75. A target takes its place. */
  readonly quality?: number;
  /**
   * 0 (default) .. 9, an integer: how long to look for symbols that make a smaller stream of the same likeness. Decoding takes the same
   * time at all of them.
   */
  readonly effort?: number;
  /**
   * 0 .. 100: levels of alpha that are kept, 2 at 0, 16 at 70 and all at 100, the default. 0 and 255 stay what they are, and so do masks of 16
   * levels or fewer. Models that code alpha like a colour take no notice.
   */
  readonly alphaQuality?: number;
  /**
   * What matters in the picture: a coarse map, stretched over it, or rectangles with weights. Where a weight is twice another, an error counts twice;
   * the bytes stay about the same. Models of pictures of any size only, and no bare streams.
   */
  readonly importance?: Importance | undefined;
  /** Leave out everything that both ends know already: model, size, colour, checksums. Opaque images only. */
  readonly bare?: boolean;
  /** ICC, EXIF and XMP blocks to carry along; those that are undefined are not there. */
  readonly metadata?: MetadataBlocks;
  /** Default 2^28. */
  readonly maxPixels?: number;
}

export interface DecodeOptions extends PaceOptions {
  /** For a bare frame: the size it was made with, and whether it was grey. */
  readonly bare?: { readonly width: number; readonly height: number; readonly grey?: boolean };
  /** Refuse larger images before anything is allocated. Default 2^28. */
  readonly maxPixels?: number;
}

// Spread out, since bundlers keep what is made by spreading even where nothing uses it.
export const decodeKinds: OptionTable<DecodeOptions> = {
  bare: anything,
  maxPixels: anything,
  signal: aSignal,
  onProgress: aFunction,
};
export const encodeKinds: OptionTable<EncodeOptions> = {
  quality: aNumber,
  effort: aNumber,
  alphaQuality: aNumber,
  importance: anything,
  bare: aBoolean,
  metadata: anObject,
  maxPixels: anything,
  targetBytes: aNumber,
  targetPsnr: aNumber,
  targetScore: aNumber,
  signal: aSignal,
  onProgress: aFunction,
};
