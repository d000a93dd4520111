import { centroid, exponential, nearest, round } from "../float32.js";
import { activations, integerDense, type Layer } from "./dense.js";
import { type CellQualities, type Grid, gainsOf, type Quality } from "./grid.js";
import { priorLevels, type ReferenceModel } from "./model.js";

/** Where symbols are decoded: a strip's rows first .. end - 1, its channels, and the next symbol under a table. */
export interface Strip {
  readonly first: number;
  readonly end: number;
  readonly channels: readonly boolean[];
  readonly read: (table: number) => number;
}

/** Decodes the symbols of strips, from top to bottom, into reconstructed latents: cells in raster order, M each. */
export interface Prior {
  readonly latents: Float32Array;
  readonly dequantized: Float32Array;
  readStrip(strip: Strip): void;
}

/** The picture that a frame of a scene changes (docs/FORMAT.md, "Scenes"), and how each cell comes about. */
export interface Before {
  readonly latents: Float32Array;
  readonly dequantized: Float32Array;
  readonly kinds: Uint8Array;
}

export const priorOf = (model: ReferenceModel, grid: Grid, qualities: CellQualities, before?: Before): Prior =>
  model.configuration.prior.kind === "context"
    ? new ContextPrior(model, grid, qualities, before)
    : new StaticPrior(grid, qualities, before);

/** Latents to begin with: zeros, but for cells that are copied. */
function beginning({ rows, columns, latents }: Grid, kinds?: Uint8Array, earlier?: Float32Array): Float32Array {
  return Float32Array.from({ length: rows * columns * latents }, (_, i) =>
    kinds && earlier && kinds[Math.floor(i / latents)] === 0 ? earlier[i] : 0,
  );
}

const held = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** The table of each channel under the static prior. */
export const staticTables = (quality: Quality): number[] =>
  Array.from(quality.logLinear("prior"), (scale) =>
    held(Math.floor((scale - -2.2072749131897207) * 6.893 + 0.5), 0, 63),
  );

/** docs/FORMAT.md, "Static prior". */
class StaticPrior implements Prior {
  readonly latents: Float32Array;

  constructor(
    private readonly grid: Grid,
    private readonly qualities: CellQualities,
    before?: Before,
  ) {
    this.latents = beginning(grid, before?.kinds, before?.latents);
  }

  get dequantized(): Float32Array {
    return this.latents;
  }

  readStrip(strip: Strip): void {
    for (const quality of this.qualities.rising) this.readCells(strip, quality);
  }

  private readCells({ first, end, channels, read }: Strip, quality: Quality): void {
    const { columns, latents, isCoded } = this.grid;
    const gains = gainsOf(quality);
    const tables = staticTables(quality);
    for (let y = first; y < end; y++) {
      for (let x = 0; x < columns; x++) {
        if (!isCoded(x, y) || this.qualities.at(x, y) !== quality) continue;
        for (let c = 0; c < latents; c++) {
          if (channels[c]) this.latents[(y * columns + x) * latents + c] = round(read(tables[c]) * gains[c]);
        }
      }
    }
  }
}

/** What quality makes of symbols. */
interface Units {
  readonly logGain: Float32Array;
  readonly gains: Float32Array;
}

interface Group {
  readonly first: number;
  readonly size: number;
  readonly own: Layer | undefined;
  readonly inner: Layer;
  readonly out: Layer;
}

/** docs/FORMAT.md, "Context prior" and "Reconstruction". */
class ContextPrior implements Prior {
  readonly latents: Float32Array;
  readonly dequantized: Float32Array;
  private readonly context: Layer;
  private readonly groups: Group[];
  private readonly activation: (x: number) => number;
  private readonly units: Map<Quality, Units>;
  private readonly logScale: Float32Array;
  private readonly share: Float32Array;

