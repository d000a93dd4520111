import { parseArgs } from "node:util";

/** The default of an option that may be given more than once. */
export const many = (...values) => ({ many: values });

/**
 * The options of a benchmark, by their names and defaults, which tell their kinds: a number, a text (`undefined`: none), a list with commas between (of numbers,
 * where the default has some), `false` for a flag, or `many(..)`. `photoSteps` is `--photo-steps`. What is given beside options is in `words`. Every benchmark
 * has `--output` besides, see results.mjs.
 */
export function optionsOf(defaults) {
  const entries = Object.entries(defaults);
  const type = (value) => ({ type: value === false ? "boolean" : "string", multiple: value?.many !== undefined });
  const options = Object.fromEntries(entries.map(([name, value]) => [flagOf(name), type(value)]));
  let parsed;
  try {
    parsed = parseArgs({ options: { ...options, output: { type: "string" } }, allowPositionals: true });
  } catch (error) {
    giveUp(error.message);
  }
  const { values, positionals: words } = parsed;
  const read = ([name, value]) => {
    const given = values[flagOf(name)];
    return [name, given === undefined ? (value?.many ?? value) : convert(given, value, flagOf(name))];
  };
  return { ...Object.fromEntries(entries.map(read)), words };
}

const flagOf = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function convert(given, value, name) {
  if (Array.isArray(value))
    return given.split(",").map((word) => (typeof value[0] === "number" ? number(word, name) : word));
  return typeof value === "number" ? number(given, name) : given;
}

function number(word, name) {
  const value = Number(word);
  return Number.isNaN(value) ? giveUp(`Expected a number for --${name} but received ${word}`) : value;
}

/** Ends a benchmark that cannot run. */
export function giveUp(reason) {
  console.error(reason);
  process.exit(1);
}
