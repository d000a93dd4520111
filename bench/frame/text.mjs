/** How figures are written: in the terminal, in docs/BENCHMARKS.md and in docs/TRUST.md. */

/** When, by which command and on what a result was made. */
export const facts = ({ command, date, processor, node }) => `\`${command}\`, ${date}, ${processor}, Node ${node}.`;

export const percent = (value) => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`;
/** A share of 1 in percent. */
export const share =
  (digits = 1) =>
  (value) =>
    `${(100 * value).toFixed(digits)} %`;
export const times = (value) => `${value.toFixed(2)}x`;
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
export const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
export const fixed =
  (digits = 0) =>
  (value) =>
    value.toFixed(digits);

/**
 * A Markdown table of rows. Each column is [head, value, format]: the value is a function of the row or the way to it (`times.0`), the format a function of
 * the value; what is missing stays empty. The first column is text, the others are numbers.
 */
export function table(rows, ...columns) {
  const texts = [columns.map(([head]) => head), ...rows.map((row) => columns.map((column) => cell(row, column)))];
  const widths = columns.map((_, i) => Math.max(3, ...texts.map((cells) => cells[i].length)));
  const line = (cells) =>
    `| ${cells.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  const [head, ...body] = texts.map(line);
  return [head, line(rule), ...body].join("\n");
}

function cell(row, [, value, format = String]) {
  const found = typeof value === "function" ? value(row) : valueAt(row, value);
  return found === undefined || found === null ? "" : format(found);
}

/** What lies at the end of a way such as `results.0.name`. */
export const valueAt = (tree, way) => way.split(".").reduce((inner, key) => inner?.[key], tree);

export const printTable = (...given) => console.log(`${table(...given)}\n`);
