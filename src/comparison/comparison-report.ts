import { cpus } from "node:os";
import { version } from "../../package.json";
import { Model } from "../index.js";
import { loadSharp } from "../node/sharp.js";
import type { RivalDifference } from "./bd-rates.js";
import type { Comparison } from "./compare.js";
import type { Curve } from "./curves.js";
import type { OwnModel } from "./isthmus.js";
import { jpegXlVersion } from "./jpeg-xl.js";
import type { Metric } from "./metrics.js";
import { type Payoff, payoffs } from "./pays.js";
import type { Timing } from "./timing.js";

/** The JSON of a comparison; docs/COMPARISON.md describes every field. */
export interface ComparisonReport {
  readonly schema: 1;
  /** ISO 8601 day. */
  readonly date: string;
  readonly processor: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly model: {
    readonly id: string;
    readonly preset: string;
    readonly bytes: number;
    /** What a receiver takes, with the parent at hand where there is one. */
    readonly receiverBytes: number;
    /** The id of the model that this one is the difference to; null where it stands alone. */
    readonly parent: string | null;
  };
  readonly effort: number | null;
  readonly images: Comparison["images"];
  readonly notes: readonly string[];
  readonly bdRates: readonly RivalDifference[];
  /** When the receiver's half of the model is paid for, by rival. */
  readonly payoffs: readonly Payoff[];
  readonly curves: readonly Curve[];
  readonly times: readonly Timing[];
}

export async function reportOf(comparison: Comparison, own: OwnModel): Promise<ComparisonReport> {
  const model = Model.read(own.bytes);
  const { images, notes, bdRates, curves, times } = comparison;
  const { bytes, receiverBytes, parent = null } = own.stored;
  return rounded({
    schema: 1,
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model ?? "unknown",
    versions: await versions(),
    model: {
      id: model.id,
      preset: model.preset,
      bytes,
      receiverBytes,
      parent,
    },
    effort: own.effort ?? null,
    images,
    notes,
    bdRates,
    payoffs: payoffs(curves[0], curves.slice(1), bdRates, receiverBytes),
    curves,
    times,
  });
}

async function versions(): Promise<Record<string, string>> {
  const { versions } = await loadSharp();
  const { sharp, mozjpeg, webp, heif, aom } = versions as Record<string, string | undefined>;
  const all = { isthmus: version, node: process.versions.node, sharp, mozjpeg, webp, heif, aom };
  const found = { ...all, "@jsquash/jxl": await jpegXlVersion() };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Six significant digits are more than any of these figures is worth. */
function rounded<Value>(value: Value): Value {
  const round = (_: string, field: unknown): unknown =>
    typeof field === "number" && !Number.isInteger(field) ? Number(field.toPrecision(6)) : field;
  return JSON.parse(JSON.stringify(value, round));
}

/** The curve of a rival at the setting that serves it best by a metric, as the BD-rates count it. */
export function bestCurve({ bdRates, curves }: ComparisonReport, name: string, metric: Metric): Curve | undefined {
  const settings = curves.filter((curve) => curve.name === name && !curve.lossless);
  const best = bdRates.find((rate) => rate.name === name)?.[metric]?.setting;
  return settings.find(({ setting }) => best?.startsWith(setting)) ?? settings[0];
}
