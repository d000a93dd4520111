/**
 * The benchmarks of `npm run bench`, the most telling first. `script`: its npm script, bench:NAME unless told otherwise. `quick`: the arguments of a run of few
 * minutes; empty where the whole benchmark is one. `kept`: why a benchmark is not run but its last results stand. `photos`: it takes --images. `figures`: the
 * ways to the figures that a comparison of two results shows, with their units (see compare.mjs).
 */
export const suite = [
  {
    name: "training",
    quick: "--rounds 2 --photo-steps 12 --variational-steps 200",
    figures: {
      "results.*.measured.*.stepsPerSecond": "",
      "results.*.measured.*.ratio": "",
      "results.*.measured.*.processorMs": "ms",
    },
  },
  { name: "decoders", quick: "--limit 4", photos: true, figures: { milliseconds: "ms", ratios: "" } },
  {
    name: "batches",
    quick: "--limit 8 --rounds 3",
    photos: true,
    figures: { "results.*.milliseconds": "ms", "results.*.ratio": "" },
  },
  {
    name: "stages",
    quick: "",
    photos: true,
    figures: { milliseconds: "ms", "stages.*.decode": "", "stages.*.encode": "" },
  },
  {
    name: "kodak",
    quick: "--limit 4",
    photos: true,
    figures: {
      "bdRates.*.ssimulacra2.percent": "%",
      "bdRates.*.psnr.percent": "%",
      // Of Isthmus, which comes first.
      "times.0.encodeMs": "ms",
      "times.0.decodeMs": "ms",
    },
  },
  { name: "kernels", quick: "--rows 256", figures: { "runs.*.summary": "" } },
  { name: "variational", quick: "--epochs 1", figures: { testLoss: "nats", "speeds.*.milliseconds": "ms" } },
  {
    name: "mnist",
    quick: "--minutes 1",
    figures: { "testError.ratio": "", "coding.qualities.*.bareBytes": "bytes" },
  },
  { name: "browser", quick: "--rounds 3", figures: { milliseconds: "ms", firstPicture: "ms" } },
  { name: "bundles", quick: "", figures: { gzipped: "bytes" } },
  { name: "previews", quick: "", figures: { "results.*.rows.*.psnr": "dB", "times.*.encode": "ms" } },
  { name: "sizes", quick: "--most 6", photos: true, figures: { "sizes.*.encode": "ns", "sizes.*.decode": "ns" } },
  { name: "integrity", quick: "", figures: { "streams.*.flips.wrong": "", "streams.*.cuts.wrong": "" } },
  {
    name: "fuzz",
    script: "fuzz",
    quick: "--minutes 5 --search 5",
    figures: { "findings.length": "", inputs: "", seconds: "s" },
  },
  { name: "limits", quick: "--side 8192", figures: { "doors.*.measured": "bytes" } },
  { name: "soak", script: "soak", quick: "--quick", figures: { "*.problems.length": "" } },
  {
    name: "engines",
    quick: "--random 200",
    figures: { "engines.*.different": "", "engines.*.randomDifferent": "", "engines.*.cutDifferent": "" },
  },
  { name: "demo", quick: "", figures: { "steps.*.bytes.total": "bytes" } },
  {
    name: "serving",
    quick: "--seconds 1 --rounds 2 --visits 3",
    photos: true,
    figures: { "load.express": "", "load.hono": "", "page.visits.*.*.bytes": "bytes" },
  },
  {
    name: "scenes",
    quick: "--frames 10",
    figures: { "results.*.scene.bytesPerSecond": "bytes", "results.*.twiceBytes": "bytes" },
  },
  {
    name: "queue",
    quick: "--pictures 500 --undisturbed 200",
    figures: { disturbed: "", peaks: "bytes", "undisturbed.*.perSecond": "" },
  },
  { name: "memory", kept: "a picture of 100 megapixels takes minutes", figures: { "commands.*.peak": "MB" } },
  { name: "domains", kept: "trains five models", figures: { "results.*.scoreBdRates": "%", "results.*.bdRates": "%" } },
  { name: "butteraugli", kept: "needs a program of libjxl", figures: { "points.*.distances": "" } },
  { name: "restoration", kept: "trains two models", figures: { "results.*.restored": "dB" } },
  { name: "masking", kept: "trains a model", figures: { filled: "dB", restored: "dB" } },
  {
    name: "sparse",
    kept: "trains three models",
    figures: { "results.*.meanSquaredError": "", "results.*.testError": "" },
  },
  {
    name: "evidence",
    kept: "its models train for tens of minutes",
    figures: { "models.*.estimates.*.logLikelihood": "nats" },
  },
  { name: "difference", kept: "trains two models and a judge", figures: { "results.*.samples": "" } },
];
