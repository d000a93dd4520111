// Sections of docs/TRUST.md.
import { facts, grouped, mebibytes, share, table } from "../frame/text.mjs";

export function fuzz({ inputs, seconds, slowestMilliseconds, largestMemory, targets, findings, search, ...run }) {
  const codesOf = ({ codes }) =>
    Object.entries(codes)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 3)
      .map(([code]) => code)
      .join(", ");
  return [
    "## Fuzzing",
    `${facts(run)} ${grouped(inputs)} inputs in ${seconds < 180 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`}: ${findings.length === 0 ? "no finding" : `${findings.length} findings`}. A finding is anything thrown that is no
\`IsthmusError\` of a documented code, a WebAssembly trap, an image of an impossible shape, more than a second of time again and again, more than 32 MiB of WebAssembly memory, and, for a sample of the
inputs, pixels that the second decoder gives otherwise. The command runs ten million inputs unless told otherwise, or until its minutes are over, and \`--resume\` goes on where it stopped. The slowest input took ${slowestMilliseconds.toFixed(0)} ms on a busy machine, the largest memory was ${mebibytes(largestMemory)}.`,
    table(
      targets,
      ["way in", "target"],
      ["inputs", "inputs", grouped],
      ["accepted", "accepted", grouped],
      ["refused", ({ inputs, accepted }) => inputs - accepted, grouped],
      ["most often with", codesOf],
    ),
    `What it found, all fixed, each with a golden file or a test: an alpha plane beside four channels gave pictures of five, and colour was taken for a model of grey pictures
(\`test/vectors/golden/vector-and-alpha.isth\`, \`vector-and-grey.isth\`, \`grey-without-its-flag.isth\`).`,
    ...(search ? searchParts(search) : []),
  ];
}

const searchParts = ({ minutes, inputs, doors }) => [
  `Then \`--search ${minutes}\` looked for inputs of few bytes that cost much, with sizes up to the limits: ${grouped(inputs)} of them, each but the first made from those that cost most
so far. Work that takes a signal got one after 150 ms; others and the signal may wait for 400 ms of processor time (what is promised is 50 and 200 ms), buffers may take what the largest
picture takes. Inspecting and previews are held to times of their own. The greatest shares of all that, and what the slowest input took:`,
  table(
    doors,
    ["door", "door"],
    ["inputs", "inputs", grouped],
    ["time", "time", share(0)],
    ["memory", "memory", share(0)],
    ["the slowest", "told"],
  ),
];

export function limits({ side, spare, doors, ...run }) {
  const whole = (bytes) => grouped(Math.round(bytes / 2 ** 20));
  return [
    "## Memory at the limits",
    `${facts(run)} The largest resident memory of whole processes that go through a door, in MiB, beyond the same program with little to do, and beside what was handed in:
streams of a few hundred bytes for pictures of ${grouped(side)} x ${grouped(side)} pixels, and a model of 51 MiB whose weights take 400 in memory. SECURITY.md states the limits; ${whole(spare)} MiB are left to garbage
collection and the engine. The same is a test at a quarter of the pixels (\`test/strangers/memory.test.ts\`).`,
    table(doors, ["door", "name"], ["stated MiB", "stated", whole], ["peak MiB", "measured", whole]),
  ];
}

export function integrity({ streams, ...run }) {
  const damages = (...kinds) => {
    const sums = streams.flatMap(({ flips, cuts }) => kinds.map((kind) => flips[kind] + cuts[kind]));
    return grouped(sums.reduce((sum, count) => sum + count, 0));
  };
  return [
    "## Damage in every place",
    `${facts(run)} Every bit of ten streams flipped, one at a time, and each stream cut to every length: of ${damages("refused", "unharmed", "wrong")} damaged streams
${damages("refused")} were refused, ${damages("wrong")} gave wrong pixels, and ${damages("unharmed")} the right ones. A forgery is a flipped bit under a checksum that was made right again: there the seal
of the symbols is all that is left. What passes are bits that nothing else depends on: metadata, alpha samples and lossless planes, a size that the same cells cover.`,
    table(
      streams,
      ["stream", "name"],
      ["bytes", "bytes", grouped],
      ...["flips", "cuts", "forgeries"].flatMap((kind) => [
        [`${kind} refused`, `${kind}.refused`, grouped],
        ["unharmed", `${kind}.unharmed`, grouped],
        [kind === "forgeries" ? "another picture" : "wrong", `${kind}.wrong`, grouped],
      ]),
    ),
  ];
}

