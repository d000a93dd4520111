import { percent } from "../frame/text.mjs";

const rivals = ["JPEG (mozjpeg)", "WebP", "AVIF 4:4:4"];
/** The rows of the README's table that results fill, by SSIMULACRA 2, and at which effort. */
const filledRow = /^\| Kodak, embedded model(?:, effort (?<effort>\d))? \|/;

/** The README with the figures of these results in the rows of its table that begin with "Kodak"; what was not measured is a dash. */
export function readmeWith(text, kodak, kodakEfforts) {
  const lines = text.split("\n").map((line) => {
    const row = filledRow.exec(line);
    if (!row) return line;
    const { effort = 0 } = row.groups;
    const results = [kodak, ...kodakEfforts].find((one) => (one.effort ?? 0) === Number(effort));
    const cells = rivals.map((rival) => {
      const rate = results?.bdRates.find(({ name }) => name === rival)?.ssimulacra2;
      return typeof rate?.percent === "number" ? percent(rate.percent) : "–";
    });
    const [label, command] = [line.split(" | ")[0], line.split("|").at(-2)];
    return `${label} | ${cells.join(" | ")} |${command}|`;
  });
  return lines.join("\n");
}
