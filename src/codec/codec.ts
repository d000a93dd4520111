import { bytesOfHex } from "../ground/bytes.js";
import { expected, IsthmusError, shortageOr } from "../ground/errors.js";
import { once } from "../ground/once.js";
import { checkOptions } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { addAlpha, splitAlpha, withoutHidden } from "../image/alpha.js";
import { checkAlphaQuality, quantizeAlpha } from "../image/alpha-levels.js";
import { convertColour, isGrey } from "../image/channels.js";
import { collectRows } from "../image/collect-rows.js";
import { FewColours } from "../image/few-colours.js";
import {
  checkImage,
  checkShape,
  copyImage,
  type DecodedImage,
  hasAlpha,
  type Image,
  type ImageRows,
} from "../image/image.js";
import { type LosslessPicture, losslessPicture } from "../image/lossless-picture.js";
import { type PixelRows, piecesOfRows, rowsInMemory, StreamedRows } from "../image/pixel-rows.js";
import { psnr } from "../image/psnr.js";
import { withChannelsOf } from "../image/with-channels.js";
import { loadKernels } from "../kernels/instantiate.js";
import { ssimulacra2 } from "../metric/ssimulacra2.js";
import { Model } from "../models/model.js";
import type { OpenOptions } from "../models/model-source.js";
import { checkOpening, type ModelSource, readModel } from "../models/model-source.js";
import type { Network } from "../models/network.js";
import { refuseRestoring } from "../models/receiver-model.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { gridSize, type Size } from "../models/tiling.js";
import { DifferentiableParameters } from "../nn/differentiable-parameters.js";
import { type EncodeOptions, encodeKinds } from "./codec-options.js";
import { Decoder } from "./decoder.js";
import { levelOf, usualQuality } from "./latents/quality.js";
import { checkSize } from "./picture-parts.js";
import { encodePlane } from "./planes/plane.js";
import { checkEffort, refinerOf } from "./search/effort.js";
import { checkImportance, copyImportance, type Importance } from "./search/importance.js";
import { type Attempt, coarseStepFor, encodingOf, LevelSearch } from "./search/level-search.js";
import { placesAt, type WeighedBlocks, weighBlocks } from "./search/place-steps.js";
import { type Encoding, targetOf } from "./search/targets.js";
import { writeBare } from "./stream/bare.js";
import { writeContainer } from "./stream/container.js";
import { checkMetadata, type StreamMetadata } from "./stream/metadata.js";
import type { EncodeContext } from "./stream/payload.js";
import { type PayloadParts, payloadEncoders } from "./stream/payloads.js";

/** Latents that are kept between attempts, in floats; larger pictures are analysed again. */
const mostKeptLatents = 1 << 26;

/** Options whose metadata have been checked. */
type CheckedOptions = Omit<EncodeOptions, "metadata"> & { readonly metadata?: StreamMetadata | undefined };

/** One attempt at encoding. */
interface EncodeSettings extends Pick<CheckedOptions, "bare" | "metadata" | "signal" | "onProgress"> {
  readonly level: number;
  readonly effort: number;
  readonly pacer?: Pacer;
  readonly weighed?: WeighedBlocks | undefined;
  /** See `encodeStrips`. */
  readonly latents?: EncodeContext["latents"];
}

/** A picture on its way in, brought to the network's channels; alpha goes its own way unless the network codes it. */
interface Prepared {
  readonly picture: PixelRows;
  readonly alpha: Uint8Array | undefined;
  readonly grey: boolean;
  /** The same picture as it would be coded without latents. */
  readonly lossless: LosslessPicture;
}

/** Encodes images with one model, and decodes them. Calls may overlap: they take turns, a strip of their picture at a time. */
export class Codec extends Decoder {
  declare readonly model: Model;
  /** @internal */
  declare readonly network: Network;
  /** The receiver's half with gradients by its inputs, made when it is first wanted. */
  private readonly receiver = once(() => this.turns.keep(() => this.makeReceiver()));

  /** @throws IsthmusError as `Model.read`, `model-unsuited` (a model that restores) `memory-exceeded` or `unsupported-engine` */
  static async create(model: ModelSource, options: OpenOptions = {}): Promise<Codec> {
    checkOpening(options, "createCodec");
    const read = model instanceof Model ? model : await Model.open(await readModel(model), options, true);
    refuseRestoring(read.configuration);
    const kernels = await loadKernels(options);
    return new Codec(read, kernels, await paced(read.networkSteps(kernels), new Pacer(options)));
  }

