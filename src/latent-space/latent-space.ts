import { expected, IsthmusError } from "../ground/errors.js";
import {
  aFunction,
  aNumber,
  anything,
  aSeed,
  aSignal,
  checkOptions,
  type OptionTable,
  oneOf,
} from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { separateAlpha } from "../image/alpha.js";
import { isGrey } from "../image/channels.js";
import { copyImage, type DecodedImage, type Image } from "../image/image.js";
import { loadKernels } from "../kernels/instantiate.js";
import { activationNumber } from "../kernels/interface.js";
import type { Kernels } from "../kernels/kernels.js";
import { type Turns, turnsAt } from "../kernels/turns.js";
import { Model } from "../models/model.js";
import type { OpenOptions } from "../models/model-source.js";
import { checkOpening, type ModelSource, readModel } from "../models/model-source.js";
import type { Network } from "../models/network.js";
import { inferTransform } from "../models/transform.js";
import { variationalParts } from "../models/variational-parts.js";
import type { Grid } from "../nn/grid.js";
import { Random } from "../nn/random.js";
import { prepareImage } from "../training/gallery.js";
import { type InterpolationMode, interpolationModes, pathBetween } from "./interpolation.js";
import { estimateLogLikelihoods, type LogLikelihood } from "./log-likelihood.js";

/** Where a picture lies among the latents of one model. */
export interface LatentCode {
  /** The id of the model that the code belongs to. */
  readonly modelId: string;
  /** One number for each latent; under a variational model the mean of q(z|x). */
  readonly values: Float32Array;
  /** Standard deviations of q(z|x); under variational models. */
  readonly deviations?: Float32Array;
}

/** What one latent does, others held. */
export interface LatentTraversal {
  /** Index of the latent. */
  readonly latent: number;
  /** Mean squared change of a sample (0 .. 255) along the traversal: how much the latent matters. */
  readonly influence: number;
  readonly images: readonly DecodedImage[];
}

export interface ExploreOptions {
  /** The picture around which to look. Default: the centre of the latents, all zero. */
  readonly image?: Image | LatentCode;
  /** Pictures a latent, 2 to 1000. Default 9. */
  readonly steps?: number;
  /** How far to go on both sides, in standard deviations of the prior, above 0 and at most 100. Default 3. */
  readonly range?: number;
  readonly signal?: AbortSignal;
}

export interface LogLikelihoodOptions {
  /** Samples K of q(z|x), 1 to 100000. Default 5000. */
  readonly samples?: number;
  /** 32-bit integer. Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

interface SampleOptions {
  /** 32-bit integer. Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

interface InterpolationOptions {
  /** Default `linear`. */
  readonly mode?: InterpolationMode;
  readonly signal?: AbortSignal;
}

const decodeKinds: OptionTable<{ signal?: AbortSignal }> = { signal: aSignal };
const sampleKinds: OptionTable<SampleOptions> = { seed: aSeed, signal: aSignal };
const interpolationKinds: OptionTable<InterpolationOptions> = {
  mode: /* @__PURE__ */ oneOf(interpolationModes),
  signal: aSignal,
};
const exploreKinds: OptionTable<ExploreOptions> = { image: anything, steps: aNumber, range: aNumber, signal: aSignal };
const likelihoodKinds: OptionTable<LogLikelihoodOptions> = {
  samples: aNumber,
  seed: aSeed,
  signal: aSignal,
  onProgress: aFunction,
};

/** Pictures that are decoded at once. */
const picturesAtOnce = 64;

/**
 * The latents of a model of pictures of one size, to look into and to draw from: codes of pictures, pictures of codes, paths between codes,
 * and, under a variational model, new pictures and the likelihood of given ones. Pictures come out the same, bit for bit, on every engine.
 */
export class LatentSpace {
  private readonly turns: Turns;
  private readonly random: Random;

  private constructor(
    readonly model: Model,
    private readonly kernels: Kernels,
    private readonly network: Network,
  ) {
    this.turns = turnsAt(kernels.memory);
    this.random = new Random(kernels, 0);
  }

