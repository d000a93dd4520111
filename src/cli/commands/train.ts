import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { spread } from "../../comparison/survey.js";
import { IsthmusError } from "../../ground/errors.js";
import type { DecodedImage } from "../../image/image.js";
import { defaultModel, inspect, type Model, type TrainProgress } from "../../index.js";
import { tuneOf } from "../../models/configuration.js";
import { jpeg } from "../../node/jpeg-corruption.js";
import { writeBytes } from "../../node/output-file.js";
import { readBytes } from "../../node/read-bytes.js";
import { train as trainModel } from "../../node/train.js";
import { Breath } from "../../training/breath.js";
import { corruptions, parseCorruption } from "../../training/corruptions/parse.js";
import { isLazy, pixelsOf } from "../../training/gallery.js";
import { mayRest, withLosslessShare } from "../../training/lossless-share.js";
import { planTraining } from "../../training/plan.js";
import { factsOf } from "../../training/set-facts.js";
import { startOf } from "../../training/usual-start.js";
import { CheckpointFile } from "../checkpoint-file.js";
import { nameOf, openModelFile } from "../codecs.js";
import type { Command } from "../command.js";
import { differencesText, headline, payoffText } from "../comparison-text.js";
import { exitCodes, isAborted, messageOf, UsageError } from "../exit.js";
import { announcement, warningsOf } from "../expectations.js";
import { bytesText, duration, round } from "../format.js";
import { compareOnHeldBack, type HeldBackComparison } from "../held-back-report.js";
import { type NamedSource, splitTrainingSet, type TrainingSet } from "../hold-back.js";
import { checkOutput, writing } from "../output.js";
import { pairByName } from "../pairs.js";
import { Report } from "../report.js";
import { measureRestoration, type RestorationReport } from "../restoration-report.js";
import { TrainingImages } from "../training-images.js";
import { outcomeWarnings, restorationWarnings, type Start, startText, startWarnings } from "../verdict.js";
import { checkPreviewOptions, trainPreviewModel } from "./train-preview.js";

/** Photos that are decoded to tell how far a model has come. */
const mostDecoded = 8;
/** Evaluations (of about ten, in the second half) without progress after which training ends. */
const patience = 5;
const usualMinutes = 10;
/** Part of the time that is kept for the report at the end, and seconds beside it; most of all. */
const keptForReport = { share: 0.05, seconds: 2, most: 60 };
/** Where standard error is no terminal, a line after the first steps and then this often takes the place of the bar. */
const secondsBetweenLines = 30;

