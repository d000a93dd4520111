import { InvalidArgumentError } from "commander";
import { maxLatents } from "../models/configuration.js";
import { isSparsity, type Sparsity } from "../nn/sparsity.js";
import { type MetadataKind, metadataKinds } from "../node/image-metadata.js";
import { type PatchSide, patchSides } from "../training/patch-size.js";

/** One option of a command: how it is written, what it means, and how its text becomes a value. */
export interface Option<Value> {
  readonly flags: string;
  readonly description: string;
  readonly fallback: Value;
  parse?(text: string, previous: Value): Value;
  readonly choices?: readonly string[];
}

/** The values that a table of options yields. */
export type ValuesOf<Table> = { [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never };

export const flag = (flags: string, description: string): Option<boolean> => ({ flags, description, fallback: false });

export const text = (flags: string, description: string): Option<string | undefined> => ({
  flags,
  description,
  fallback: undefined,
});

export const texts = (flags: string, description: string): Option<string[]> => ({
  flags,
  description,
  fallback: [],
  parse: (value, previous) => [...previous, value],
});

interface Range<Fallback> {
  readonly low: number;
  readonly high: number;
  readonly whole?: boolean;
  readonly fallback: Fallback;
}

export function number<Fallback extends number | undefined>(
  flags: string,
  description: string,
  { low, high, whole, fallback }: Range<Fallback>,
): Option<number | Fallback> {
  const parse = (value: string): number => {
    const parsed = Number(value);
    const fits = value.trim() !== "" && parsed >= low && parsed <= high && (!whole || Number.isInteger(parsed));
    if (fits) return parsed;
    throw new InvalidArgumentError(`Expected ${whole ? "a whole number" : "a number"} between ${low} and ${high}.`);
  };
  return { flags, description, fallback, parse };
}

/** Numbers between `low` and `high`, separated by commas: two or more, ascending. */
export function numbers(flags: string, description: string, low: number, high: number): Option<number[] | undefined> {
  const parse = (value: string): number[] => {
    const parsed = value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
    const fits = parsed.every((number, i) => number >= low && number <= high && (i === 0 || number > parsed[i - 1]));
    if (fits && parsed.length > 1) return parsed;
    throw new InvalidArgumentError(
      `Expected two or more ascending numbers between ${low} and ${high}, as in 10,50,90.`,
    );
  };
  return { flags, description, fallback: undefined, parse };
}

/** Whole numbers from 1, separated by commas; "none" is an empty list. */
export const widths = (flags: string, description: string): Option<number[] | undefined> => ({
  flags,
  description,
  fallback: undefined,
  parse: (value) => {
    const parsed = value === "none" ? [] : value.split(",").map(Number);
    if (parsed.every((width) => Number.isInteger(width) && width > 0)) return parsed;
    throw new InvalidArgumentError('Expected whole numbers, as in 400,100, or "none".');
  },
});

export const sparsity: Option<Sparsity | undefined> = {
  flags: "--sparsity <kind:numbers>",
  description: "preset sparse: k:25 keeps 25 units, l1:WEIGHT and kl:ACTIVITY,WEIGHT are penalties; default k:25",
  fallback: undefined,
  parse: (value) => {
    const [kind, rest = ""] = value.split(":");
    const [first, second] = rest.split(",").map(Number);
    const parsed = { k: { active: first }, l1: { weight: first }, kl: { activity: first, weight: second } }[kind];
    const sparsity = { kind, ...parsed };
    if (parsed && isSparsity(sparsity, maxLatents)) return sparsity;
    throw new InvalidArgumentError("Expected k:UNITS, l1:WEIGHT or kl:ACTIVITY,WEIGHT, as in k:25 or kl:0.05,1.");
  },
};

/** An output that may be `-`; what stands for standard output in file systems means the same. */
export const destination = (flags: string, description: string): Option<string | undefined> => ({
  ...text(flags, description),
  parse: (value) => (/^\/dev\/(stdout|fd\/1)$/.test(value) ? "-" : value),
});

export const metadata: Option<readonly MetadataKind[]> = {
  flags: "--metadata <kinds>",
  description:
    "blocks to carry along: all, none (default), or some of icc,exif,xmp; with icc, colours stay in the space of the profile",
  fallback: [],
  parse: (value) => {
    if (value === "none") return [];
    const kinds = value === "all" ? metadataKinds : metadataKinds.filter((kind) => value.split(",").includes(kind));
    if (value === "all" || kinds.length === value.split(",").length) return kinds;
    throw new InvalidArgumentError("Expected all, none, or some of icc, exif and xmp, as in icc,exif.");
  },
};

export const patch: Option<PatchSide | undefined> = {
  flags: "--patch <pixels>",
  description: "side of the patches of photos, 8 or 16; default: 16 for smooth grey images",
  fallback: undefined,
  parse: (value) => {
    const side = patchSides.find((side) => String(side) === value);
    if (side) return side;
    throw new InvalidArgumentError(`Expected ${patchSides.join(" or ")}.`);
  },
};
