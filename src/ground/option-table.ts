import { expected } from "./errors.js";

/** What an option may be: what was expected where another value came, else nothing. */
export type OptionKind = (value: unknown) => string | false;

/** The kind of each option of a function: an option that has no line here does not exist. */
export type OptionTable<Options> = { readonly [Name in keyof Required<Options>]: OptionKind };

/** For what a function itself looks at more closely. */
export const anything: OptionKind = () => false;
export const aFunction: OptionKind = (value) => typeof value !== "function" && "a function";
/** Of any realm, or of a library that takes its place. */
export const aSignal: OptionKind = (value) => typeof (value as AbortSignal)?.aborted !== "boolean" && "an AbortSignal";
export const aBoolean: OptionKind = (value) => typeof value !== "boolean" && "a boolean";
export const aNumber: OptionKind = (value) => typeof value !== "number" && "a number";
export const aText: OptionKind = (value) => typeof value !== "string" && "a text";
export const anObject: OptionKind = (value) => (typeof value !== "object" || value === null) && "an object";

export const anInteger =
  (low: number, high: number): OptionKind =>
  (value) =>
    !(Number.isInteger(value) && (value as number) >= low && (value as number) <= high) &&
    `an integer between ${low} and ${high}`;

export const oneOf =
  (values: readonly unknown[]): OptionKind =>
  (value) =>
    !values.includes(value) && `one of ${values.join(", ")}`;

/** A seed of random numbers. */
export const aSeed: OptionKind = (value) => anInteger(-(2 ** 31), 2 ** 32 - 1)(value) && "a 32-bit integer";

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
    const wanted = value !== undefined && table[name as keyof Options](value);
    if (wanted) throw expected(wanted, name, value);
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
