import { usualQuality } from "../codec/latents/quality.js";
import { type Activation, activationNumber } from "../kernels/interface.js";
import { type InterpolationMode, interpolationModes } from "../latent-space/interpolation.js";
import { type Likelihood, likelihoods, type Preset, presets, type Tune, tunes } from "../models/configuration.js";
import { mostThreads } from "../node/train.js";
import {
  destination,
  flag,
  metadata,
  number,
  numbers,
  type Option,
  patch,
  sparsity,
  text,
  texts,
  type ValuesOf,
  widths,
} from "./option-kinds.js";

const output = destination("-o, --output <path>", "file, folder or - (standard output); default: beside the input");
const model = text("-m, --model <file>", "model to use instead of the embedded default");
const force = flag("-f, --force", "overwrite files, and write bytes to a terminal");
const skipExisting = flag("--skip-existing", "skip inputs whose output is there");
const newer = flag("--newer", "skip inputs whose output is there and not older; overwrite older ones");
const strict = flag("--strict", "refuse image files with faults, even where a picture can be made of them");
const json = flag("--json", "print one JSON object per file");
const quiet = flag("--quiet", "print errors only");
const quality = number("-q, --quality <number>", "0 (smallest) to 100 (best)", {
  low: 0,
  high: 100,
  fallback: usualQuality,
});
const effort = number(
  "--effort <number>",
  "0 to 9: more time for better pictures at equal bytes (at equal quality, bytes may grow); default 0",
  {
    low: 0,
    high: 9,
    whole: true,
    fallback: undefined,
  },
);
const threads = number(
  "--threads <number>",
  "files worked on at a time; default: one for each core (1 under limits of memory)",
  {
    low: 1,
    high: 64,
    whole: true,
    fallback: undefined,
  },
);
const models = texts("-m, --model <path>", "model, or folder of models; may be given more than once");

/** For streams and models that come from somebody else. */
const atLeastOne = { low: 1, high: Number.MAX_SAFE_INTEGER, whole: true, fallback: undefined };
const limits = {
  maxPixels: number("--max-pixels <number>", "refuse larger pictures; default 2^28", atLeastOne),
  maxMemory: number(
    "--max-memory <bytes>",
    "most WebAssembly memory of a model and the strip at work; default 2^32",
    atLeastOne,
  ),
  maxModelBytes: number("--max-model-bytes <bytes>", "refuse larger models; default 2^26", atLeastOne),
};

/** Where a sheet of pictures goes. */
const sheet = (name: string) =>
  destination("-o, --output <file>", `the sheet, an image file or - (PNG); default: ${name}`);
const shownSteps = { low: 2, high: 1000, whole: true, fallback: 9 };

