// Sections on browsers, servers and what goes over lines.
import { facts, fixed, grouped, share, table, times } from "../frame/text.mjs";

export function browser({ image, rounds, milliseconds, ratios, longestBlock, ...results }) {
  const where = { node: "Node", page: "Chromium, page", worker: "Chromium, worker" };
  const rows = Object.entries(milliseconds).map(([key, taken]) => ({ name: where[key], ...taken, ratio: ratios[key] }));
  const same = results.engines.map(({ engine, same }) => `${engine}: ${same ? "the same" : "DIFFERENT"}`).join("; ");
  return [
    "## Browsers",
    `${facts(results)} Chromium ${results.chromium}, a photo of ${image.width} x ${image.height} pixels, embedded model, one after another in ${rounds} rounds, medians. Ratios are
the medians of the rounds' ratios.`,
    table(
      rows,
      ["", "name"],
      ["encode ms", "encode", fixed()],
      ["decode ms", "decode", fixed()],
      ["of Node's time, encode", "ratio.encode", times],
      ["decode", "ratio.decode", times],
    ),
    `From navigation to the first decoded picture on localhost: ${results.firstPicture.toFixed(0)} ms, a receiver's model of ${grouped(results.receiverBytes)} bytes included. The page's own thread answered
no later than after ${longestBlock.encode.toFixed(0)} ms while a worker encoded, and ${longestBlock.train.toFixed(0)} ms while it trained; ${longestBlock.idle.toFixed(0)} ms with nothing to do, which
is what the machine's other work costs.`,
    `Stream and pixels of that picture: ${same}.`,
  ];
}

export const bundles = (results) => [
  "## Bundles",
  facts(results),
  "What a bundle loads at once, minified and gzipped, without models:",
  table(Object.entries(results.gzipped), ["import", "0"], ["bytes", "1", grouped]),
];

export const demo = (results) => [
  "## Demo page: what it transfers",
  facts(results),
  "kB after gzip (photographs and models as they are) until the sample is decoded, then what the first encoding adds, and each rival when it is first compared.",
  table(
    results.steps,
    ["", "step"],
    ...Object.keys(results.steps[0].bytes).map((kind) => [kind, ({ bytes }) => (bytes[kind] / 1000).toFixed(1)]),
  ),
];

const contenders = { isthmus: "service worker", avif: "AVIF alone", webp: "WebP alone" };

export function serving({ pictures, line, quality, busy, load, page, answers, ...run }) {
  const slow = busy
    ? " Other programs took most of the processor meanwhile: without them decoding, and with it the later visits, take a part of these times."
    : "";
  const { visits, scores, aheadInAllBytes: ahead } = page;
  const aheadOf = (name) => (ahead[name] === null ? "at no visit" : `from visit ${ahead[name]} on`);
  const whole = (number) => grouped(number.toFixed(0));
  return [
    "## Serving",
    `${facts(run)} ${pictures.count} squares of ${pictures.side} pixels from photos, embedded model. Requests of warm streams beside static files of the same bytes (mean
${whole(load.meanBytes)}) on the same server, ${load.connections} connections, medians of ${load.rounds} rounds of ${load.seconds} s:`,
    table(
      ["express", "hono"].map((name) => ({ name, ...load[name] })),
      ["", "name"],
      ["pictures a second", "warm.perSecond", whole],
      ["static files a second", "static.perSecond", whole],
      ["ratio", "ratio", times],
      ["p99 ms", "warm.p99"],
      ["p99 ms of files", "static.p99"],
    ),
    `A page of ${pictures.count} new pictures at each visit, in Chromium over a line of ${(line.bitsPerSecond / 1e6).toFixed(1)} Mbit/s with a round trip of ${line.roundTrip} ms: all
bytes that came down (pages, service worker and model included) and the time until the last picture is shown. Streams at quality ${quality} and the others have the same mean
SSIMULACRA 2 (${scores.isth.score.toFixed(1)}; AVIF at ${scores.avif.quality}: ${scores.avif.score.toFixed(1)}; WebP at ${scores.webp.quality}: ${scores.webp.score.toFixed(1)}).${slow}`,
    table(
      Object.entries(contenders).map(([key, name]) => ({ name, visits: visits[key] })),
      ["", "name"],
      ...visits.isthmus.map((_, i) => [
        `visit ${i + 1}`,
        `visits.${i}`,
        ({ bytes, milliseconds }) => `${whole(bytes / 1000)} kB, ${whole(milliseconds)} ms`,
      ]),
    ),
    `In all bytes since the first visit, with further visits as the last one, the service worker is ahead of AVIF ${aheadOf("avif")}, of WebP ${aheadOf("webp")}.`,
    `What the service worker makes of the samples of a photo of ${answers.width} x ${answers.height} pixels, medians of ${answers.rounds} rounds in Chromium:`,
    table(
      [
        { name: "BMP", ...answers.bmp },
        { name: "PNG that is not packed", ...answers.storedPng },
        { name: "PNG by a canvas", ...answers.canvasPng },
      ],
      ["", "name"],
      ["to make, ms", "make", fixed(1)],
      ["to decode, ms", "decode", fixed(1)],
      ["bytes", "bytes", grouped],
    ),
  ];
}

export function scenes({ command, width, height, frames, framesPerSecond, quality, results }) {
  const thousands = (count) => grouped(Math.round(count)).replaceAll(",", " ");
  // An exact copy has no number of decibels, which JSON writes as null.
  const decibels = (side) => (row) => ((row[side].psnr ?? 100) > 99 ? "lossless" : `${row[side].psnr.toFixed(1)} dB`);
  return [
    "## Scenes",
    `${frames} frames of ${width} x ${height} at ${framesPerSecond} a second, quality ${quality} (\`${command}\`): every picture by itself, and as frames of a scene of which each is the change of the one before
([SCENES.md](SCENES.md)). Bytes a second of a scene are without its first frame, which stands beside them; the last column is a picture that is sent twice.`,
    table(
      results,
      ["", "name"],
      ["alone, bytes/s", "alone.bytesPerSecond", thousands],
      ["PSNR", decibels("alone")],
      ["as a scene, bytes/s", "scene.bytesPerSecond", thousands],
      ["PSNR", decibels("scene")],
      ["new cells", "newCells", share()],
      ["first frame", "firstBytes", thousands],
      ["twice", "twiceBytes"],
    ),
  ];
}
