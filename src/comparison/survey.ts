import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { hasAlpha } from "../image/image.js";
import { isFlat, readPicture } from "./picture.js";

/** What a comparison must know of an image before it starts. */
export interface SurveyedImage {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly alpha: boolean;
  readonly flat: boolean;
}

/** Looks at every image; those that cannot be read are left out, after `onSkip`. Throws `aborted` or `dependency-missing`. */
export async function survey(
  paths: readonly string[],
  signal: AbortSignal,
  onSkip: (path: string, error: IsthmusError) => void,
  onDone: (done: number) => void,
): Promise<SurveyedImage[]> {
  const images: SurveyedImage[] = [];
  for (const [index, path] of paths.entries()) {
    throwIfAborted(signal);
    try {
      const image = await readPicture(path);
      const { width, height, channels } = image;
      images.push({ path, width, height, alpha: hasAlpha(channels), flat: isFlat(image) });
    } catch (error) {
      if (!(error instanceof IsthmusError) || error.code === "dependency-missing") throw error;
      onSkip(path, error);
    }
    onDone(index + 1);
  }
  return images;
}

/** `count` of the items at most, evenly spread, so that sorted folders are represented. */
export function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]);
}