export const train: Command<"train"> = {
  name: "train",
  summary: "Train a model on your own images",
  argument: "<folder...>",
  argumentMeaning: "folders of images (searched recursively), globs and image files",
  example: "isthmus train my-images/ --minutes 15",

  async run({ sources, options, signal }) {
    const lengths = (["minutes", "steps", "repeat"] as const).filter((name) => options[name] !== undefined);
    if (lengths.length > 1) {
      throw new UsageError(`Expected one of --minutes, --steps and --repeat but received ${lengths.join(" and ")}`);
    }
    const output = options.output ?? (await defaultOutput(sources));
    const report = new Report(options);
    const { preset: wanted } = options;
    if (wanted === "preview") {
      checkPreviewOptions(options);
      await checkOutput(output, options.force);
      const images = new TrainingImages({ preset: "photo", strict: options.strict, signal }, report);
      const set = splitTrainingSet(await images.read(sources));
      images.tellConversions();
      return trainPreviewModel(set, output, options, report, signal);
    }
    const checkpoint = new CheckpointFile(output, report);
    await checkOutput(output, options.force);
    const resume = options.resume ? await readBytes(checkpoint.path) : undefined;
    if (!resume) await checkpoint.checkFree(options.force);

    const given = options.from === undefined ? undefined : await openStart(options.from);
    const repeated = options.repeat === undefined ? undefined : await openRepeated(options.repeat);
    const corrupt =
      options.corrupt === undefined ? undefined : parseCorruption(options.corrupt, { ...corruptions, jpeg });
    const { strict, imageMemory } = options;
    const found = new TrainingImages({ preset: wanted ?? given?.preset, strict, imageMemory, signal }, report);
    const read = await found.find(sources);
    const targets = options.target === undefined ? undefined : await found.find([options.target]);
    if (!read.some(isLazy)) found.tellConversions();
    const inputs = targets && pairByName(read, targets, { inputs: sources, targets: options.target! });
    const inputsOf = (images: readonly NamedSource[]) => images.map((image) => inputs!.get(image)!);
    const images = targets ?? read;
    const shape = {
      ...pick(options, ["steps", "patch", "latents", "name", "licence", "hidden", "activation", "likelihood", "tune"]),
      ...pick(options, ["beta", "warmUp", "samples", "learningRate", "sparsity", "difference"]),
      ...(corrupt && { corrupt }),
      ...repeated,
    };
    const wish = {
      ...shape,
      ...pick(options, ["minutes"]),
      ...(wanted !== undefined && { preset: wanted }),
      ...(given !== undefined && { from: given }),
    };
    const breath = new Breath(signal);
    const facts = await withLosslessShare(
      await factsOf(images, breath),
      images,
      { ...wish, ...(targets && { inputs: [] }) },
      breath,
    );
    const rests = mayRest(facts, wish);
    const preset = wanted ?? given?.preset ?? (rests ? "photo" : planTraining(facts, {}).configuration.preset);
    const set = splitTrainingSet(images);
    const reports = options.report && set.validation.length > 0;
    const time = rests ? untimed : timeOf(options.minutes, options.steps ?? repeated?.steps, reports);
    const told: string[] = [];
    const trainOptions = {
      ...shape,
      ...(imageMemory !== undefined && { maxImageMemory: imageMemory }),
      onWarning: (message: string) => {
        told.push(message);
        report.remark(`isthmus: ${message}`);
      },
      ...(inputs && { inputs: inputsOf(set.training), validationInputs: inputsOf(set.validation) }),
      preset,
      seed: repeated?.seed ?? options.seed,
      ...(set.validation.length > 0 && { earlyStop: { patience }, validation: set.validation }),
    };
    const from = resume
      ? undefined
      : ((await startOf(facts, { ...trainOptions, ...(given !== undefined && { from: given }) })) ?? null);
    const warnings = warningsOf(set);
    for (const warning of warnings) report.remark(`isthmus: ${warning}`);
    report.remark(
      resume ? `going on from ${checkpoint.path}` : announcement(set, facts, { ...trainOptions, ...time.whole, from }),
    );
    let psnr = Number.NaN;
    const show = progressTo(report);
    try {
      const model = await trainModel(set.training, {
        ...trainOptions,
        ...(from !== undefined && { from }),
        ...time.training(),
        ...pick(options, ["threads"]),
        signal,
        onProgress: (progress) => {
          psnr = progress.psnr;
          show(progress);
        },
        onCheckpoint: (bytes) => checkpoint.write(bytes),
        ...(resume && { resume }),
      });
      await writeBytes(output, model.bytes, writing(report, options.force));
      await checkpoint.remove();
      if (read.some(isLazy)) found.tellConversions();
      report.remark(
        `${output}: model ${model.id}, preset ${model.preset}, tune ${tuneOf(model.configuration)}, ${bytesText(model.bytes.length)}${model.parent ? `, the difference to ${nameOf(model.parent.id)}` : ""}`,
      );
      const { restoration } = model.configuration;
      const heldBack = set.validation.map((image) => ({ image, input: inputs?.get(image) }));
      const restored =
        restoration && options.report && heldBack.length > 0
          ? await measureRestoration(model, heldBack, corrupt, signal, time.end)
          : undefined;
      const start = await startOfReport(given);
      const compared =
        options.report && !restoration
          ? await compareIfHeldBack(model, start, set, report, signal, time.end)
          : undefined;
      const comparison = compared?.comparison;
      const outcome = [
        ...(rests ? [] : outcomeWarnings(await pixelsOfSome(set.training), model.training?.steps ?? 0, psnr)),
        ...(compared?.start ? startWarnings(compared.start) : []),
        ...(restored ? restorationWarnings(restored) : []),
      ];
      report.done(
        {
          output,
          ...inspect(model.bytes),
          images: images.length,
          heldBack: set.validation.length,
          copies: set.copies,
          lossless: facts.lossless ?? null,
          warnings: [...warnings, ...told, ...outcome],
          comparison: comparison ?? null,
          start: compared?.start ?? null,
          ...(restoration && { restored: restored ?? null }),
        },
        restored
          ? restoredText(restored)
          : comparison
            ? [
                `\n${differencesText(comparison)}\n`,
                headline(comparison),
                payoffText(comparison),
                ...(compared?.start ? [startText(compared.start, comparison)] : []),
              ].join("\n")
            : "",
      );
      for (const warning of outcome) report.remark(`isthmus: ${warning}`);
      return exitCodes.ok;
    } catch (error) {
      if (!checkpoint.written || !(error instanceof IsthmusError)) throw error;
      report.progress.clear();
      if (error.code === "training-diverged") {
        throw new IsthmusError(error.code, `${error.message}. The last good state is in ${checkpoint.path}`);
      }
      const reason = isAborted(error) ? "Interrupted" : error.message;
      throw new IsthmusError(
        error.code,
        `${reason}. The training so far is in ${checkpoint.path}: the same command with --resume goes on from it`,
        { cause: error },
      );
    }
  },
};

