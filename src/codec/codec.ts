import { expected, IsthmusError } from "../errors.js";
import { addAlpha, joinAlpha, separateAlpha, splitAlpha } from "../image/alpha.js";
import { checkAlphaQuality, quantizeAlpha } from "../image/alpha-levels.js";
import { convertColour, isGrey } from "../image/channels.js";
import { collectRows } from "../image/collect-rows.js";
import { FewLevels } from "../image/few-levels.js";
import {
  checkImage,
  checkShape,
  type DecodedImage,
  type DecodedRows,
  hasAlpha,
  type Image,
  type ImageRows,
  type Shape,
} from "../image/image.js";
import { type LosslessPicture, losslessPicture, losslessRows } from "../image/lossless-picture.js";
import { psnr } from "../image/psnr.js";
import { withChannelsOf } from "../image/with-channels.js";
import { loadKernels } from "../kernels/instantiate.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { limits } from "../limits.js";
import { Model } from "../models/model.js";
import type { Network } from "../models/network.js";
import { cellsOf } from "../models/plane-contexts.js";
import { placeTables } from "../models/tables.js";
import { gridSize, type Size } from "../models/tiling.js";
import { Pacer } from "../pacer.js";
import { readBare, writeBare } from "./bare.js";
import { checkClaim, checkPlaneClaim, leastSymbolBits } from "./claim.js";
import { type ContainerParts, readContainer, writeContainer } from "./container.js";
import { coveredCells } from "./coverage.js";
import { checkEffort, refinerOf } from "./effort.js";
import { colourOnlyChannels } from "./grey-channels.js";
import type { DecodeOptions, EncodeOptions } from "./options.js";
import { decodeStrips, encodeStrips } from "./pipeline.js";
import { type PixelRows, piecesOfRows, rowsInMemory, StreamedRows } from "./pixel-rows.js";
import { decodePlane, encodePlane } from "./plane.js";
import { levelOf } from "./quality.js";
import { joinStrips, splitStrips } from "./strip-section.js";
import { stripsOf } from "./strips.js";
import { type Attempt, type Encoding, encodingOf, LevelSearch, targetOf } from "./targets.js";
import { Turns } from "./turns.js";

/** Latents that are kept between attempts, in floats; larger pictures are analysed again. */
const mostKeptLatents = 1 << 26;

const noSymbols = new Uint8Array(0);

/** One attempt at encoding. */
interface EncodeSettings extends Pick<EncodeOptions, "bare" | "metadata" | "signal" | "onProgress"> {
  readonly level: number;
  readonly effort: number;
  readonly pacer?: Pacer;
  /** See `encodeStrips`. */
  readonly latents?: Map<number, Float32Array> | undefined;
}

/** A picture on its way in, brought to the network's channels; alpha goes its own way unless the network codes it. */
interface Prepared {
  readonly picture: PixelRows;
  readonly alpha: Uint8Array | undefined;
  readonly grey: boolean;
  /** The same picture as it would be coded without latents. */
  readonly lossless: LosslessPicture;
}

/** Encodes and decodes images with one model. Calls may overlap: they take turns, a strip of their picture at a time. */
export class Codec {
  private readonly turns: Turns;
  private readonly leastBits: number;
  private differentiable: Promise<Network> | undefined;
  /** What the contexts of every plane start from. */
  private readonly planeCells: Uint32Array;

  private constructor(
    readonly model: Model,
    private readonly kernels: Kernels,
    private readonly network: Network,
    private readonly tables: Pointer,
  ) {
    this.turns = new Turns(kernels.memory);
    this.leastBits = leastSymbolBits(model.tables);
    this.planeCells = cellsOf(model.planeContexts);
  }

  /** @throws IsthmusError as `Model.read`, or `unsupported-engine` */
  static async create(model: Model | Uint8Array): Promise<Codec> {
    const read = model instanceof Model ? model : Model.read(model);
    const kernels = await loadKernels();
    const network = read.network(kernels);
    return new Codec(read, kernels, network, placeTables(kernels.memory, read.tables));
  }

