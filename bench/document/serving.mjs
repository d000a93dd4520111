import { tableText } from "../frame/results.mjs";
import { facts, grouped, times } from "./words.mjs";

const contenders = { isthmus: "service worker", avif: "AVIF alone", webp: "WebP alone" };

export function section(serving) {
  const { pictures, line, quality, busy, load, page, answers } = serving;
  const slow = busy
    ? " Other programs took most of the processor meanwhile: without them decoding, and with it the later visits, take a part of these times."
    : "";
  const { visits, scores, aheadInAllBytes: ahead } = page;
  const aheadOf = (name) => (ahead[name] === null ? "at no visit" : `from visit ${ahead[name]} on`);
  const whole = (number) => grouped(number.toFixed(0));
  return [
    "## Serving",
    `${facts(serving)} ${pictures.count} squares of ${pictures.side} pixels from photos, embedded model. Requests of warm streams beside static files of the same bytes (mean
${whole(load.meanBytes)}) on the same server, ${load.connections} connections, medians of ${load.rounds} rounds of ${load.seconds} s:`,
    tableText(
      ["", "pictures a second", "static files a second", "ratio", "p99 ms", "p99 ms of files"],
      ["express", "hono"].map((server) => {
        const { warm, static: fixed, ratio } = load[server];
        return [server, whole(warm.perSecond), whole(fixed.perSecond), times(ratio), `${warm.p99}`, `${fixed.p99}`];
      }),
    ),
    `A page of ${pictures.count} new pictures at each visit, in Chromium over a line of ${(line.bitsPerSecond / 1e6).toFixed(1)} Mbit/s with a round trip of ${line.roundTrip} ms: all
bytes that came down (pages, service worker and model included) and the time until the last picture is shown. Streams at quality ${quality} and the others have the same mean
SSIMULACRA 2 (${scores.isth.score.toFixed(1)}; AVIF at ${scores.avif.quality}: ${scores.avif.score.toFixed(1)}; WebP at ${scores.webp.quality}: ${scores.webp.score.toFixed(1)}).${slow}`,
    tableText(
      ["", ...visits.isthmus.map((_, i) => `visit ${i + 1}`)],
      Object.entries(contenders).map(([name, words]) => [
        words,
        ...visits[name].map(({ bytes, milliseconds }) => `${whole(bytes / 1000)} kB, ${whole(milliseconds)} ms`),
      ]),
    ),
    `In all bytes since the first visit, with further visits as the last one, the service worker is ahead of AVIF ${aheadOf("avif")}, of WebP ${aheadOf("webp")}.`,
    `What the service worker makes of the samples of a photo of ${answers.width} x ${answers.height} pixels, medians of ${answers.rounds} rounds in Chromium:`,
    tableText(
      ["", "to make, ms", "to decode, ms", "bytes"],
      [
        ["BMP", answers.bmp],
        ["PNG that is not packed", answers.storedPng],
        ["PNG by a canvas", answers.canvasPng],
      ].map(([name, { make, decode, bytes }]) => [name, make.toFixed(1), decode.toFixed(1), grouped(bytes)]),
    ),
  ];
}
