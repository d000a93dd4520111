// Sections on digits, clothes and models that restore.
import { facts, fixed, grouped, share, table } from "../frame/text.mjs";

export function mnist({ coding, latents, testError, training, ...run }) {
  const rivalText = ({ bytes, psnr, quality }) => `${bytes.toFixed(1)}${quality ? ` (${psnr.toFixed(1)} dB)` : ""}`;
  return [
    `## MNIST: the vector preset, ${latents} latents`,
    facts(run),
    `Trained on the canonical 60,000 digits for ${training.steps} steps in ${training.seconds} s; a model of ${grouped(training.modelBytes)} bytes. Mean squared error of the ${grouped(testError.digits)} test
digits (samples 0 to 1) before quantization: ${testError.isthmus.toFixed(5)}; of ${latents} principal components: ${testError.principalComponents.toFixed(5)}; ratio **${testError.ratio.toFixed(3)}**.`,
    `Bytes a digit over the first ${grouped(coding.digits)} test digits, the others at the same PSNR (where they cannot go as low, at the PSNR in brackets). A bare frame is one whose receiver knows model and size.
PNG, lossless, takes ${coding.pngBytes.toFixed(1)}.`,
    table(
      coding.qualities,
      ["quality", "quality"],
      ["PSNR dB", "psnr", fixed(2)],
      ["bare frame", "bareBytes", fixed(1)],
      ["file", "fileBytes", fixed(1)],
      ...coding.rivals.map(({ name }, i) => [name, `rivals.${i}`, rivalText]),
    ),
  ];
}

export function variational({ epochs, shape, speeds, testLoss, training, ...run }) {
  const { hidden, latents, pixels, batch } = shape;
  return [
    `## MNIST: the variational preset, ${[pixels, hidden, latents, hidden, pixels].join("-")}`,
    facts(run),
    `Adam at 1e-3 (falling in a straight line over the last three tenths), ${batch} grey digits a step, binary cross-entropy: after ${epochs} epochs (${training.steps} steps) the negative lower bound of the
10,000 test digits is **${testLoss.toFixed(2)}** nats a digit, one sample each. For comparison, the VAE of pytorch/examples, with the same layers, batch and learning rate, reports 106.66 after 7 epochs at a constant rate.`,
    `One training step beside the same in TensorFlow.js and in plain JavaScript, one thread each, processor time, in turns within one process; ours gathers its batch from all training digits, the others always
see the same one:`,
    table(
      speeds,
      ["training step", "name"],
      ["ms", "milliseconds", fixed(1)],
      ["against Isthmus", ({ ratio }) => `${ratio.toFixed(1)}x`],
    ),
  ];
}

export function evidence({ digits, models, few, ...run }) {
  const trained = ({ steps, batch, samples, images }) =>
    `${grouped(steps)} steps of ${batch} digits with ${samples} sample${samples > 1 ? "s" : ""} each (${((steps * batch) / images).toFixed(0)} epochs)`;
  const rows = models.map(({ estimates, ...model }) => ({ ...model, estimates, last: estimates.at(-1) }));
  const [vae, iwae] = rows;
  return [
    "## MNIST drawn black and white: ln p(x), 784-200-200-50",
    facts(run),
    `Each sample is black or white with its grey as the probability of white, drawn anew at every step. The VAE was trained for ${trained(vae.training)}. The importance-weighted model (IWAE) went on from it
for ${trained(few)} and ${trained(iwae.training)}. Means of ln p(x) in nats over ${digits === 10_000 ? "the" : "the first"}
${grouped(digits)} test digits, by K importance samples; smaller K are means over disjoint parts of the 5000. The importance-weighted model is **${(iwae.last.logLikelihood - vae.last.logLikelihood).toFixed(2)}** nats better. It also had more training; the VAE took 24 minutes of one
core.
For comparison, Burda et al. (2016, table 1) report -86.76 for the VAE and -84.78 for the IWAE after 3280 epochs.`,
    table(
      rows,
      ["ln p(x)", "name"],
      ...vae.estimates.map(({ K }, i) => [`K = ${grouped(K)}`, `estimates.${i}.logLikelihood`, fixed(2)]),
      ["error of the mean over digits", "last.standardError", fixed(2)],
    ),
  ];
}

const accepted = {
  reconstructions: "reconstructions of test digits",
  midpoints: "midpoints of the codes of two test digits",
  samples: "random codes",
};

