/**
 * The benchmarks of `npm run bench`, the most telling first. `script`: its npm script, bench:NAME unless told otherwise. `quick`: the arguments of a
 * run of few minutes; empty where the whole benchmark is one. `kept`: why a benchmark is not run but its last results stand. `figures`: what a
 * comparison of two results shows.
 */
export const suite = [
  {
    name: "training",
    quick: ["--rounds", "2", "--photo-steps", "12", "--variational-steps", "200"],
    figures: ({ results }) =>
      results.flatMap(({ preset, measured }) =>
        measured.flatMap(({ threads, stepsPerSecond, ratio, processorMs }) => [
          { name: `${preset}, ${threads} threads: steps a second`, value: stepsPerSecond },
          { name: `${preset}, ${threads} threads: against one`, value: ratio },
          { name: `${preset}, ${threads} threads: processor time a step`, value: processorMs, unit: "ms" },
        ]),
      ),
  },
  {
    name: "decoders",
    quick: ["--limit", "4"],
    photos: true,
    figures: ({ milliseconds, ratios }) => [
      ...Object.entries(milliseconds).map(([name, value]) => ({ name, value, unit: "ms" })),
      { name: "decode: time beside @jsquash/avif", value: ratios.decode },
      { name: "encode: time beside @jsquash/webp", value: ratios.webp },
      { name: "encode: time beside @jsquash/webp, method 6", value: ratios.webpMethod6 },
      { name: "encode: time beside sharp's AVIF", value: ratios.encode },
    ],
  },
  {
    name: "batches",
    quick: ["--limit", "8", "--rounds", "3"],
    photos: true,
    figures: ({ results }) =>
      results.flatMap(({ name, milliseconds, ratio }) => [
        { name: `${name}: one thread`, value: milliseconds[0], unit: "ms" },
        { name: `${name}: more threads`, value: milliseconds[1], unit: "ms" },
        { name: `${name}: times as fast`, value: ratio },
      ]),
  },
  {
    name: "stages",
    quick: [],
    photos: true,
    figures: ({ milliseconds, stages }) => [
      ...Object.entries(milliseconds).map(([name, value]) => ({ name, value, unit: "ms" })),
      ...stages.flatMap(({ name, decode, encode }) => [
        { name: `decode: ${name}`, value: decode * milliseconds.decode, unit: "ms" },
        { name: `encode: ${name}`, value: encode * milliseconds.encode, unit: "ms" },
      ]),
    ],
  },
  {
    name: "kodak",
    quick: ["--limit", "4"],
    photos: true,
    figures: ({ bdRates, times }) => [
      ...bdRates.map(({ name, ssimulacra2 }) => ({
        name: `BD-rate by SSIMULACRA 2 against ${name}`,
        value: ssimulacra2?.percent,
        unit: "%",
      })),
      ...bdRates.map(({ name, psnr }) => ({ name: `BD-rate against ${name}`, value: psnr.percent, unit: "%" })),
      ...times
        .filter(({ name }) => name === "Isthmus")
        .flatMap(({ encodeMs, decodeMs }) => [
          { name: "encode", value: encodeMs, unit: "ms" },
          { name: "decode", value: decodeMs, unit: "ms" },
        ]),
    ],
  },
  {
    name: "kernels",
    quick: ["--rows", "256"],
    figures: ({ runs }) =>
      runs.flatMap(({ engine, build, summary }) =>
        Object.entries(numbersIn(summary)).map(([path, value]) => ({ name: `${engine}, ${build}: ${path}`, value })),
      ),
  },
  {
    name: "variational",
    quick: ["--epochs", "1"],
    figures: ({ testLoss, speeds }) => [
      { name: "negative lower bound", value: testLoss, unit: "nats" },
      ...speeds.map(({ name, milliseconds }) => ({ name: `step: ${name}`, value: milliseconds, unit: "ms" })),
    ],
  },
  {
    name: "mnist",
    quick: ["--minutes", "1"],
    figures: ({ testError, coding }) => [
      { name: "error beside principal components", value: testError.ratio },
      ...coding.qualities.map(({ quality, bareBytes }) => ({
        name: `bare frame at quality ${quality}`,
        value: bareBytes,
        unit: "bytes",
      })),
    ],
  },
  {
    name: "browser",
    quick: ["--rounds", "3"],
    figures: ({ milliseconds, firstPicture }) => [
      ...Object.entries(numbersIn(milliseconds)).map(([name, value]) => ({ name, value, unit: "ms" })),
      { name: "first picture", value: firstPicture, unit: "ms" },
    ],
  },
  {
    name: "bundles",
    quick: [],
    figures: ({ gzipped }) => Object.entries(gzipped).map(([name, value]) => ({ name, value, unit: "bytes" })),
  },
  {
    name: "previews",
    quick: [],
    figures: ({ results, times }) => [
      ...results.flatMap(({ name, rows }) =>
        rows.map((row) => ({ name: `${name}: ${row.name}, ${row.setting}`, value: row.psnr, unit: "dB" })),
      ),
      ...times.map(({ name, encode }) => ({ name: `encode: ${name}`, value: encode, unit: "ms" })),
    ],
  },
  {
    name: "sizes",
    quick: ["--most", "6"],
    photos: true,
    figures: ({ sizes }) =>
      sizes.flatMap(({ width, height, encode, decode }) => [
        { name: `${width} x ${height}: encode a pixel`, value: encode, unit: "ns" },
        { name: `${width} x ${height}: decode a pixel`, value: decode, unit: "ns" },
      ]),
  },
  {
    name: "integrity",
    quick: [],
    figures: ({ streams }) =>
      streams.map(({ name, flips, cuts }) => ({ name: `${name}: wrong pixels`, value: flips.wrong + cuts.wrong })),
  },
  {
    name: "fuzz",
    script: "fuzz",
    quick: ["--minutes", "5", "--search", "5"],
    figures: ({ inputs, seconds, findings }) => [
      { name: "findings", value: findings.length },
      { name: "inputs a second", value: inputs / seconds },
    ],
  },
  {
    name: "limits",
    quick: ["--side", "8192"],
    figures: ({ doors }) => doors.map(({ name, measured }) => ({ name, value: measured / 2 ** 20, unit: "MiB" })),
  },
  {
    name: "soak",
    script: "soak",
    quick: ["--quick"],
    figures: (scenarios) =>
      Object.entries(scenarios)
        .filter(([, { problems }]) => problems)
        .map(([name, { problems }]) => ({ name: `${name}: problems`, value: problems.length })),
  },
  {
    name: "engines",
    quick: ["--random", "200"],
    figures: ({ engines }) =>
      engines.map(({ engine, flags, threads = "none", different }) => ({
        name: `${engine}, ${flags.join(" ")}, threads ${threads}: differences`,
        value: different,
      })),
  },
  {
    name: "demo",
    quick: [],
    figures: ({ steps }) =>
      steps.map(({ step, bytes }) => ({
        name: step,
        value: typeof bytes === "number" ? bytes : Object.values(numbersIn(bytes)).reduce((sum, n) => sum + n, 0),
        unit: "bytes",
      })),
  },
  {
    name: "serving",
    quick: ["--seconds", "1", "--rounds", "2", "--visits", "3"],
    photos: true,
    figures: ({ load, page }) => [
      ...["express", "hono"].flatMap((server) => [
        { name: `${server}: warm pictures a second`, value: load[server].warm.perSecond },
        { name: `${server}: against static files`, value: load[server].ratio },
      ]),
      ...Object.entries(page.visits).flatMap(([name, visits]) =>
        visits.map(({ bytes }, i) => ({ name: `${name}: visit ${i + 1}`, value: bytes, unit: "bytes" })),
      ),
    ],
  },
  {
    name: "scenes",
    quick: ["--frames", "10"],
    figures: ({ results }) =>
      results.flatMap(({ name, scene, twiceBytes }) => [
        { name, value: scene.bytesPerSecond, unit: "bytes" },
        { name: `${name}: sent twice`, value: twiceBytes, unit: "bytes" },
      ]),
  },
  {
    name: "queue",
    quick: ["--pictures", "500", "--undisturbed", "200"],
    figures: ({ pictures, disturbed, peaks, undisturbed }) => [
      { name: "lost, different or left over", value: pictures - disturbed.right + disturbed.leftOver },
      { name: "peak memory of a sandbox", value: peaks.sandbox / 2 ** 20, unit: "MiB" },
      ...undisturbed.map(({ workers, perSecond }) => ({
        name: `pictures a second, workers: ${workers}`,
        value: perSecond,
      })),
    ],
  },
  {
    name: "memory",
    kept: "a picture of 100 megapixels takes minutes",
    figures: ({ commands }) => commands.map(({ command, peak }) => ({ name: command, value: peak, unit: "MB" })),
  },
  {
    name: "domains",
    kept: "trains five models",
    figures: ({ results }) =>
      results.flatMap(({ name, scoreBdRates, bdRates }) =>
        [
          ["BD-rate by SSIMULACRA 2", scoreBdRates ?? {}],
          ["BD-rate", bdRates],
        ].flatMap(([figure, rates]) =>
          Object.entries(rates)
            .filter(([, value]) => Number.isFinite(value))
            .map(([rival, value]) => ({ name: `${name}: ${figure} against ${rival}`, value, unit: "%" })),
        ),
      ),
  },
  {
    name: "butteraugli",
    kept: "needs a program of libjxl",
    figures: ({ codecs, points }) =>
      points.flatMap(({ quality, distances }) =>
        codecs.map((codec, i) => ({ name: `${codec} at quality ${quality}`, value: distances[i] })),
      ),
  },
  {
    name: "restoration",
    kept: "trains two models",
    figures: ({ results }) =>
      results.map(({ name, corruption, restored }) => ({ name: name ?? corruption, value: restored, unit: "dB" })),
  },
  {
    name: "masking",
    kept: "trains a model",
    figures: ({ filled, restored }) => [
      { name: "mean picture in the blocks", value: filled, unit: "dB" },
      { name: "restored", value: restored, unit: "dB" },
    ],
  },
  {
    name: "sparse",
    kept: "trains three models",
    figures: ({ results }) =>
      results.flatMap(({ name, meanSquaredError, testError }) => [
        { name: `${name}: mean squared error`, value: meanSquaredError },
        { name: `${name}: classifier's errors`, value: testError },
      ]),
  },
  {
    name: "evidence",
    kept: "its models train for tens of minutes",
    figures: ({ models }) =>
      models.map(({ name, estimates }) => ({ name, value: -estimates.at(-1).logLikelihood, unit: "nats" })),
  },
  {
    name: "difference",
    kept: "trains two models and a judge",
    figures: ({ results }) =>
      results.map(({ name, samples }) => ({ name: `${name}: samples accepted`, value: samples })),
  },
];

/** The numbers in a tree of objects by their paths. */
export function numbersIn(value, path = []) {
  if (typeof value === "number") return { [path.join(" ")]: value };
  if (typeof value !== "object" || value === null) return {};
  return Object.assign({}, ...Object.entries(value).map(([key, inner]) => numbersIn(inner, [...path, key])));
}