const restoredText = ({ images, damaged, restored }: RestorationReport): string =>
  `your images: ${damaged.toFixed(2)} dB damaged, ${restored.toFixed(2)} dB restored (${images} held back)`;

/** The pixels of images that are at hand, else of a few, evenly spread. */
const pixelsOfSome = (images: readonly NamedSource[]): Promise<DecodedImage[]> =>
  Promise.all((images.some(isLazy) ? spread(images, mostDecoded) : images).map(pixelsOf));

/** The model that `--from` names; null for none. */
async function openStart(name: string): Promise<Model | null> {
  if (name === "none") return null;
  return name === "default" ? defaultModel() : openModelFile(name);
}

/** What repeats the training of a model. */
async function openRepeated(path: string) {
  const { training } = await openModelFile(path);
  if (!training)
    throw new IsthmusError("invalid-parameter", `Expected a whole model for --repeat but received ${path}`);
  const { steps, seed, schedule } = training;
  // Its network learnt nothing.
  if (steps === 0) return undefined;
  return { steps, seed, ...(schedule && { schedule }) };
}

/** Of a training that does not follow the clock. */
const untimed = { whole: {}, training: () => ({}), end: Number.POSITIVE_INFINITY };

/** Shares the minutes out: they are those of the whole command, from the start of its process on. */
function timeOf(minutes: number | undefined, steps: number | undefined, reports: boolean) {
  if (steps !== undefined) return untimed;
  const seconds = (minutes ?? usualMinutes) * 60;
  const kept = reports
    ? Math.min(keptForReport.most, keptForReport.seconds + keptForReport.share * seconds, seconds / 4)
    : 0;
  const left = (): number => seconds - kept - performance.now() / 1000;
  return {
    whole: { minutes: seconds / 60 },
    /** What is left for the training itself; a little, where the images took all of it. */
    training: () => ({ minutes: Math.max(left(), seconds / 10) / 60 }),
    /** By the clock of the process, in milliseconds. */
    end: seconds * 1000,
  };
}

/** `my-images.isthm` for a folder `my-images`. */
async function defaultOutput(sources: readonly string[]): Promise<string> {
  const name = basename(resolve(sources[0]));
  const isFolder = await stat(sources[0]).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return `${isFolder && name !== "" ? name : "model"}.isthm`;
}

/** What the report sets the model beside: the one that `--from` names, or the embedded one where there is one. */
async function startOfReport(given: Model | null | undefined): Promise<Start | undefined> {
  if (given) return { name: `model ${given.id}`, model: given };
  return defaultModel().then(
    (model) => ({ name: "embedded model", model }),
    () => undefined,
  );
}

/** The comparison on what was held back; where it fails, the model is none the worse. */
async function compareIfHeldBack(
  model: Model,
  start: Start | undefined,
  { validation }: TrainingSet,
  report: Report,
  signal: AbortSignal,
  deadline: number,
): Promise<HeldBackComparison | undefined> {
  if (validation.length === 0) return undefined;
  try {
    return await compareOnHeldBack(model, start, validation, report, signal, deadline);
  } catch (error) {
    if (isAborted(error)) throw new IsthmusError("aborted", "Interrupted. The model is written; it was not compared");
    report.warning(`no comparison: ${messageOf(error)}`);
    return undefined;
  }
}

function progressTo(report: Report): (progress: TrainProgress) => void {
  let lastLine = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const { phase, fraction, step, steps } = progress;
    if (phase !== "train") {
      return report.progress.update(fraction, phase === "start" ? "getting ready" : "counting for the coding tables");
    }
    // The time left comes first, because a narrow terminal cuts the end off.
    if (step === 0) return;
    const text = [
      `${duration(progress.secondsLeft)} left`,
      `step ${step} of ${steps}`,
      ...(progress.bitsPerPixel > 0 ? [`${progress.bitsPerPixel.toFixed(3)} bpp`] : []),
      ...(progress.ssimulacra2 === undefined ? [] : [`SSIMULACRA 2 ${progress.ssimulacra2.toFixed(1)}`]),
      `${progress.psnr.toFixed(2)} dB`,
      `loss ${progress.loss.toFixed(4)}`,
      `${round(progress.imagesPerSecond, 1)} images/s`,
    ].join(", ");
    report.progress.update(fraction, text);
    if (report.progress.enabled || performance.now() - lastLine < secondsBetweenLines * 1000) return;
    report.remark(text);
    lastLine = performance.now();
  };
}

/** The options among `names` that were given. */
function pick<Options, Name extends keyof Options>(options: Options, names: readonly Name[]) {
  const entries = names.map((name) => [name, options[name]]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in Name]?: Exclude<Options[Key], undefined> };
}