/** The options of every command, with their types and defaults. */
export const optionTables = {
  train: {
    output: text("-o, --output <file>", "where to write the model, *.isthm; default: the name of the folder, here"),
    preset: {
      ...text(
        "--preset <name>",
        "photo: images of any size; vector: small images of one size; variational: the same, to draw new ones from; " +
          "sparse: the same, by few active units; preview: placeholders of a few bytes; default: by the images",
      ),
      choices: [...presets, "preview"],
    } as Option<Preset | "preview" | undefined>,
    tune: {
      ...text(
        "--tune <name>",
        "what photos should keep: what people see, or samples; default: ssimulacra2, but psnr for images below 32 pixels",
      ),
      choices: tunes,
    } as Option<Tune | undefined>,
    likelihood: {
      ...text("--likelihood <name>", "how pixels differ from their reconstruction (vector, variational)"),
      choices: likelihoods,
    } as Option<Likelihood | undefined>,
    beta: number("--beta <number>", "weight of the divergence from the prior (variational); default 1", {
      low: 1e-6,
      high: 1000,
      fallback: undefined,
    }),
    warmUp: number("--warm-up <share>", "share of the training over which beta rises from 0 (variational); default 0", {
      low: 0,
      high: 1,
      fallback: undefined,
    }),
    samples: number("--samples <number>", "samples that an image is weighed by (variational); default 1", {
      low: 1,
      high: 1000,
      whole: true,
      fallback: undefined,
    }),
    learningRate: number(
      "--learning-rate <number>",
      "peak learning rate; default: by the preset and the start, 0.0007 to 0.004",
      {
        low: 1e-9,
        high: 1,
        fallback: undefined,
      },
    ),
    minutes: number("--minutes <number>", "how long the command may take, reading and report included; default 10", {
      low: 0.01,
      high: 43200,
      fallback: undefined,
    }),
    steps: number("--steps <number>", "how many steps to train, instead of minutes", {
      low: 1,
      high: 1e9,
      whole: true,
      fallback: undefined,
    }),
    repeat: text(
      "--repeat <model>",
      "train for the steps, by the seed and the schedule that this model was trained with",
    ),
    seed: number("--seed <number>", "seed of all random numbers", {
      low: 0,
      high: 2 ** 32 - 1,
      whole: true,
      fallback: 0,
    }),
    threads: number("--threads <number>", "threads that share the work; default: one for each core", {
      low: 1,
      high: mostThreads,
      whole: true,
      fallback: undefined,
    }),
    imageMemory: number(
      "--image-memory <bytes>",
      "most bytes of decoded photos to hold; where not all fit, they are decoded as they are drawn from; default 2^31",
      atLeastOne,
    ),
    latents: number("--latents <number>", "width of the neck; default: by the preset", {
      low: 1,
      high: 4096,
      whole: true,
      fallback: undefined,
    }),
    patch,
    hidden: widths(
      "--hidden <list>",
      'widths of hidden layers, as in 400,200, or "none" (vector, variational, sparse)',
    ),
    activation: {
      ...text("--activation <name>", "of the hidden layers (vector, variational)"),
      choices: Object.keys(activationNumber),
    } as Option<Activation | undefined>,
    sparsity,
    corrupt: text(
      "--corrupt <name:numbers>",
      "learn to restore what this damages: noise:25, blur:1.6, mask:8, downscale:2, jpeg:20; two numbers are a range, as in noise:5,50",
    ),
    target: text("--target <folder>", "learn to restore the images given as those of the same names in this folder"),
    from: text(
      "--from <model>",
      'start at the weights of this model; default: the embedded one ("default") for photos; "none" starts anew',
    ),
    difference: number(
      "--difference <bytes>",
      "most bytes of the receiver's half as the difference to the model that training starts from; default: 40000 for photos; 0: the model stands alone",
      { low: 0, high: 1e9, whole: true, fallback: undefined },
    ),
    name: text("--name <text>", "name of the model, for its card"),
    licence: text("--licence <text>", "licence of the model and its images, for its card"),
    report: {
      flags: "--no-report",
      description: "do not compare the model with WebP and AVIF at the end",
      fallback: true,
    },
    strict,
    resume: flag("--resume", "go on from the checkpoint beside the output"),
    force: flag("-f, --force", "overwrite the model and an earlier checkpoint"),
    json: flag("--json", "print a JSON object at the end"),
    quiet,
  },
  encode: {
    output,
    model,
    quality: number("-q, --quality <number>", `0 (smallest) to 100 (best); default ${usualQuality}`, {
      low: 0,
      high: 100,
      fallback: undefined,
    }),
    effort,
    alphaQuality: number("--alpha-quality <number>", "0 (2 levels of alpha) to 100 (lossless); default 100", {
      low: 0,
      high: 100,
      fallback: undefined,
    }),
    targetScore: number("--target-score <number>", "instead of a quality: the smallest of this SSIMULACRA 2", {
      low: 1,
      high: 100,
      fallback: undefined,
    }),
    targetBytes: number("--target-bytes <number>", "instead of a quality: the best that fits into so many bytes", {
      low: 1,
      high: Number.MAX_SAFE_INTEGER,
      whole: true,
      fallback: undefined,
    }),
    targetPsnr: number("--target-psnr <decibels>", "instead of a quality: the smallest of this PSNR", {
      low: 1,
      high: 100,
      fallback: undefined,
    }),
    importance: text(
      "--importance <file>",
      "a picture that is light where quality matters, stretched over each image; a coarse one will do",
    ),
    metadata,
    maxPixels: limits.maxPixels,
    strict,
    skipExisting,
    newer,
    metrics: flag("--metrics", "decode again, report SSIMULACRA 2, PSNR and SSIM"),
    threads,
    force,
    json,
    quiet,
  },
  restore: {
    output,
    model: text("-m, --model <file>", "a model that was trained with --corrupt or --target (required)"),
    skipExisting,
    newer,
    force,
    json,
    quiet,
  },
  decode: { output, model: models, threads, ...limits, skipExisting, newer, force, json, quiet },
  info: { json },
  verify: { model: models, ...limits, json, quiet },
  models: { json },
  export: {
    output: destination("-o, --output <file>", "where to write the model; - is standard output (required)"),
    receiver: flag("--receiver", "only the half that decodes"),
    alone: flag("--alone", "whole, where the model is stored as the difference to another"),
    safetensors: flag("--safetensors", "as a plain safetensors file, twice as long, for other programs"),
    force,
    json,
    quiet,
  },
  sample: {
    output: sheet("sample.png"),
    count: number("-n, --count <number>", "how many pictures", { low: 1, high: 10_000, whole: true, fallback: 64 }),
    seed: number("--seed <number>", "seed of the draws", { low: 0, high: 2 ** 32 - 1, whole: true, fallback: 0 }),
    columns: number("--columns <number>", "pictures a row; default: about square", {
      low: 1,
      high: 1000,
      whole: true,
      fallback: undefined,
    }),
    force,
    json,
    quiet,
  },
  interpolate: {
    output: sheet("interpolation.png"),
    model: text("-m, --model <file>", "model of pictures of one size (required)"),
    steps: number("--steps <number>", "pictures from one to the next, both included", shownSteps),
    mode: {
      flags: "--mode <name>",
      description: "along a line or an arc; default linear",
      fallback: "linear",
      choices: interpolationModes,
    } as Option<InterpolationMode>,
    force,
    json,
    quiet,
  },
  explore: {
    output: sheet("latents.png"),
    image: text("--image <file>", "the picture around which to look; default: the centre of the latents"),
    steps: number("--steps <number>", "pictures a latent", shownSteps),
    range: number("--range <number>", "how far to go on both sides, in standard deviations", {
      low: 0.01,
      high: 100,
      fallback: 3,
    }),
    limit: number("--limit <number>", "show so many latents, the most influential", {
      low: 1,
      high: 4096,
      whole: true,
      fallback: 32,
    }),
    force,
    json,
    quiet,
  },
  bench: {
    model,
    effort,
    qualities: numbers("--qualities <list>", "points of the curve; default: seven from 0 to 100", 0, 100),
    limit: number("--limit <number>", "compare on this many images, evenly spread", {
      low: 1,
      high: 1e6,
      whole: true,
      fallback: undefined,
    }),
    output: text("-o, --output <file>", "also write the figures, as JSON"),
    chart: text("--chart <file>", "also draw the curves, as SVG"),
    force: flag("-f, --force", "overwrite these files"),
    json: flag("--json", "print the figures as one JSON object"),
    quiet: flag("--quiet", "print the figures and errors only"),
  },
  preview: {
    bytes: number("--bytes <number>", "length of each preview, 8 to 64; default 21", {
      low: 8,
      high: 64,
      whole: true,
      fallback: undefined,
    }),
    model: text("-m, --model <file>", "preview model to use instead of the embedded one"),
    dataUrl: flag("--data-url", "print data: URLs of PNGs in place of the texts"),
    decode: text("--decode <text>", "make a picture of a preview"),
    output: destination("-o, --output <file>", "with --decode: the picture, or - (a PNG on standard output)"),
    size: number("--size <pixels>", "with --decode: long side of the picture; default 32", {
      low: 1,
      high: 1024,
      whole: true,
      fallback: undefined,
    }),
    force,
    json,
    quiet,
  },
  try: {
    output: text("-o, --output <file>", "the comparison picture (PNG); default: isthmus-try.png, which is overwritten"),
    model,
    quality,
    force: flag("-f, --force", "overwrite the comparison picture"),
    json: flag("--json", "print the figures as one JSON object"),
  },
} satisfies Record<string, Record<string, Option<unknown>>>;

export type CommandName = keyof typeof optionTables;
export type OptionsOf<Name extends CommandName> = ValuesOf<(typeof optionTables)[Name]>;
