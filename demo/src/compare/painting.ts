import { signal } from "@preact/signals";
import type { ImportanceMap } from "isthmus";

/** What matters in a picture, as a visitor paints it: a coarse map of weights. */

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of the map's longer side, and of the brush's radius. */
const cells = 48;
const brush = 3;
/** Weights: where it was painted, an error counts eight times as much. */
const painted = 255;
const unpainted = 32;

/** The finished strokes; undefined where everything matters alike. */
export const painting = signal<ImportanceMap | undefined>(undefined);
export const isPainting = signal(false);

export const isPainted = ({ data }: ImportanceMap, i: number): boolean => data[i] === painted;

/** A map with one more line from one point to another, both in parts of the picture's sides. */
export function withLine(map: ImportanceMap | undefined, size: Size, from: Point, to: Point): ImportanceMap {
  const { data, width, height } = copyOf(map, size);
  const steps = Math.max(1, Math.ceil(Math.hypot((to.x - from.x) * width, (to.y - from.y) * height)));
  for (let step = 0; step <= steps; step++) {
    const at = { x: from.x + ((to.x - from.x) * step) / steps, y: from.y + ((to.y - from.y) * step) / steps };
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (Math.hypot(x + 0.5 - at.x * width, y + 0.5 - at.y * height) <= brush) data[y * width + x] = painted;
      }
    }
  }
  return { data, width, height };
}

/** An ellipse in the middle, for whoever has no pointer to paint with. */
export function middleOf(size: Size): ImportanceMap {
  const { data, width, height } = copyOf(undefined, size);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [((i % width) + 0.5) / width - 0.5, (Math.floor(i / width) + 0.5) / height - 0.5];
    if (Math.hypot(x, y) <= 0.28) data[i] = painted;
  }
  return { data, width, height };
}

function copyOf(map: ImportanceMap | undefined, { width, height }: Size) {
  if (map) return { ...map, data: Uint8Array.from(map.data) };
  const longest = Math.max(width, height);
  const side = (length: number): number => Math.max(1, Math.round((cells * length) / longest));
  const shape = { width: side(width), height: side(height) };
  return { ...shape, data: new Uint8Array(shape.width * shape.height).fill(unpainted) };
}
