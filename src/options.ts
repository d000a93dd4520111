import { expected } from "./errors.js";

/** What an option may be: what it is called where another value came, and whether a value is it. */
export type OptionKind = readonly [words: string, fits: (value: never) => boolean];

/** The kind of each option of a function: an option that has no line here does not exist. */
export type OptionTable<Options> = { readonly [Name in keyof Required<Options>]: OptionKind };

/** For what a function itself looks at more closely. */
export const anything: OptionKind = ["", () => true];
export const aFunction: OptionKind = ["a function", (value) => typeof value === "function"];
/** Of any realm, or of a library that takes its place. */
export const aSignal: OptionKind = ["an AbortSignal", (value: AbortSignal) => typeof value?.aborted === "boolean"];
export const aBoolean: OptionKind = ["a boolean", (value) => typeof value === "boolean"];
export const aNumber: OptionKind = ["a number", (value) => typeof value === "number"];
export const aText: OptionKind = ["a text", (value) => typeof value === "string"];
export const anObject: OptionKind = ["an object", (value) => typeof value === "object" && value !== null];
/** @__NO_SIDE_EFFECTS__ */
export function anInteger(low: number, high: number): OptionKind {
  return [
    `an integer between ${low} and ${high}`,
    (value: number) => Number.isInteger(value) && value >= low && value <= high,
  ];
}

/** @__NO_SIDE_EFFECTS__ */
export function oneOf(values: readonly unknown[]): OptionKind {
  return [`one of ${values.join(", ")}`, (value) => values.includes(value)];
}

/** A seed of random numbers. */
export const aSeed: OptionKind = [
  "a 32-bit integer",
  (value: number) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32,
];

/**
 * The options, none of which is unknown or of another kind than its table says; undefined stands for one that is not there.
 * @param owner the function whose options they are, for the message
 * @throws IsthmusError `invalid-parameter`
 */
export const checkOptions = <Options extends object>(
  options: Options,
  table: OptionTable<Options>,
  owner: string,
): Options => checkFewOptions(options, table, owner, didYouMean);

/** As `checkOptions`, but an unknown name is told all names instead of the one that is meant: for decoders, whose bundles are to be small. */
export function checkFewOptions<Options extends object>(
  options: Options,
  table: OptionTable<Options>,
  owner: string,
  hint?: (name: string, names: readonly string[]) => string,
): Options {
  if (typeof options !== "object" || !options) throw expected("an object", `options of ${owner}`, options);
  for (const [name, value] of Object.entries(options)) {
    const names = Object.keys(table);
    if (!names.includes(name))
      throw expected(`one of ${names.join(", ")}`, `an option of ${owner}`, name, hint?.(name, names));
    const [words, fits] = table[name as keyof Options];
    if (value !== undefined && !fits(value as never)) throw expected(words, name, value);
  }
  return options;
}

/** Names the one that is the most like `given`, up to two changes, each a letter more, less or another; capitals do not count. */
function didYouMean(given: string, names: readonly string[]): string {
  for (const changes of [0, 1, 2]) {
    const meant = names.find((name) => areAlike(name.toLowerCase(), given.toLowerCase(), changes));
    if (meant) return `: did you mean "${meant}"?`;
  }
  return "";
}

function areAlike(left: string, right: string, changes: number): boolean {
  if (left === right) return true;
  if (left[0] === right[0]) return areAlike(left.slice(1), right.slice(1), changes);
  if (changes === 0) return false;
  return [
    [1, 0],
    [0, 1],
    [1, 1],
  ].some(([l, r]) => areAlike(left.slice(l), right.slice(r), changes - 1));
}
