import type { DecodedImage } from "../image/image.js";

/** What is known of a codec before it runs. */
export interface CompetitorFacts {
  /** Stable name, for files and between threads. */
  readonly id: string;
  readonly name: string;
  readonly setting: string;
  readonly keepsAlpha: boolean;
  /** Gives every pixel back, so that its curve is a single point. */
  readonly lossless: boolean;
}

/** A codec at one setting, as a comparison sees it: whole files in, pixels out. */
export interface Competitor extends CompetitorFacts {
  /** `quality` 0 (or 1) .. 100; lossless ones do not look at it. */
  encode(image: DecodedImage, quality: number): Promise<Uint8Array>;
  /** The channels may be others than those of the image that was encoded. */
  decode(bytes: Uint8Array): Promise<DecodedImage>;
}
