import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(difference) {
  const share = (value) => `${(100 * value).toFixed(1)} %`;
  return [
    "## A plain and a variational autoencoder: what a judge of real digits accepts",
    facts(difference),
    `[DIFFERENCE.md](DIFFERENCE.md) has the pictures and says how it is judged. Of other real test digits it accepts ${share(difference.real)}.`,
    tableText(
      ["accepted", "reconstructions", "midpoints of codes", "random codes"],
      difference.results.map(({ name, reconstructions, midpoints, samples }) => [
        name,
        ...[reconstructions, midpoints, samples].map(share),
      ]),
    ),
  ];
}