export const engines = ({ digests, engines, ...run }) => [
  "## A second decoder",
  `\`test/reference/decoder\` was written from [FORMAT.md](FORMAT.md) alone, in plain TypeScript, without WebAssembly and without anything of \`src/\`. It gives the same pixels, bit for bit, for all ${engines[0].goldenFiles} golden
streams, and for a picture under the embedded model, and refuses every broken one (\`npx vitest run test/codec/second-decoder.test.ts\`). Where it had to guess, FORMAT.md was mended: the activations, the
order of the bytes of lossless bare frames, strips of which nothing is coded, the flags that fit a model.`,
  "## Engines: the same bytes and the same pixels",
  `${facts(run)} Streams and decoded images under each engine, compared with the first: pictures at three qualities; the golden files, compared with what they hold; random small pictures, encoded and decoded,
and again from rows cut anywhere and to rows. With threads, workers of a pool share the pictures out. V8's interpreter for WebAssembly is not part of Node's builds. arm64 is emulated (qemu). Chromium: \`npx vitest run test/browser/golden.test.ts\`.`,
  table(
    engines,
    ["engine", "engine"],
    [
      "V8 flags, threads",
      ({ flags, threads }) => flags.join(" ") || (threads ? `${threads} thread${threads > 1 ? "s" : ""}` : "none"),
    ],
    ["differences", ({ different }) => `${different} of ${digests.length}`],
    ["golden files", ({ goldenDifferent, goldenFiles }) => `${goldenDifferent} of ${goldenFiles}`],
    ["random pictures", ({ randomDifferent, random }) => `${randomDifferent} of ${grouped(random)}`],
    ["in cut rows", ({ threads, cutDifferent }) => (threads ? "" : cutDifferent)],
  ),
];

/** What was tried, and what came of it, by the names of the faults. */
const faults = {
  memory: [
    ({ rounds }) =>
      `${grouped(rounds)} encodes and decodes in one process, every fifth with an error or an abort beside it`,
    ({ growth: { rss, heapUsed, arrayBuffers, kernels } }) =>
      `in the second half: resident memory ${kibibytes(rss)}, heap ${kibibytes(heapUsed)}, buffers ${kibibytes(arrayBuffers)}, WebAssembly ${kibibytes(kernels)}`,
  ],
  killedTraining: [
    () => "`kill -9` in the middle of training",
    ({ kills }) => `${kills} times, then resumed: the weights of an undisturbed run`,
  ],
  fullDisk: [
    () => "a disk that fills up while `decode` and `export` write",
    ({ refused }) => `${refused} times an error, nothing left behind`,
  ],
  fullFileSystem: [
    () => "a full file system, and a read-only one",
    ({ mounted, refused }) =>
      mounted ? `${refused} times an error, nothing left behind` : "could not be mounted here",
  ],
  writersOfOneFile: [
    ({ writers }) => `${writers} processes write one file`,
    ({ rounds }) => `${rounds} times the whole file of one of them`,
  ],
  interruptedDecode: [
    () => "^C while `decode` works",
    ({ interrupted, times }) => `${interrupted} of ${times} ended by it, nothing left behind`,
  ],
  swappedModel: [
    () => "the model's file exchanged and damaged under sender and receiver",
    () => "frames and pictures as before, or `model-mismatch`, `model-missing`",
  ],
};

const kibibytes = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;

export const soak = (results) => [
  "## Long runs and faults",
  facts(results),
  table(
    Object.keys(faults),
    ["what", (name) => faults[name][0](results[name])],
    ["what came of it", (name) => faults[name][1](results[name])],
    ["problems", (name) => results[name].problems.join("; ") || "none"],
  ),
];