  /** @throws IsthmusError as `Model.read`, `invalid-parameter` for a model of pictures of any size, or `unsupported-engine` */
  static async create(model: ModelSource, options: OpenOptions = {}): Promise<LatentSpace> {
    checkOpening(options, "loadLatentSpace");
    const read = model instanceof Model ? model : await Model.open(await readModel(model), options, true);
    if (!read.configuration.fixedSize) {
      const hint = ", of pictures of any size: train one with the preset variational, vector or sparse";
      throw expected("a model of pictures of one size", "model", `preset ${read.preset}`, hint);
    }
    if (read.configuration.restoration) {
      throw new IsthmusError(
        "model-unsuited",
        "Expected a model that codes pictures but received one that restores them",
      );
    }
    const kernels = await loadKernels(options);
    return new LatentSpace(read, kernels, await paced(read.networkSteps(kernels), new Pacer(options)));
  }

  /** True where the latents have a prior, N(0, 1), so that pictures can be drawn and have a likelihood. */
  get hasPrior(): boolean {
    return this.model.configuration.posterior !== undefined;
  }

  /** @throws IsthmusError `invalid-parameter` (an image of another size, colour under a grey model) or `model-mismatch` (a receiver's half) */
  async encode(image: Image): Promise<LatentCode> {
    const picture = this.check(image);
    return this.turns.run(() => {
      const { network, kernels } = this;
      const input = this.place(picture, -0.5);
      const modelId = this.model.id;
      const read = ({ pointer }: Grid): Float32Array => kernels.memory.f32(pointer, this.model.latents).slice();
      if (this.hasPrior) {
        const { mean, logVariance } = variationalParts(network).encoder.inferGaussian(input);
        return { modelId, values: read(mean), deviations: read(logVariance).map((value) => Math.exp(value / 2)) };
      }
      const latents = inferTransform(network.levels[0].analysis!, input);
      // As the finest quality scales them, without its rounding.
      for (const gains of [network.levels[0].gain!, network.levels[0].inverseGain]) {
        kernels.call.scaleColumns(1, this.model.latents, latents.pointer, gains.row(1), latents.pointer);
      }
      return { modelId, values: read(latents) };
    });
  }

  /** @throws IsthmusError `model-mismatch` (a code of another model), `invalid-parameter` or `aborted` */
  async decode(codes: readonly LatentCode[], options: { signal?: AbortSignal } = {}): Promise<DecodedImage[]> {
    checkOptions(options, decodeKinds, "decode");
    for (const code of checkList(codes, "codes")) this.checkCode(code, "code");
    const pacer = new Pacer(options);
    const images: DecodedImage[] = [];
    for (let first = 0; first < codes.length; first += picturesAtOnce) {
      const part = codes.slice(first, first + picturesAtOnce);
      images.push(...(await this.turns.run(() => this.picturesOf(part))));
      await pacer.breathe(images.length / codes.length);
    }
    return images;
  }

  /**
   * `count` (1 to 10000) new pictures: what the synthesis makes of draws from the prior. The same seed gives the same pictures.
   * @throws IsthmusError `not-generative` where the model has no prior, `invalid-parameter` or `aborted`
   */
  async sample(count: number, options: SampleOptions = {}): Promise<DecodedImage[]> {
    checkOptions(options, sampleKinds, "sample");
    this.checkPrior();
    if (!Number.isInteger(count) || count < 1 || count > 10_000)
      throw expected("an integer between 1 and 10000", "count", count);
    const { latents, id: modelId } = this.model;
    const { seed = 0, signal } = options;
    const codes = await this.turns.run(() => {
      const { memory } = this.kernels;
      const pointer = memory.allocateFloats(count * latents);
      this.random.reseed(seed);
      this.random.fillNormal(count * latents, pointer);
      const values = memory.f32(pointer, count * latents).slice();
      return Array.from({ length: count }, (_, i) => ({
        modelId,
        values: values.slice(i * latents, (i + 1) * latents),
      }));
    });
    return this.decode(codes, { signal });
  }

