/**
 * One figure of a benchmark.
 * @typedef {{ name: string, value: number, unit?: string }} Figure
 */

/** What names an element of a list. */
const naming = ["name", "preset", "engine", "build", "flags", "command", "step", "setting"];
const numbering = ["threads", "quality", "K", "width", "height", "workers"];

/**
 * The figures at the ends of ways such as `results.*.measured.*.ratio`, by their units: every element of a list or object goes through at `*`, and all numbers
 * of a tree count where a way ends above them.
 * @param {Record<string, string>} ways
 * @returns {Figure[]}
 */
export function figuresOf(ways, results) {
  const along = (tree, [key, ...rest], labels) => {
    if (key === undefined) {
      return Object.entries(numbersIn(tree)).map(([path, value]) => [[...labels, ...(path ? [path] : [])], value]);
    }
    if (key === "*")
      return Object.keys(tree).flatMap((inner) => along(tree[inner], rest, [...labels, labelIn(tree, inner)]));
    if (tree[key] === undefined) return [];
    return along(tree[key], rest, rest[0] === "*" ? labels : [...labels, key]);
  };
  return Object.entries(ways).flatMap(([way, unit]) =>
    along(results, way.split("."), []).map(([labels, value]) => ({ name: labels.join(": "), value, unit })),
  );
}

function labelIn(tree, key) {
  const found = Array.isArray(tree) ? tree[key] : {};
  const names = naming.map((name) => String(found[name] ?? "")).filter(Boolean);
  const numbers = numbering.filter((name) => name in found).map((name) => `${name} ${found[name]}`);
  return [...names, ...numbers].join(", ") || key;
}

/** The numbers in a tree of objects by their paths. */
export function numbersIn(value, path = []) {
  if (typeof value === "number") return { [path.join(" ")]: value };
  if (typeof value !== "object" || value === null) return {};
  return Object.assign({}, ...Object.entries(value).map(([key, inner]) => numbersIn(inner, [...path, key])));
}

/** Figures in these units may be zero or below, so that they compare as differences. */
const differing = new Set(["%", "dB"]);

/**
 * Two lists of figures side by side, in the order of the newer list; what only the older one has comes last.
 * @param {readonly Figure[]} before
 * @param {readonly Figure[]} after
 * @returns {{ name: string, unit: string, before?: number, after?: number, ratio?: number, difference?: number }[]}
 */
export function compareFigures(before, after) {
  const old = new Map(before.map((figure) => [figure.name, figure]));
  const gone = before.filter(({ name }) => !after.some((figure) => figure.name === name));
  return [
    ...after.map(({ name, value, unit = "" }) => {
      const was = old.get(name)?.value;
      return { name, unit, before: was, after: value, ...change(was, value, unit) };
    }),
    ...gone.map(({ name, value, unit = "" }) => ({ name, unit, before: value, after: undefined })),
  ];
}

function change(before, after, unit) {
  if (!Number.isFinite(before) || !Number.isFinite(after)) return {};
  if (differing.has(unit) || before <= 0 || after <= 0) return { difference: after - before };
  return { ratio: after / before };
}

/** The cells of a table's row. */
export function rowText(benchmark, { name, unit, before, after, ratio, difference }) {
  const number = (value) => (Number.isFinite(value) ? `${Number(value.toPrecision(4))}${unit ? ` ${unit}` : ""}` : "");
  let changed = before === undefined ? "new" : "gone";
  if (ratio !== undefined) changed = `${ratio.toFixed(2)}x`;
  if (difference !== undefined) changed = `${difference > 0 ? "+" : ""}${number(difference)}`;
  return [benchmark, name, number(before), number(after), changed];
}
