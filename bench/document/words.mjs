/** How figures are written in docs/BENCHMARKS.md and docs/TRUST.md. */

/** When, by which command and on what a result was made. */
export const facts = ({ command, date, processor, node }) => `\`${command}\`, ${date}, ${processor}, Node ${node}.`;

export const percent = (value) => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`;
export const times = (value) => (value === undefined ? "" : `${value.toFixed(2)}x`);
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
export const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
