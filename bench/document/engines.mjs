import { tableText } from "../frame/results.mjs";
import { facts, grouped } from "./words.mjs";

export function section({ digests, engines, ...run }) {
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
    "## A second decoder",
    `\`test/reference/decoder\` was written from [FORMAT.md](FORMAT.md) alone, in plain TypeScript, without WebAssembly and without anything of \`src/\`. It gives the same pixels, bit for bit, for all ${engines[0].goldenFiles} golden
streams, and for a picture under the embedded model, and refuses every broken one (\`npx vitest run test/codec/second-decoder.test.ts\`). Where it had to guess, FORMAT.md was mended: the activations, the
order of the bytes of lossless bare frames, strips of which nothing is coded, the flags that fit a model.`,
    "## Engines: the same bytes and the same pixels",
    `${facts(run)} Streams and decoded images under each engine, compared with the first: pictures at three qualities; the golden files, compared with what they hold; random small pictures, encoded and decoded,
and again from rows cut anywhere and to rows. With threads, workers of a pool share the pictures out. V8's interpreter for WebAssembly is not part of Node's builds. arm64 is emulated (qemu). Chromium: \`npx vitest run test/browser/golden.test.ts\`.`,
    tableText(["engine", "V8 flags, threads", "differences", "golden files", "random pictures", "in cut rows"], rows),
  ];
}
