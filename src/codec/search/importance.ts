import { expected } from "../../ground/errors.js";
import type { Size } from "../../models/tiling.js";

/** A rectangle of a picture, in pixels from its upper left corner, and how much an error in it weighs. */
export interface ImportantArea {
  readonly x: number;
  readonly y: number;
  /** Above 0. What lies outside of the picture is cut off, but some of the rectangle lies inside. */
  readonly width: number;
  readonly height: number;
  /** 0 or more; outside of all rectangles errors weigh 1. */
  readonly weight: number;
}

/** A grey picture of any size, stretched over the one that is encoded: how much an error in each place weighs. */
export interface ImportanceMap {
  /** `width * height` numbers 0 .. 255, row by row, not all 0. */
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/**
 * What matters in a picture. Weights count relative to each other: where a weight is twice another, an error counts twice. The picture takes about as
 * many bytes as without, but spends them elsewhere. Of rectangles that overlap the later counts.
 */
export type Importance = ImportanceMap | readonly ImportantArea[];

const highest = 255;

/** Throws `invalid-parameter` for importance that makes no sense for a picture of this size. */
export function checkImportance(importance: Importance, size: Size): void {
  if (typeof importance !== "object" || importance === null) {
    throw expected("a map or a list of rectangles", "importance", importance);
  }
  if (isMap(importance)) checkMap(importance);
  else for (const [i, area] of importance.entries()) checkArea(area, `rectangle ${i} of importance`, size);
}

/** A copy that nobody changes meanwhile. */
export const copyImportance = (importance: Importance): Importance =>
  isMap(importance)
    ? { data: Float64Array.from(importance.data), width: importance.width, height: importance.height }
    : importance.map((area) => ({ ...area }));

const isMap = (importance: Importance): importance is ImportanceMap => !Array.isArray(importance);

function checkMap({ data, width, height }: ImportanceMap): void {
  for (const [name, side] of [["width", width] as const, ["height", height] as const]) {
    if (!Number.isInteger(side) || side < 1) throw expected("an integer above 0", `${name} of importance`, side);
  }
  if (typeof data !== "object" || data === null) throw expected("an array of numbers", "data of importance", data);
  if (data.length !== width * height) {
    throw expected(`the ${width * height} numbers of its width and height`, "data of importance", data.length);
  }
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!(value >= 0 && value <= highest)) {
      throw expected(`numbers between 0 and ${highest}`, "data of importance", value);
    }
    largest = Math.max(largest, value);
  }
  if (largest === 0) throw expected("a number above 0 somewhere", "data of importance", "zeros everywhere");
}

function checkArea(area: ImportantArea, name: string, size: Size): void {
  if (typeof area !== "object" || area === null) throw expected("{ x, y, width, height, weight }", name, area);
  for (const member of ["x", "y", "width", "height", "weight"] as const) {
    if (!Number.isFinite(area[member])) throw expected("a finite number", `${member} of ${name}`, area[member]);
  }
  const { x, y, width, height, weight } = area;
  for (const side of [width, height]) if (side <= 0) throw expected("sides above 0", name, `${width} x ${height}`);
  if (weight < 0) throw expected("0 or more", `weight of ${name}`, weight);
  if (x >= size.width || y >= size.height || x + width <= 0 || y + height <= 0) {
    const place = `${width} x ${height} at (${x}, ${y})`;
    throw expected(`a place inside of the picture of ${size.width} x ${size.height} pixels`, name, place);
  }
}

/**
 * The mean weight in each block of a picture, in raster order; blocks are `block.width` x `block.height` pixels, less at the right and the bottom. The sums
 * are of plain doubles in a fixed order, so that all engines find the same.
 */
export function blockWeights(importance: Importance, size: Size, block: Size): Float64Array {
  const columns = cuts(size.width, block.width);
  const rows = cuts(size.height, block.height);
  return isMap(importance) ? ofMap(importance, size, columns, rows) : ofAreas(importance, columns, rows);
}

/** An interval of a side: from .. to. */
type Cut = readonly [from: number, to: number];

const cuts = (side: number, step: number): Cut[] =>
  Array.from({ length: Math.ceil(side / step) }, (_, i) => [i * step, Math.min(side, (i + 1) * step)]);

const shared = (a: Cut, b: Cut): number => Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]));

function ofAreas(areas: readonly ImportantArea[], columns: readonly Cut[], rows: readonly Cut[]): Float64Array {
  const weights = new Float64Array(columns.length * rows.length).fill(1);
  for (const { x, y, width, height, weight } of areas) {
    rows.forEach((row, v) => {
      columns.forEach((column, u) => {
        const inside = shared(row, [y, y + height]) * shared(column, [x, x + width]);
        const share = inside / ((row[1] - row[0]) * (column[1] - column[0]));
        const at = v * columns.length + u;
        weights[at] += share * (weight - weights[at]);
      });
    });
  }
  return weights;
}

function ofMap({ data, width, height }: ImportanceMap, size: Size, columns: readonly Cut[], rows: readonly Cut[]) {
  const across = columns.map((cut) => meanTaps(cut, size.width, width));
  const down = rows.map((cut) => meanTaps(cut, size.height, height));
  const weights = new Float64Array(columns.length * rows.length);
  down.forEach((lines, v) => {
    across.forEach((samples, u) => {
      let sum = 0;
      for (const [y, share] of lines) {
        let line = 0;
        for (const [x, part] of samples) line += part * data[y * width + x];
        sum += share * line;
      }
      weights[v * columns.length + u] = sum;
    });
  });
  return weights;
}

/** The samples of a map's side that a cut of the picture's side sees, and the share of each. */
function meanTaps([from, to]: Cut, side: number, samples: number): [sample: number, share: number][] {
  const seen: Cut = [(from * samples) / side, (to * samples) / side];
  const first = Math.floor(seen[0]);
  const end = Math.min(samples, Math.ceil(seen[1]));
  return Array.from({ length: end - first }, (_, i) => {
    const sample = first + i;
    return [sample, shared(seen, [sample, sample + 1]) / (seen[1] - seen[0])];
  });
}