  /**
   * `steps` (2 to 1000) pictures from one to another, both included, each a picture or its code.
   * @throws IsthmusError as `encode` and `decode`
   */
  async interpolate(
    from: Image | LatentCode,
    to: Image | LatentCode,
    steps: number,
    options: InterpolationOptions = {},
  ): Promise<DecodedImage[]> {
    checkOptions(options, interpolationKinds, "interpolate");
    const [start, end] = [await this.codeOf(from, "from"), await this.codeOf(to, "to")];
    const path = pathBetween(start.values, end.values, steps, options.mode ?? "linear");
    return this.decode(
      path.map((values) => ({ modelId: this.model.id, values })),
      { signal: options.signal },
    );
  }

  /**
   * What each latent does: pictures along it, the most influential latent first. Under a variational model, latents at the end of the list hold nothing.
   * @throws IsthmusError as `encode` and `decode`
   */
  async explore(options: ExploreOptions = {}): Promise<LatentTraversal[]> {
    checkOptions(options, exploreKinds, "explore");
    const { steps = 9, range = 3, image, signal } = options;
    if (!Number.isInteger(steps) || steps < 2 || steps > 1000)
      throw expected("an integer between 2 and 1000", "steps", steps);
    if (!(range > 0 && range <= 100)) throw expected("a number above 0 and at most 100", "range", range);
    const { latents, id: modelId } = this.model;
    const centre = image === undefined ? new Float32Array(latents) : (await this.codeOf(image, "image")).values;
    const [origin] = await this.decode([{ modelId, values: centre }]);
    const spread = await this.turns.run(() => this.spread());
    const traversals: LatentTraversal[] = [];
    for (let latent = 0; latent < latents; latent++) {
      const codes = Array.from({ length: steps }, (_, i) => {
        const values = centre.slice();
        values[latent] = range * spread[latent] * ((2 * i) / (steps - 1) - 1);
        return { modelId, values };
      });
      const images = await this.decode(codes, signal ? { signal } : {});
      traversals.push({ latent, influence: meanSquaredChange(origin, images), images });
    }
    return traversals.sort((a, b) => b.influence - a.influence || a.latent - b.latent);
  }

  /**
   * An estimate of ln p(x) of each picture, in nats, by importance sampling. Bernoulli models give probabilities of pictures of 0 and 1 (greys count as
   * probabilities); Gaussian ones densities of samples 0 .. 1. The same seed gives the same estimate.
   * @throws IsthmusError `not-generative`, `model-mismatch` (a receiver's half), `invalid-parameter` or `aborted`
   */
  async logLikelihood(images: readonly Image[], options: LogLikelihoodOptions = {}): Promise<LogLikelihood[]> {
    checkOptions(options, likelihoodKinds, "logLikelihood");
    this.checkPrior();
    const { samples = 5000, seed = 0 } = options;
    if (!Number.isInteger(samples) || samples < 1 || samples > 100_000) {
      throw expected("an integer between 1 and 100000", "samples", samples);
    }
    const pictures = checkList(images, "images").map((image) => this.check(image));
    const pacer = new Pacer(options);
    const results: LogLikelihood[] = [];
    for (const [i, picture] of pictures.entries()) {
      const estimates = await this.turns.run(() => {
        this.random.reseed(seed, i);
        const input = this.place(picture, -0.5);
        const target = this.model.configuration.likelihood === "bernoulli" ? this.place(picture, 0) : input;
        return estimateLogLikelihoods(this.network, { input, target }, samples, this.random);
      });
      results.push(...estimates);
      await pacer.breathe((i + 1) / pictures.length);
    }
    options.onProgress?.(1);
    return results;
  }

  private async codeOf(value: Image | LatentCode, name: string): Promise<LatentCode> {
    if (typeof value === "object" && value !== null && "modelId" in value) return this.checkCode(value, name);
    return this.encode(value);
  }

