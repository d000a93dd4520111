import { tableText } from "../frame/results.mjs";
import { facts, grouped } from "./words.mjs";

const sumOf = (items, value) => items.reduce((sum, item) => sum + value(item), 0);

export function section({ streams, ...run }) {
  const damages = (count) => grouped(sumOf(streams, ({ flips, cuts }) => count(flips) + count(cuts)));
  return [
    "## Damage in every place",
    `${facts(run)} Every bit of ten streams flipped, one at a time, and each stream cut to every length: of ${damages(({ refused, unharmed, wrong }) => refused + unharmed + wrong)} damaged streams
${damages(({ refused }) => refused)} were refused, ${damages(({ wrong }) => wrong)} gave wrong pixels, and ${damages(({ unharmed }) => unharmed)} the right ones. A forgery is a flipped bit under a checksum that was made right again: there the seal
of the symbols is all that is left. What passes are bits that nothing else depends on: metadata, alpha samples and lossless planes, a size that the same cells cover.`,
    integrityTable(streams),
  ];
}

function integrityTable(streams) {
  const cells = ({ refused, unharmed, wrong }) => [refused, unharmed, wrong].map(grouped);
  return tableText(
    [
      "stream",
      "bytes",
      "flips refused",
      "unharmed",
      "wrong",
      "cuts refused",
      "unharmed",
      "wrong",
      "forgeries refused",
      "unharmed",
      "another picture",
    ],
    streams.map(({ name, bytes, flips, cuts, forgeries }) => [
      name,
      grouped(bytes),
      ...cells(flips),
      ...cells(cuts),
      ...cells(forgeries),
    ]),
  );
}