  /**
   * The `.isth` stream of an image. The same image, model and quality give the same bytes everywhere.
   * @throws IsthmusError `invalid-parameter`, `image-too-large`, `model-mismatch` (a receiver's model cannot encode) or `aborted`
   */
  async encode(image: Image, options: EncodeOptions = {}): Promise<Uint8Array> {
    return (await this.encodeTo(image, options)).bytes;
  }

  /**
   * As `encode`, and tells which quality and likeness a target led to.
   * @throws IsthmusError as `encode`, or `target-unreachable`, naming what comes closest to the target
   */
  async encodeTo(image: Image, options: EncodeOptions = {}): Promise<Encoding> {
    checkOptions(options, encodeKinds, "encode");
    return this.encodeOwn(copyImage(image, options.maxPixels), options);
  }

  /** As `encodeTo`, of an image that nobody changes meanwhile. @internal */
  async encodeOwn(image: Image, given: EncodeOptions): Promise<Encoding> {
    const options = this.checkEncoder(image, given);
    try {
      const encoding = await this.encodeChecked(checkImage(image, options.maxPixels), options);
      options.onProgress?.(1);
      return encoding;
    } catch (error) {
      throw shortageOr(error);
    }
  }

  private async encodeChecked(checked: DecodedImage, options: CheckedOptions): Promise<Encoding> {
    const prepared = await this.prepare(checked, options);
    const target = targetOf(options, checked);
    const { quality = usualQuality, effort = 0 } = options;
    const weighed = this.weigh(options, checked);
    if (!target) {
      const level = levelOf(quality);
      return encodingOf(await this.encodePrepared(checked, prepared, { ...options, level, effort, weighed }), level);
    }
    const latents = this.roomForLatents(checked);
    const attempt: Attempt = async (level, effort, pacer) => {
      const settings = { ...options, level, effort, weighed, pacer, latents };
      const bytes = await this.encodePrepared(checked, prepared, settings);
      if (target.kind === "bytes") return encodingOf(bytes, level);
      const { maxPixels, signal } = options;
      const decoded = withChannelsOf(checked, await this.decode(bytes, { maxPixels, signal }));
      if (target.kind === "psnr") return encodingOf(bytes, level, { psnr: psnr(checked, decoded) });
      return encodingOf(bytes, level, { ssimulacra2: await ssimulacra2(checked, decoded, { signal }) });
    };
    return new LevelSearch(target, effort, attempt, new Pacer(options), coarseStepFor(checked)).run();
  }

  /**
   * The stream of an image whose rows arrive in pieces: the same bytes as `encode` gives. Opaque images are held a strip at a time, others, and those of models of several levels of latents, whole.
   * @throws IsthmusError as `encode`, also where the rows are not exactly `width * height * channels` samples; errors of the source pass through
   */
  async encodeRows(image: ImageRows, given: EncodeOptions = {}): Promise<Uint8Array> {
    checkOptions(given, encodeKinds, "encode");
    const shape = checkShape(image, given.maxPixels);
    const options = this.checkEncoder(shape, given);
    const { channels } = this.model;
    // Each level sees the picture from its top.
    if (this.network.levels[1] || hasAlpha(shape.channels) || channels === 4 || targetOf(options, shape)) {
      return (await this.encodeOwn(await collectRows({ ...shape, rows: image.rows }), options)).bytes;
    }
    const few = new FewColours(shape.width * shape.height);
    const pieces = few.watch(piecesOfRows(image.rows, shape, channels), channels);
    const picture = new StreamedRows(shape, channels, pieces);
    try {
      const grey = channels === 1 || shape.channels === 1;
      const { quality = usualQuality, effort = 0 } = options;
      const settings = { ...options, level: levelOf(quality), effort, weighed: this.weigh(options, shape) };
      const lossless = {
        grey,
        alpha: undefined,
        get few() {
          return few.found;
        },
      };
      const stream = await this.encodePrepared(shape, { picture, alpha: undefined, grey, lossless }, settings);
      await picture.finish();
      options.onProgress?.(1);
      return stream;
    } finally {
      await picture.cancel();
    }
  }

