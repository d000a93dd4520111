import { tableText } from "../results.mjs";
import { facts, grouped } from "./words.mjs";

export function engineSection({ digests, engines, ...run }) {
  const rows = engines.map(
    ({ engine, flags, threads, different, goldenFiles, goldenDifferent, random, randomDifferent, cutDifferent }) => [
      engine,
      flags.join(" ") || (threads ? `${threads} thread${threads > 1 ? "s" : ""}` : "none"),
      `${different} of ${digests.length}`,
      `${goldenDifferent} of ${goldenFiles}`,
      `${randomDifferent} of ${grouped(random)}`,
      threads ? "" : String(cutDifferent),
    ],
  );
  return [
    "## Engines: the same bytes and the same pixels",
    `${facts(run)} Streams and decoded images under each engine, compared with the first: pictures at three qualities; the golden files, compared with what they hold; random small pictures, encoded and decoded,
and again from rows cut anywhere and to rows. With threads, workers of a pool share the pictures out. V8's interpreter for WebAssembly is not part of Node's builds. arm64 is emulated (qemu). Chromium: \`npx vitest run test/browser/golden.test.ts\`.`,
    tableText(["engine", "V8 flags, threads", "differences", "golden files", "random pictures", "in cut rows"], rows),
  ];
}
