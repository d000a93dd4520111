import { createHash } from "node:crypto";
import type { NamedLazyImage } from "../node/open-images.js";
import type { NamedImage } from "../node/read-images.js";
import { isLazy } from "../training/gallery.js";

/** An image of a training set: its pixels, or where to get them. */
export type NamedSource = NamedImage | NamedLazyImage;

/** Images to train on and images held back to judge by. */
export interface TrainingSet<Source extends NamedSource = NamedSource> {
  readonly training: readonly Source[];
  readonly validation: readonly Source[];
  /** Images that are exact copies of earlier ones. */
  readonly copies: number;
  /** Images of one colour all over, among those that have been decoded. */
  readonly plain: number;
}

/** From so many images on, some are held back. */
export const fewestToHoldBack = 20;
const shareHeldBack = 10;
const mostHeldBack = 100;

/**
 * Holds back every tenth image (a hundred at most), evenly spread, so that sorted folders are represented; none where there are fewer than 20.
 * An image that occurs twice is never held back, because the model would have seen it. The same images give the same split.
 */
export function splitTrainingSet<Source extends NamedSource>(images: readonly Source[]): TrainingSet<Source> {
  const digests = images.map(digest);
  const counts = new Map<string, number>();
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  const single = images.filter((_, i) => counts.get(digests[i]) === 1);
  const every = Math.max(shareHeldBack, Math.ceil(single.length / mostHeldBack));
  const heldBack = new Set(images.length < fewestToHoldBack ? [] : single.filter((_, i) => i % every === every - 1));
  return {
    training: images.filter((image) => !heldBack.has(image)),
    validation: [...heldBack],
    copies: images.length - counts.size,
    plain: images.filter(isPlain).length,
  };
}

function digest(image: NamedSource): string {
  if (isLazy(image)) return image.digest;
  const { data, width, height, channels } = image;
  return createHash("sha256").update(`${width} ${height} ${channels}`).update(data).digest("hex");
}

function isPlain(image: NamedSource): boolean {
  if (isLazy(image)) return false;
  const { data, channels } = image;
  for (let i = channels; i < data.length; i++) if (data[i] !== data[i - channels]) return false;
  return true;
}
