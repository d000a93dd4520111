import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export const section = (bundles) => [
  "## Bundles",
  facts(bundles),
  "What a bundle loads at once, minified and gzipped, without models:",
  tableText(
    ["import", "bytes"],
    Object.entries(bundles.gzipped).map(([name, size]) => [name, size.toLocaleString("en")]),
  ),
];
