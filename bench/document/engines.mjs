import { tableText } from "../results.mjs";
import { facts, grouped } from "./words.mjs";

export function engineSection({ digests, engines, ...run }) {
  const rows = engines.map(({ engine, flags, different, goldenFiles, goldenDifferent, random, randomDifferent }) => [
    engine,
    flags.join(" ") || "none",
    `${different} of ${digests.length}`,
    `${goldenDifferent} of ${goldenFiles}`,
    `${randomDifferent} of ${grouped(random)}`,
  ]);
  return [
    "## Engines: the same bytes and the same pixels",
    `${facts(run)} Streams and decoded images under each engine, compared with the first: pictures at three qualities; the golden files, compared with what they hold; random small pictures, encoded and decoded.
arm64 is emulated (qemu). Chromium: \`npx vitest run test/browser/golden.test.ts\`.`,
    tableText(["engine", "V8 flags", "differences", "golden files", "random pictures"], rows),
  ];
}