  /** The shortest of the streams that the picture can have, by kinds of payloads. */
  private async encodePrepared(size: Size, prepared: Prepared, options: EncodeSettings): Promise<Uint8Array> {
    const { bare = false, level, effort, pacer = new Pacer(options), latents, weighed } = options;
    if (bare && prepared.alpha) throw expected("an image without alpha", "a bare frame", "an image with alpha");
    const { kernels, network, turns, planeCells } = this;
    const context: Omit<EncodeContext, "mostBytes"> = {
      ...this.coders(!bare, pacer),
      ...prepared,
      ...{ size, levels: network.levels, bare, level, latents },
      places: weighed && placesAt(weighed, level, network.configuration),
      // Codes of a variational model are means, and no trade between distortion and rate.
      refine:
        effort > 0 && !network.configuration.posterior
          ? refinerOf((await this.receiver()).levels[0], effort)
          : undefined,
      encodePlane: (samples, size, mostBytes) =>
        turns.run(() => encodePlane(kernels, samples, size, planeCells, pacer.part(1, 1), mostBytes), pacer.signal),
    };
    let best: Uint8Array | undefined;
    for (const encode of payloadEncoders) {
      const payload = await encode({ ...context, mostBytes: best?.length ?? Number.POSITIVE_INFINITY });
      const stream = payload && this.write(payload as PayloadParts, size, prepared.grey, options);
      if (stream && stream.length <= (best?.length ?? stream.length)) best = stream;
    }
    return best!;
  }

  private write(payload: PayloadParts, { width, height }: Size, grey: boolean, { bare, metadata }: EncodeSettings) {
    if (bare) return writeBare(payload);
    const modelId = bytesOfHex(this.model.id);
    return writeContainer({ modelId, width, height, grey, ...(metadata && { metadata }), ...payload });
  }

  private async prepare(image: DecodedImage, { alphaQuality = 100, signal }: CheckedOptions): Promise<Prepared> {
    const { channels } = this.model;
    const pacer = new Pacer({ signal });
    const split = splitAlpha(image);
    await pacer.breathe();
    if (channels === 4) {
      const lossless = await losslessPicture(split, channels, pacer);
      return { picture: rowsInMemory(addAlpha(image)), alpha: undefined, grey: false, lossless };
    }
    const { colour, alpha: exact } = withoutHidden(split);
    await pacer.breathe();
    if (channels === 1 && !isGrey(colour)) {
      throw expected("a grey image (or a model trained on colour)", "image", `${image.channels} channels of colour`);
    }
    const alpha = exact && quantizeAlpha(exact, alphaQuality);
    await pacer.breathe();
    const picture = rowsInMemory(convertColour(colour, channels));
    await pacer.breathe();
    const lossless = await losslessPicture({ colour, alpha }, channels, pacer);
    return { picture, alpha, grey: lossless.grey, lossless };
  }

  private async makeReceiver(): Promise<ReceiverNetwork> {
    const { memory } = this.kernels;
    const mark = memory.mark();
    try {
      const { kernels } = this;
      const parameters = new DifferentiableParameters(kernels, false);
      return await paced(this.model.receiverNetwork(kernels, parameters), new Pacer({}));
    } catch (error) {
      memory.release(mark);
      throw error;
    }
  }

  /** Where an encoder that tries many qualities keeps the latents, unless they are too many. */
  private roomForLatents(size: Size): EncodeSettings["latents"] {
    const { width, height } = gridSize(this.network.configuration, size);
    return width * height * this.model.latents <= mostKeptLatents ? new Map() : undefined;
  }

  private weigh({ importance }: EncodeOptions, size: Size): WeighedBlocks | undefined {
    return importance && weighBlocks(importance, size, this.network.configuration);
  }

  /** Throws what can be told of an image before its samples are looked at. */
  private checkEncoder(size: Size, options: EncodeOptions): CheckedOptions {
    const metadata = options.metadata && checkMetadata(options.metadata);
    levelOf(options.quality ?? usualQuality);
    checkAlphaQuality(options.alphaQuality ?? 100);
    targetOf(options, size);
    checkEffort(options.effort ?? 0);
    if (!this.network.levels[0].analysis) {
      throw new IsthmusError(
        "model-mismatch",
        "This model holds the receiver's half only; encoding needs the whole model",
      );
    }
    checkSize(this.network.configuration, size, "invalid-parameter");
    const { importance } = options;
    if (importance === undefined) return { ...options, metadata };
    this.checkImportance(importance, size, options.bare);
    return { ...options, metadata, importance: copyImportance(importance) };
  }

  private checkImportance(importance: Importance, size: Size, bare: unknown): void {
    if (bare) throw expected("a stream that is not bare", "importance", bare);
    const { fixedSize, patch } = this.network.configuration;
    if (fixedSize) {
      const received = `one of ${patch.width} x ${patch.height} pixels`;
      throw expected("a model of pictures of any size", "importance", received);
    }
    checkImportance(importance, size);
  }
}