  /**
   * The `.isth` stream of an image. The same image, model and quality give the same bytes everywhere.
   * @throws IsthmusError `invalid-parameter`, `image-too-large`, `model-mismatch` (a receiver's model cannot encode) or `aborted`
   */
  async encode(image: Image, options: EncodeOptions = {}): Promise<Uint8Array> {
    return (await this.encodeTo(image, options)).bytes;
  }

  /**
   * As `encode`, and tells which quality and PSNR a target led to.
   * @throws IsthmusError as `encode`, or `target-unreachable`, naming what the lowest or the highest quality reaches
   */
  async encodeTo(image: Image, options: EncodeOptions = {}): Promise<Encoding> {
    const checked = checkImage(image, options.maxPixels);
    this.checkEncoder(checked, options);
    const prepared = this.prepare(checked, options.alphaQuality);
    const target = targetOf(options);
    const { quality = 50, effort = 0 } = options;
    if (!target) {
      const level = levelOf(quality);
      return encodingOf(await this.encodePrepared(checked, prepared, { ...options, level, effort }), level);
    }
    const latents = this.roomForLatents(checked);
    const attempt: Attempt = async (level, effort, pacer) => {
      const bytes = await this.encodePrepared(checked, prepared, { ...options, level, effort, pacer, latents });
      if (target.kind === "bytes") return encodingOf(bytes, level);
      const decoded = await this.decode(bytes, { maxPixels: options.maxPixels, signal: options.signal });
      return encodingOf(bytes, level, psnr(checked, withChannelsOf(checked, decoded)));
    };
    return new LevelSearch(target, effort, attempt, new Pacer(options)).run();
  }

  /**
   * The stream of an image whose rows arrive in pieces: the same bytes as `encode` gives. Opaque images are held a strip at a time, others whole.
   * @throws IsthmusError as `encode`, also where the rows are not exactly `width * height * channels` samples; errors of the source pass through
   */
  async encodeRows(image: ImageRows, options: EncodeOptions = {}): Promise<Uint8Array> {
    const shape = checkShape(image, options.maxPixels);
    this.checkEncoder(shape, options);
    const { channels } = this.model;
    if (hasAlpha(shape.channels) || channels === 4 || targetOf(options)) {
      return this.encode(await collectRows(image.rows, shape), options);
    }
    const few = new FewLevels(shape.width * shape.height);
    const pieces = few.watch(piecesOfRows(image.rows, shape, channels), channels);
    const picture = new StreamedRows(shape, channels, pieces);
    try {
      const grey = channels === 1 || shape.channels === 1;
      const { quality = 50, effort = 0 } = options;
      const settings = { ...options, level: levelOf(quality), effort };
      const lossless = {
        grey,
        alpha: undefined,
        get plane() {
          return few.plane;
        },
      };
      const stream = await this.encodePrepared(shape, { picture, alpha: undefined, grey, lossless }, settings);
      await picture.finish();
      return stream;
    } finally {
      await picture.cancel();
    }
  }

  /**
   * The image of a stream: bit for bit the same on every engine.
   * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated`, `corrupt`, `image-too-large`, `model-mismatch` or `aborted`
   */
  async decode(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
    const { rows, ...shape } = await this.decodeRows(bytes, options);
    return collectRows(rows, shape);
  }