export const difference = ({ real, results, ...run }) => [
  "## A plain and a variational autoencoder: what a judge of real digits accepts",
  facts(run),
  `[DIFFERENCE.md](DIFFERENCE.md) has the pictures and says how it is judged. Of other real test digits it accepts ${share()(real)}.`,
  table(
    Object.entries(accepted),
    ["accepted", "1"],
    ...results.map((result) => [result.name, ([kind]) => result[kind], share()]),
  ),
];

export function restoration({ images, results, ...run }) {
  const gain = (of) => (row) => (of(row) - row.damaged).toFixed(2);
  return [
    "## Noise and blur taken from grey photos",
    facts(run),
    `Means of PSNR over the ${images} Kodak photos in grey, which no model was trained or tuned on. Each model was trained with one seed on ${results[0].training.images} other photos, on one core of a machine that had other
work to do; sharp's filter has the best of its settings on these very photos.`,
    table(
      results,
      ["corruption", "corruption"],
      ["steps", "training.steps", grouped],
      ["minutes", ({ training }) => training.seconds / 60, fixed()],
      ["model bytes", "training.modelBytes", grouped],
      ["damaged", "damaged", fixed(2)],
      ["Isthmus", "restored", fixed(2)],
      ["gain", gain(({ restored }) => restored)],
      ["sharp", "rival.psnr", fixed(2)],
      ["its gain", gain(({ rival }) => rival.psnr)],
      ["its filter", "rival.setting"],
    ),
    `Damaged photos are rounded and held within 0 to 255, as files are. Zhang et al. (2017, "Beyond a Gaussian Denoiser", table II) report 28.57 dB for BM3D and 29.23 dB for DnCNN at the same strength of noise on
BSD68: other photos, so that the figures do not compare with these.`,
  ];
}

export function masking({ corruption, images, damaged, filled, restored, training, ...run }) {
  const [, side, part] = /^mask:(\d+),([\d.]+)$/.exec(corruption);
  const rows = [
    ["damaged", damaged],
    ["the mean picture in the blocks", filled],
    ["restored", restored],
  ];
  return [
    "## Fashion-MNIST: missing blocks filled in",
    facts(run),
    `Blocks of ${side} x ${side} pixels, ${share(0)(part)} of the picture or as near as whole blocks come, are grey. A model (\`preset: "vector"\`) was trained for ${grouped(training.steps)} steps on ${grouped(training.images)} pictures; means of PSNR over
${grouped(images)} others. To lay the mean training picture into the blocks one must know where they are, which the model has to find.`,
    table(rows, ["", "0"], ["PSNR dB", "1", fixed(2)], ["gain", ([, value]) => (value - damaged).toFixed(2)]),
    "Rows: pictures, the same damaged, restored.",
    "![Pictures with missing blocks, restored](masking.png)",
  ];
}

export function sparse({ units, active, results, principalComponents, pixels, heldOut, ...run }) {
  const { steps, batch, images } = results[0].training;
  const rows = [
    ...results,
    { name: `${active} principal components`, meanSquaredError: principalComponents },
    { name: "pixels", testError: pixels.testError },
  ];
  return [
    `## MNIST: sparse codes, ${active} of ${grouped(units)} units`,
    facts(run),
    `All models after ${grouped(steps)} steps of ${batch} digits, ${((steps * batch) / images).toFixed(1)} epochs, one seed. Mean squared error of the 10,000 test digits (samples 0 to 1) before quantization; units
that are active in a test digit, and in any; test errors of a linear softmax classifier on the frozen codes, its rate chosen on ${grouped(heldOut)} training digits. The sparse code is one linear map into the
code and one out of it; naming its active units costs bytes that the undercomplete codes do not need.`,
    table(
      rows,
      ["", "name"],
      ["MSE", "meanSquaredError", fixed(5)],
      ["active at a time", "unitsAtATime", fixed(1)],
      ["ever active", "unitsEver"],
      ["classifier's errors", "testError", share(2)],
    ),
    `Makhzani & Frey (2013) report 1.35 % with ${grouped(units)} units and k = 25, and 7.20 % for pixels: the code here is far from theirs, and most of its
units are never active ([decision 0014](decisions/0014-sparse-codes.md) tells what was tried). By squared error the sparse code beats every linear one of 25 latents, and loses to the undercomplete model with hidden
layers.`,
  ];
}
