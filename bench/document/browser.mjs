import { tableText } from "../frame/results.mjs";
import { facts, times } from "./words.mjs";

export function section(browser) {
  const { chromium, image, rounds, milliseconds, ratios, firstPicture, receiverBytes, longestBlock } = browser;
  const where = { node: "Node", page: "Chromium, page", worker: "Chromium, worker" };
  const same = browser.engines.map(({ engine, same }) => `${engine}: ${same ? "the same" : "DIFFERENT"}`).join("; ");
  return [
    "## Browsers",
    `${facts(browser)} Chromium ${chromium}, a photo of ${image.width} x ${image.height} pixels, embedded model, one after another in ${rounds} rounds, medians. Ratios are
the medians of the rounds' ratios.`,
    tableText(
      ["", "encode ms", "decode ms", "of Node's time, encode", "decode"],
      Object.entries(milliseconds).map(([name, { encode, decode }]) => [
        where[name],
        ...[encode, decode].map((time) => time.toFixed(0)),
        ...["encode", "decode"].map((what) => (ratios[name] ? times(ratios[name][what]) : "")),
      ]),
    ),
    `From navigation to the first decoded picture on localhost: ${firstPicture.toFixed(0)} ms, a receiver's model of ${receiverBytes.toLocaleString("en")} bytes included. The page's own thread answered
no later than after ${longestBlock.encode.toFixed(0)} ms while a worker encoded, and ${longestBlock.train.toFixed(0)} ms while it trained; ${longestBlock.idle.toFixed(0)} ms with nothing to do, which
is what the machine's other work costs.`,
    `Stream and pixels of that picture: ${same}.`,
  ];
}
