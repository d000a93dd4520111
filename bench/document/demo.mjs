import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(demo) {
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
  const kinds = Object.keys(demo.steps[0].bytes);
  return [
    "## Demo page: what it transfers",
    facts(demo),
    "kB after gzip (photographs and models as they are) until the sample is decoded, then what the first encoding adds, and each rival when it is first compared.",
    tableText(
      ["", ...kinds],
      demo.steps.map(({ step, bytes }) => [step, ...kinds.map((kind) => kilobytes(bytes[kind]))]),
    ),
  ];
}