  constructor(
    model: ReferenceModel,
    private readonly grid: Grid,
    private readonly qualities: CellQualities,
    private readonly before?: Before,
  ) {
    const { prior, activation } = model.configuration;
    const sizes = prior.kind === "context" ? prior.groups : [];
    this.latents = beginning(grid, before?.kinds, before?.latents);
    this.dequantized = beginning(grid, before?.kinds, before?.dequantized);
    this.activation = activations[activation];
    this.units = new Map(
      qualities.rising.map((quality) => [
        quality,
        { logGain: quality.logLinear("inverseGain"), gains: gainsOf(quality) },
      ]),
    );
    this.logScale = model.weights("prior.logScale");
    this.share = model.weights("centroids.share");
    this.context = integerDense(model, "prior.context", priorLevels(model));
    this.groups = sizes.map((size, i) => ({
      first: sizes.slice(0, i).reduce((sum, before) => sum + before, 0),
      size,
      own: i > 0 ? integerDense(model, `prior.groups.${i}.own`, priorLevels(model)) : undefined,
      inner: integerDense(model, `prior.groups.${i}.inner`, priorLevels(model), activation),
      out: integerDense(model, `prior.groups.${i}.out`, priorLevels(model)),
    }));
  }

  readStrip(strip: Strip): void {
    const { columns, isCoded } = this.grid;
    const { first, end } = strip;
    for (let front = 2 * first; front <= columns - 1 + 2 * (end - 1); front++) {
      for (const quality of this.qualities.rising) {
        const cells: { x: number; y: number; t: Float32Array }[] = [];
        for (let y = first; y < end; y++) {
          const x = front - 2 * y;
          if (x < 0 || x >= columns || !isCoded(x, y) || this.qualities.at(x, y) !== quality) continue;
          cells.push({ x, y, t: this.context([...this.neighboursOf(x, y), quality.q]) });
        }
        const units = this.units.get(quality)!;
        for (const group of this.groups)
          for (const { x, y, t } of cells) this.readGroup(group, y * columns + x, t, units, strip);
      }
    }
  }

  /** The dequantized symbols of four neighbours. */
  private neighboursOf(x: number, y: number): number[] {
    const { columns, latents } = this.grid;
    const cell = (cx: number, cy: number) => {
      const start = (cy * columns + cx) * latents;
      return cx < 0 || cy < 0 || cx >= columns
        ? new Array<number>(latents).fill(0)
        : this.dequantized.subarray(start, start + latents);
    };
    return [...cell(x - 1, y), ...cell(x, y - 1), ...cell(x - 1, y - 1), ...cell(x + 1, y - 1)];
  }

  private readGroup(
    { first, size, own, inner, out }: Group,
    cell: number,
    t: Float32Array,
    { logGain, gains }: Units,
    { channels, read }: Strip,
  ): void {
    const start = cell * this.grid.latents;
    const before = own?.(this.dequantized.subarray(start, start + first));
    const u = before ? t.map((value, i) => round(value + before[i])) : t;
    const parameters = out(inner(u.map(this.activation)));
    for (let i = 0; i < size; i++) {
      const c = first + i;
      if (!channels[c]) continue;
      let mean = round(parameters[i] * exponential(-logGain[c]));
      const scale = round(round(parameters[size + i] * 4) + round(this.logScale[c] + -logGain[c]));
      let table = tableOf(mean, scale);
      const kind = this.before?.kinds[cell] ?? 255;
      if (kind <= 40 && Math.floor(table / 6) > kind - 1) {
        mean = round(this.before!.dequantized[start + c] * exponential(-logGain[c]));
        table = 6 * (kind - 1) + distanceOf(mean);
      }
      const distance = read(table);
      const side = mean < nearest(mean) ? -1 : 1;
      const symbol = nearest(mean) + side * distance;
      this.dequantized[start + c] = round(symbol * gains[c]);
      const towardsCentroid = round(side * tableCentroid(table, distance) * this.share[c]);
      this.latents[start + c] = round(round(symbol + towardsCentroid) * gains[c]);
    }
  }
}

/** Steps 1 to 7 of "Reconstruction". */
const tableCentroid = (table: number, distance: number): number =>
  centroid(
    held(distance, -16, 15),
    round((table % 6) / 10),
    round(-2.2072749131897207 + Math.floor(table / 6) / 6.126),
  );

/** Step 5 of "Context prior". */
function tableOf(mean: number, scale: number): number {
  const i = held(nearest(round(round(scale - round(-2.2072749)) * round(6.126))), 0, 39);
  return 6 * i + distanceOf(mean);
}

const distanceOf = (mean: number): number => Math.min(nearest(round(Math.abs(round(mean - nearest(mean))) * 10)), 5);
