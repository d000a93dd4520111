import { expected, IsthmusError } from "../errors.js";
import { addAlpha, joinAlpha, separateAlpha } from "../image/alpha.js";
import { convertColour, isGrey } from "../image/channels.js";
import { checkImage, type DecodedImage, type Image } from "../image/image.js";
import { loadKernels } from "../kernels/instantiate.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { limits } from "../limits.js";
import { Model } from "../models/model.js";
import type { Network } from "../models/network.js";
import { placeTables, tableLimits } from "../models/tables.js";
import { gridSize, type Size } from "../models/tiling.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import { type PaceOptions, Pacer } from "../pacer.js";
import { readBare, writeBare } from "./bare.js";
import { type ContainerParts, readContainer, writeContainer } from "./container.js";
import { coveredCells } from "./coverage.js";
import type { StreamMetadata } from "./metadata.js";
import { decodePlane, encodePlane } from "./plane.js";
import { levelOf, qualityOfLevel } from "./quality.js";
import { decodeSymbols, type EntropyModel, encodeSymbols } from "./symbols.js";
import { analysePicture, synthesisePicture } from "./transform.js";

export interface EncodeOptions extends PaceOptions {
  /** 0 (smallest) .. 100 (best); 256 levels, not only integers. Default 50. */
  readonly quality?: number;
  /** Leave out everything that both ends know already: model, size, colour, checksums. Opaque images only. */
  readonly bare?: boolean;
  /** ICC, EXIF and XMP blocks to carry along. */
  readonly metadata?: StreamMetadata;
  /** Default 2^28. */
  readonly maxPixels?: number;
}

export interface DecodeOptions extends PaceOptions {
  /** For a bare frame: the size it was made with, and whether it was grey. */
  readonly bare?: { readonly width: number; readonly height: number; readonly grey?: boolean };
  /** Refuse larger images before anything is allocated. Default 2^28. */
  readonly maxPixels?: number;
}

/** What the most probable decision of the alpha plane's coder costs, and what a coder's state may hold beside its bytes. */
const leastMaskBits = Math.log2(65536 / 65535);
const spareBits = 32;

/** Encodes and decodes images with one model. Calls may overlap; they are worked off in turn. */
export class Codec {
  private turn: Promise<unknown> = Promise.resolve();
  /** What the most probable symbol of all tables costs. */
  private readonly leastBits: number;

  private constructor(
    readonly model: Model,
    private readonly kernels: Kernels,
    private readonly network: Network,
    private readonly tables: Pointer,
  ) {
    const most = model.tables.frequencies.reduce((largest, frequency) => Math.max(largest, frequency));
    this.leastBits = Math.log2(tableLimits.total / most);
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
    const checked = checkImage(image, options.maxPixels);
    const quality = levelOf(options.quality ?? 50);
    if (!this.network.analysis) {
      throw new IsthmusError(
        "model-mismatch",
        "This model holds the receiver's half only; encoding needs the whole model",
      );
    }
    this.checkSize(checked);
    const pacer = new Pacer(options);
    const { colour, alpha, grey } = this.prepare(checked);
    if (options.bare && alpha) throw expected("an image without alpha", "a bare frame", `${checked.channels} channels`);
    return this.inTurn(async () => {
      const symbols = await this.encodeColour(colour, alpha, quality, !options.bare, pacer);
      if (options.bare) return writeBare({ quality, symbols });
      const parts: ContainerParts = {
        modelId: bytesOfHex(this.model.id),
        width: checked.width,
        height: checked.height,
        grey,
        quality,
        symbols,
        ...(options.metadata && { metadata: options.metadata }),
        ...(alpha && { alpha: encodePlane(this.kernels, alpha, checked) }),
      };
      return writeContainer(parts);
    });
  }

  /**
   * The image of a stream: bit for bit the same on every engine.
   * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated`, `corrupt`, `image-too-large`, `model-mismatch` or `aborted`
   */
  async decode(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
    if (!(bytes instanceof Uint8Array)) throw expected("Uint8Array", "bytes", bytes);
    const pacer = new Pacer(options);
    const parts = options.bare ? this.readBare(bytes, options) : readContainer(bytes, options.maxPixels);
    this.checkModel(parts.modelId);
    this.checkSize(parts, options.bare ? "invalid-parameter" : "corrupt");
    this.checkClaim(parts);
    return this.inTurn(async () => {
      const alpha = parts.alpha && decodePlane(this.kernels, parts.alpha, parts);
      const colour = await this.decodeColour(parts, alpha, !options.bare, pacer);
      const { channels } = this.model;
      const picture: DecodedImage = { data: colour, width: parts.width, height: parts.height, channels };
      const shown = channels === 3 && parts.grey ? meanOfChannels(picture) : picture;
      return alpha ? joinAlpha(shown, alpha) : shown;
    });
  }