  /**
   * The image of a stream in pieces of whole rows, a strip at a time, each as soon as it has proved to be undamaged. Throws as `decode`: what
   * can be told beforehand at once, the rest (`corrupt`, `aborted`) while rows are read.
   */
  async decodeRows(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedRows> {
    if (!(bytes instanceof Uint8Array)) throw expected("Uint8Array", "bytes", bytes);
    const pacer = new Pacer(options);
    const parts = options.bare ? this.readBare(bytes, options) : readContainer(bytes, options.maxPixels);
    this.checkModel(parts.modelId);
    this.checkSize(parts, options.bare ? "invalid-parameter" : "corrupt");
    if (parts.plane) return this.decodeLossless(parts, parts.plane, pacer);
    const { configuration } = this.network;
    const grid = gridSize(configuration, parts);
    const { latents } = this.model;
    const section = { masked: parts.masked ?? false, bytes: parts.symbols };
    const strips = splitStrips(section, stripsOf(grid).length, latents);
    checkClaim(parts, grid, strips, { latents, leastBits: this.leastBits });
    const { alpha: plane, width, height } = parts;
    const alpha = plane && (await this.decodePlane(plane, parts));
    const pieces = decodeStrips(parts, strips, {
      ...this.pipeline(parts.quality, !options.bare, pacer),
      covered: coveredCells(configuration, parts, alpha),
    });
    const colours = this.model.channels === 3 && parts.grey ? 1 : this.model.channels;
    const channels = (alpha ? colours + 1 : colours) as Shape["channels"];
    return { width, height, channels, rows: this.finishRows(pieces, { width, height, channels: colours }, alpha) };
  }

  private async decodeLossless(parts: ContainerParts, bytes: Uint8Array, pacer: Pacer): Promise<DecodedRows> {
    const { width, height, alpha: mask, grey } = parts;
    for (const coded of [bytes, ...(mask ? [mask] : [])]) checkPlaneClaim(parts, coded);
    const alpha = mask && (await this.decodePlane(mask, parts));
    await pacer.breathe(0.2);
    const plane = await this.decodePlane(bytes, parts);
    await pacer.breathe(0.8);
    const channels = this.model.channels === 4 ? 4 : (((grey ? 1 : 3) + (alpha ? 1 : 0)) as Shape["channels"]);
    return { width, height, channels, rows: losslessRows({ plane, alpha }, parts, channels) };
  }

  private decodePlane(bytes: Uint8Array, size: Size): Promise<Uint8Array> {
    return this.turns.run(() => decodePlane(this.kernels, bytes, size, this.planeCells));
  }

  /** Rows of the network's channels as they are handed out: grey where the picture is, with its alpha. */
  private async *finishRows(pieces: AsyncIterable<Uint8Array>, { width, channels }: Shape, alpha?: Uint8Array) {
    let top = 0;
    for await (const data of pieces) {
      const piece: DecodedImage = { data, width, height: data.length / (width * this.model.channels), channels };
      const shown = channels === this.model.channels ? piece : meanOfChannels(piece);
      const end = top + piece.height;
      if (piece.height > 0) yield alpha ? joinAlpha(shown, alpha.subarray(top * width, end * width)).data : shown.data;
      top = end;
    }
  }

  private async encodePrepared(size: Size, prepared: Prepared, options: EncodeSettings): Promise<Uint8Array> {
    const { picture, alpha, grey } = prepared;
    if (options.bare && alpha) throw expected("an image without alpha", "a bare frame", "an image with alpha");
    const { level: quality, effort, pacer = new Pacer(options), latents } = options;
    const strips = await encodeStrips(picture, {
      ...this.pipeline(quality, !options.bare, pacer),
      covered: coveredCells(this.network.configuration, size, alpha),
      silent: grey && this.model.channels === 3 ? colourOnlyChannels(this.network) : undefined,
      refine: effort > 0 ? refinerOf(await this.receiver(), effort) : undefined,
      latents,
    });
    const symbols = joinStrips(strips, !options.bare);
    const stream = options.bare
      ? writeBare({ quality, symbols: symbols.bytes })
      : writeContainer({
          ...this.commonParts(size, options),
          grey,
          quality,
          masked: symbols.masked,
          symbols: symbols.bytes,
          ...(alpha && { alpha: await this.turns.run(() => encodePlane(this.kernels, alpha, size, this.planeCells)) }),
        });
    const lossless = await this.encodeLossless(size, prepared.lossless, options, stream.length);
    return lossless && lossless.length <= stream.length ? lossless : stream;
  }

  /** The lossless stream of a picture; undefined where it cannot have one, or none of `mostBytes`. */
  private async encodeLossless(
    size: Size,
    { plane, alpha, grey }: LosslessPicture,
    options: EncodeSettings,
    mostBytes: number,
  ): Promise<Uint8Array | undefined> {
    if (!plane || (options.bare && alpha)) return undefined;
    const encoded = (samples: Uint8Array) =>
      this.turns.run(() => encodePlane(this.kernels, samples, size, this.planeCells, mostBytes));
    const samples = await encoded(plane);
    const mask = alpha && (await encoded(alpha));
    if (!samples || (alpha && !mask)) return undefined;
    if (options.bare) return writeBare({ quality: options.level, symbols: noSymbols, plane: samples });
    return writeContainer({
      ...this.commonParts(size, options),
      grey,
      quality: options.level,
      symbols: noSymbols,
      plane: samples,
      ...(mask && { alpha: mask }),
    });
  }

  private commonParts({ width, height }: Size, { metadata }: EncodeSettings) {
    return { modelId: bytesOfHex(this.model.id), width, height, ...(metadata && { metadata }) };
  }

  private prepare(image: DecodedImage, alphaQuality = 100): Prepared {
    const { channels } = this.model;
    if (channels === 4) {
      const lossless = losslessPicture(splitAlpha(image), channels);
      return { picture: rowsInMemory(addAlpha(image)), alpha: undefined, grey: false, lossless };
    }
    const { colour, alpha: exact } = separateAlpha(image);
    if (channels === 1 && !isGrey(colour)) {
      throw expected("a grey image (or a model trained on colour)", "image", `${image.channels} channels of colour`);
    }
    const alpha = exact && quantizeAlpha(exact, alphaQuality);
    const picture = rowsInMemory(convertColour(colour, channels));
    const lossless = losslessPicture({ colour, alpha }, channels);
    return { picture, alpha, grey: lossless.grey, lossless };
  }

  /** The receiver's half with gradients by its inputs, made when it is first wanted. */
  private receiver(): Promise<Network> {
    const make = () => this.model.network(this.kernels, { differentiable: true, part: "receiver" });
    this.differentiable ??= this.turns.keep(make);
    return this.differentiable;
  }

  /** Where an encoder that tries many qualities keeps the latents, unless they are too many. */
  private roomForLatents(size: Size): EncodeSettings["latents"] {
    const { width, height } = gridSize(this.network.configuration, size);
    return width * height * this.model.latents <= mostKeptLatents ? new Map() : undefined;
  }

  private pipeline(level: number, sealed: boolean, pacer: Pacer) {
    return { entropy: { network: this.network, tables: this.tables, sealed }, turns: this.turns, level, pacer };
  }

  private readBare(bytes: Uint8Array, { bare, maxPixels = limits.maxPixels }: DecodeOptions): ContainerParts {
    const { width, height, grey = false } = bare!;
    if (!Number.isInteger(width * height) || width < 1 || height < 1 || width * height > maxPixels) {
      throw expected(`a size of 1 to ${maxPixels} pixels`, "bare", `${width} x ${height}`);
    }
    return { modelId: bytesOfHex(this.model.id), width, height, grey, ...readBare(bytes) };
  }

  /** Throws what can be told of an image before its samples are looked at. */
  private checkEncoder(size: Size, options: EncodeOptions): void {
    levelOf(options.quality ?? 50);
    checkAlphaQuality(options.alphaQuality ?? 100);
    targetOf(options);
    checkEffort(options.effort ?? 0);
    if (!this.network.analysis) {
      throw new IsthmusError(
        "model-mismatch",
        "This model holds the receiver's half only; encoding needs the whole model",
      );
    }
    this.checkSize(size);
  }

  private checkModel(id: Uint8Array): void {
    const wanted = Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (wanted === this.model.id) return;
    throw new IsthmusError("model-mismatch", `The stream needs model ${wanted} but this is model ${this.model.id}`);
  }

  private checkSize(size: Size, code: "invalid-parameter" | "corrupt" = "invalid-parameter"): void {
    const { fixedSize, patch } = this.network.configuration;
    if (!fixedSize || (size.width === patch.width && size.height === patch.height)) return;
    const message = `Expected ${patch.width} x ${patch.height} pixels for this model but received ${size.width} x ${size.height}`;
    throw new IsthmusError(code, message);
  }
}

/** A grey picture from the three equal-minded channels of a colour model. */
function meanOfChannels({ data, width, height }: DecodedImage): DecodedImage {
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = Math.floor((data[3 * i] + data[3 * i + 1] + data[3 * i + 2] + 1) / 3);
  }
  return { data: grey, width, height, channels: 1 };
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
