/**
 * One figure of a benchmark.
 * @typedef {{ name: string, value: number, unit?: string }} Figure
 */

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
  const sign = difference > 0 ? "+" : "";
  const changed =
    ratio !== undefined
      ? `${ratio.toFixed(2)}x`
      : difference !== undefined
        ? `${sign}${number(difference)}`
        : before === undefined
          ? "new"
          : "gone";
  return [benchmark, name, number(before), number(after), changed];
}