  /** Brings an image to the network's channels; alpha goes its own way unless the network codes it. */
  private prepare(image: DecodedImage): { colour: DecodedImage; alpha: Uint8Array | undefined; grey: boolean } {
    const { channels } = this.model;
    if (channels === 4) return { colour: addAlpha(image), alpha: undefined, grey: false };
    const { colour, alpha } = separateAlpha(image);
    if (channels === 1 && !isGrey(colour)) {
      throw expected("a grey image (or a model trained on colour)", "image", `${image.channels} channels of colour`);
    }
    return { colour: convertColour(colour, channels), alpha, grey: channels === 1 || colour.channels === 1 };
  }

  private encodeColour(
    colour: DecodedImage,
    alpha: Uint8Array | undefined,
    level: number,
    sealed: boolean,
    pacer: Pacer,
  ): Promise<Uint8Array> {
    const { network } = this;
    const { configuration: c, gain, inverseGain, kernels } = network;
    const { call, memory } = kernels;
    return this.scope(async () => {
      const q = qualityOfLevel(level);
      // Symbols take the place of the latents: both are 32 bits wide.
      const symbols = await analysePicture(network, colour, pacer.part(0, 0.4));
      const { pointer } = symbols;
      call.scaleColumns(rowsOf(symbols), c.latents, pointer, gain!.row(q), pointer);
      call.quantize(sizeOf(symbols), pointer, tableLimits.maxSymbol, pointer);
      const covered = coveredCells(c, colour, alpha);
      clearUncovered(memory, symbols, covered);
      const dequantized = gridLike(kernels, symbols);
      call.dequantize(rowsOf(symbols), c.latents, pointer, inverseGain.row(q), dequantized.pointer);
      return encodeSymbols(this.entropyModel(sealed), { symbols, dequantized, covered, q }, pacer.part(0.4, 1));
    });
  }

  private decodeColour(
    parts: ContainerParts,
    alpha: Uint8Array | undefined,
    sealed: boolean,
    pacer: Pacer,
  ): Promise<Uint8Array> {
    const { network } = this;
    const { configuration: c, kernels } = network;
    const { call, memory } = kernels;
    return this.scope(async () => {
      const q = qualityOfLevel(parts.quality);
      const cells = { batch: 1, ...gridSize(c, parts), channels: c.latents };
      const zeros = (): Grid => {
        const pointer = memory.allocateFloats(sizeOf({ pointer: 0, ...cells }));
        call.fill(sizeOf({ pointer: 0, ...cells }), 0, pointer);
        return { pointer, ...cells };
      };
      const dequantized = zeros();
      await this.scope(() => {
        const grid = { symbols: zeros(), dequantized, covered: coveredCells(c, parts, alpha), q };
        return decodeSymbols(this.entropyModel(sealed), grid, parts.symbols, pacer.part(0, 0.6));
      });
      return synthesisePicture(network, dequantized, parts, pacer.part(0.6, 1));
    });
  }

  private entropyModel(sealed: boolean): EntropyModel {
    return { network: this.network, tables: this.tables, sealed };
  }

  private readBare(bytes: Uint8Array, { bare, maxPixels = limits.maxPixels }: DecodeOptions): ContainerParts {
    const { width, height, grey = false } = bare!;
    if (!Number.isInteger(width * height) || width < 1 || height < 1 || width * height > maxPixels) {
      throw expected(`a size of 1 to ${maxPixels} pixels`, "bare", `${width} x ${height}`);
    }
    return { modelId: bytesOfHex(this.model.id), width, height, grey, ...readBare(bytes) };
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

  /** A stream of few bytes cannot claim a huge picture: every symbol and every sample of a mask costs some fraction of a bit. */
  private checkClaim({ width, height, alpha, symbols }: ContainerParts): void {
    const grid = gridSize(this.network.configuration, { width, height });
    const isMask = alpha !== undefined && alpha.length !== 1;
    const isHidden = alpha?.length === 1 && alpha[0] === 0;
    // Behind a mask any cell may be hidden and cost nothing.
    const symbolBits = isMask || isHidden ? 0 : grid.width * grid.height * this.model.latents * this.leastBits;
    const maskBits = isMask ? width * height * leastMaskBits : 0;
    if (symbols.length * 8 + spareBits < symbolBits || (isMask && alpha.length * 8 + spareBits < maskBits)) {
      throw new IsthmusError("corrupt", `The stream claims ${width} x ${height} pixels but is too short for them`);
    }
  }

  /** Runs calls one after another: they share one kernel memory. */
  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => {});
    return result;
  }

  private async scope<Result>(work: () => Promise<Result>): Promise<Result> {
    const { memory } = this.kernels;
    const mark = memory.mark();
    try {
      return await work();
    } finally {
      memory.release(mark);
    }
  }
}

/** The symbols of cells that are not coded are 0, for the sender's context as for the receiver's. */
function clearUncovered(memory: Kernels["memory"], symbols: Grid, covered: Uint8Array | undefined): void {
  covered?.forEach((bit, cell) => {
    if (!bit) memory.u8(symbols.pointer + cell * symbols.channels * 4, symbols.channels * 4).fill(0);
  });
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
