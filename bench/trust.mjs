import { tableText } from "./results.mjs";

/** The parts of docs/TRUST.md, from the files of bench/results. */
export function trustSections({ fuzz, integrity, engines, soak }, facts) {
  return [
    "# Trust: what is tested beyond the tests",
    `Made by \`npm run bench:docs\` from \`bench/results/*.json\`, which the command named in each section writes. [SECURITY.md](../SECURITY.md) says what is trusted, and which limits hold.`,
    ...fuzzSection(fuzz, facts),
    ...integritySection(integrity, facts),
    ...decoderSection(engines),
    ...engineSection(engines, facts),
    ...soakSection(soak, facts),
  ];
}

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const sumOf = (items, value) => items.reduce((sum, item) => sum + value(item), 0);

function fuzzSection({ inputs, seconds, slowestMilliseconds, largestMemory, targets, findings, ...run }, facts) {
  const rows = targets.map(({ target, inputs: made, accepted, codes }) => [
    target,
    ...[made, accepted, made - accepted].map(grouped),
    Object.entries(codes)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 3)
      .map(([code]) => code)
      .join(", "),
  ]);
  return [
    "## Fuzzing",
    `${facts(run)} ${grouped(inputs)} inputs in ${seconds < 180 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`}: ${findings.length === 0 ? "no finding" : `${findings.length} findings`}. A finding is anything thrown that is no
\`IsthmusError\` of a documented code, a WebAssembly trap, an image of an impossible shape, more than a second of time again and again, more than 32 MiB of WebAssembly memory, and, for a sample of the
inputs, pixels that the second decoder gives otherwise. The command runs ten million inputs unless told otherwise, or until its minutes are over. The slowest input took ${slowestMilliseconds.toFixed(0)} ms on a busy machine, the largest memory was ${mebibytes(largestMemory)}.`,
    tableText(["way in", "inputs", "accepted", "refused", "most often with"], rows),
    `What it found, all fixed, each with a golden file or a test: an alpha plane beside four channels gave pictures of five, and colour was taken for a model of grey pictures
(\`test/vectors/golden/vector-and-alpha.isth\`, \`vector-and-grey.isth\`, \`grey-without-its-flag.isth\`).`,
  ];
}

function integritySection({ streams, ...run }, facts) {
  const cells = ({ refused, unharmed, wrong }) => [refused, unharmed, wrong].map(grouped);
  const damages = (count) => grouped(sumOf(streams, ({ flips, cuts }) => count(flips) + count(cuts)));
  return [
    "## Damage in every place",
    `${facts(run)} Every bit of ten streams flipped, one at a time, and each stream cut to every length: of ${damages(({ refused, unharmed, wrong }) => refused + unharmed + wrong)} damaged streams
${damages(({ refused }) => refused)} were refused, ${damages(({ wrong }) => wrong)} gave wrong pixels, and ${damages(({ unharmed }) => unharmed)} the right ones. A forgery is a flipped bit under a checksum that was made right again: there the seal
of the symbols is all that is left. What passes are bits that nothing else depends on: metadata, alpha samples and lossless planes, a size that the same cells cover.`,
    tableText(
      [
        "stream",
        "bytes",
        "flips refused",
        "unharmed",
        "wrong",
        "cuts refused",
        "unharmed",
        "wrong",
        "forgeries refused",
        "unharmed",
        "another picture",
      ],
      streams.map(({ name, bytes, flips, cuts, forgeries }) => [
        name,
        grouped(bytes),
        ...cells(flips),
        ...cells(cuts),
        ...cells(forgeries),
      ]),
    ),
  ];
}

const decoderSection = ({ engines }) => [
  "## A second decoder",
  `\`test/reference/decoder\` was written from [FORMAT.md](FORMAT.md) alone, in plain TypeScript, without WebAssembly and without anything of \`src/\`. It gives the same pixels, bit for bit, for all ${engines[0].goldenFiles} golden
streams, and for a picture under the embedded model, and refuses every broken one (\`npx vitest run test/codec/second-decoder.test.ts\`). Where it had to guess, FORMAT.md was mended: the activations, the
order of the bytes of lossless bare frames, strips of which nothing is coded, the flags that fit a model.`,
];

function engineSection({ digests, engines, ...run }, facts) {
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

function soakSection(
  { memory, killedTraining, fullDisk, fullFileSystem, writersOfOneFile, interruptedDecode, swappedModel, ...run },
  facts,
) {
  const { rounds, growth } = memory;
  const verdict = ({ problems }) => (problems.length === 0 ? "none" : problems.join("; "));
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  const rows = [
    [
      `${grouped(rounds)} encodes and decodes in one process, every fifth with an error or an abort beside it`,
      `in the second half: resident memory ${kib(growth.rss)}, heap ${kib(growth.heapUsed)}, buffers ${kib(growth.arrayBuffers)}, WebAssembly ${kib(growth.kernels)}`,
      memory,
    ],
    [
      "`kill -9` in the middle of training",
      `${killedTraining.kills} times, then resumed: the weights of an undisturbed run`,
      killedTraining,
    ],
    [
      "a disk that fills up while `decode` and `export` write",
      `${fullDisk.refused} times an error, nothing left behind`,
      fullDisk,
    ],
    [
      "a full file system, and a read-only one",
      fullFileSystem.mounted
        ? `${fullFileSystem.refused} times an error, nothing left behind`
        : "could not be mounted here",
      fullFileSystem,
    ],
    [
      `${writersOfOneFile.writers} processes write one file`,
      `${writersOfOneFile.rounds} times the whole file of one of them`,
      writersOfOneFile,
    ],
    [
      "^C while `decode` works",
      `${interruptedDecode.interrupted} of ${interruptedDecode.times} ended by it, nothing left behind`,
      interruptedDecode,
    ],
    [
      "the model's file exchanged and damaged under sender and receiver",
      "frames and pictures as before, or `model-mismatch`, `model-missing`",
      swappedModel,
    ],
  ];
  return [
    "## Long runs and faults",
    facts(run),
    tableText(
      ["what", "what came of it", "problems"],
      rows.map(([what, came, result]) => [what, came, verdict(result)]),
    ),
  ];
}