  private checkCode(code: LatentCode, name: string): LatentCode {
    const { id, latents } = this.model;
    if (!(code?.values instanceof Float32Array)) throw expected("a LatentCode", name, code);
    if (code.modelId !== id) {
      throw new IsthmusError(
        "model-mismatch",
        `Expected a code of model ${id} for ${name} but received one of ${code.modelId}`,
      );
    }
    if (code.values.length !== latents) throw expected(`${latents} numbers`, `${name}.values`, code.values.length);
    const wrong = code.values.find((value) => !Number.isFinite(value));
    if (wrong !== undefined) throw expected("finite numbers", `${name}.values`, wrong);
    return code;
  }

  private checkPrior(): void {
    if (this.hasPrior) return;
    throw new IsthmusError(
      "not-generative",
      `Expected a variational model, whose latents have a prior, but received preset ${this.model.preset}`,
    );
  }

  /** The picture in the network's channels. */
  private check(image: Image): DecodedImage {
    const { model } = this;
    if (model.part !== "all") {
      throw new IsthmusError(
        "model-mismatch",
        "Expected a whole model to encode with but received the receiver's half of one",
      );
    }
    const checked = copyImage(image);
    const { width, height } = model.configuration.patch;
    if (checked.width !== width || checked.height !== height) {
      throw expected(`${width} x ${height} pixels`, "an image of this model", `${checked.width} x ${checked.height}`);
    }
    if (model.channels === 1 && !isGrey(separateAlpha(checked).colour)) {
      throw expected("a grey image", "a model trained on grey images", `${checked.channels} channels of colour`);
    }
    return prepareImage(checked, model.channels);
  }

  /** A picture as a row of samples from `lowest` to `lowest + 1`, in the caller's scope. */
  private place({ data, width, height, channels }: DecodedImage, lowest: number): Grid {
    const { memory } = this.kernels;
    const values = Float32Array.from(data, (sample) => sample / 255 + lowest);
    return { pointer: memory.place(values), batch: 1, height: 1, width: 1, channels: width * height * channels };
  }

  private picturesOf(codes: readonly LatentCode[]): DecodedImage[] {
    const { kernels, network, model } = this;
    const { call, memory } = kernels;
    const { latents, channels } = model;
    const { patch, likelihood } = model.configuration;
    const samples = patch.width * patch.height * channels;
    const input = memory.allocateFloats(codes.length * latents);
    codes.forEach(({ values }, i) => {
      memory.f32(input + i * latents * 4, latents).set(values);
    });
    const grid = { pointer: input, batch: codes.length, height: 1, width: 1, channels: latents };
    const { pointer } = inferTransform(network.levels[0].synthesis, grid);
    const isLogit = likelihood === "bernoulli";
    const count = codes.length * samples;
    if (isLogit) call.activate(activationNumber.sigmoid, count, pointer, pointer);
    const bytes = memory.allocate(count);
    call.writePixels(1, count, 1, pointer, count, 255, isLogit ? 0 : 127.5, bytes, count, 1);
    const data = memory.u8(bytes, count).slice();
    return codes.map((_, i) => ({ data: data.slice(i * samples, (i + 1) * samples), ...patch, channels }));
  }

  /** The standard deviation of each latent that the model assumes. */
  private spread(): Float32Array {
    const { network, model, kernels } = this;
    const { latents } = model;
    if (network.levels[0].prior.kind !== "static" || this.hasPrior) return new Float32Array(latents).fill(1);
    const { call, memory } = kernels;
    const deviations = memory.place(network.levels[0].prior.logScales(0));
    call.exponential(latents, deviations, deviations);
    call.multiply(latents, deviations, network.levels[0].inverseGain.row(0), deviations);
    return memory.f32(deviations, latents).slice();
  }
}

const meanSquaredChange = (origin: DecodedImage, images: readonly DecodedImage[]): number => {
  const sums = images.map(({ data }) => data.reduce((sum, sample, i) => sum + (sample - origin.data[i]) ** 2, 0));
  return sums.reduce((sum, value) => sum + value, 0) / (images.length * origin.data.length);
};

function checkList<Item>(items: readonly Item[], name: string): readonly Item[] {
  if (Array.isArray(items)) return items;
  throw expected("an array", name, items);
}
