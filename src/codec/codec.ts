import { expected, IsthmusError } from "../errors.js";
import { addAlpha, joinAlpha, separateAlpha } from "../image/alpha.js";
import { convertColour, isGrey } from "../image/channels.js";
import { collectRows } from "../image/collect-rows.js";
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
import { loadKernels } from "../kernels/instantiate.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { limits } from "../limits.js";
import { Model } from "../models/model.js";
import type { Network } from "../models/network.js";
import { placeTables } from "../models/tables.js";
import { gridSize, type Size } from "../models/tiling.js";
import { type PaceOptions, Pacer } from "../pacer.js";
import { readBare, writeBare } from "./bare.js";
import { checkClaim, leastSymbolBits } from "./claim.js";
import { type ContainerParts, readContainer, writeContainer } from "./container.js";
import { coveredCells } from "./coverage.js";
import { checkEffort, refinerOf } from "./effort.js";
import { colourOnlyChannels } from "./grey-channels.js";
import type { StreamMetadata } from "./metadata.js";
import { decodeStrips, encodeStrips } from "./pipeline.js";
import { type PixelRows, piecesOfRows, rowsInMemory, StreamedRows } from "./pixel-rows.js";
import { decodePlane, encodePlane } from "./plane.js";
import { levelOf } from "./quality.js";
import { joinStrips, splitStrips } from "./strip-section.js";
import { stripsOf } from "./strips.js";
import { Turns } from "./turns.js";

export interface EncodeOptions extends PaceOptions {
  /** 0 (smallest) .. 100 (best); 256 levels, not only integers. Default 50. */
  readonly quality?: number;
  /**
   * 0 (default) .. 9, an integer: how long to look for symbols that make a smaller stream of the same likeness. Decoding takes the same
   * time at all of them.
   */
  readonly effort?: number;
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

/** A picture on its way in, brought to the network's channels; alpha goes its own way unless the network codes it. */
interface Prepared {
  readonly picture: PixelRows;
  readonly alpha: Uint8Array | undefined;
  readonly grey: boolean;
}

/** Encodes and decodes images with one model. Calls may overlap: they take turns, a strip of their picture at a time. */
export class Codec {
  private readonly turns: Turns;
  private readonly leastBits: number;

  private constructor(
    readonly model: Model,
    private readonly kernels: Kernels,
    private readonly network: Network,
    private readonly tables: Pointer,
  ) {
    this.turns = new Turns(kernels.memory);
    this.leastBits = leastSymbolBits(model.tables);
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
    this.checkEncoder(checked, options);
    return this.encodePrepared(checked, this.prepare(checked), options);
  }

  /**
   * The stream of an image whose rows arrive in pieces: the same bytes as `encode` gives. Opaque images are held a strip at a time, others whole.
   * @throws IsthmusError as `encode`, also where the rows are not exactly `width * height * channels` samples; errors of the source pass through
   */
  async encodeRows(image: ImageRows, options: EncodeOptions = {}): Promise<Uint8Array> {
    const shape = checkShape(image, options.maxPixels);
    this.checkEncoder(shape, options);
    const { channels } = this.model;
    if (hasAlpha(shape.channels) || channels === 4) return this.encode(await collectRows(image.rows, shape), options);
    const picture = new StreamedRows(shape, channels, piecesOfRows(image.rows, shape, channels));
    try {
      const grey = channels === 1 || shape.channels === 1;
      const stream = await this.encodePrepared(shape, { picture, alpha: undefined, grey }, options);
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
    const { configuration } = this.network;
    const grid = gridSize(configuration, parts);
    const { latents } = this.model;
    const section = { masked: parts.masked ?? false, bytes: parts.symbols };
    const strips = splitStrips(section, stripsOf(grid).length, latents);
    checkClaim(parts, grid, strips, { latents, leastBits: this.leastBits });
    const { alpha: plane, width, height } = parts;
    const alpha = plane && (await this.turns.run(() => decodePlane(this.kernels, plane, parts)));
    const pieces = decodeStrips(parts, strips, {
      ...this.pipeline(parts.quality, !options.bare, pacer),
      covered: coveredCells(configuration, parts, alpha),
    });
    const colours = this.model.channels === 3 && parts.grey ? 1 : this.model.channels;
    const channels = (alpha ? colours + 1 : colours) as Shape["channels"];
    return { width, height, channels, rows: this.finishRows(pieces, { width, height, channels: colours }, alpha) };
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

  private async encodePrepared(size: Size, prepared: Prepared, options: EncodeOptions): Promise<Uint8Array> {
    const { picture, alpha, grey } = prepared;
    if (options.bare && alpha) throw expected("an image without alpha", "a bare frame", "an image with alpha");
    const quality = levelOf(options.quality ?? 50);
    const strips = await encodeStrips(picture, {
      ...this.pipeline(quality, !options.bare, new Pacer(options)),
      covered: coveredCells(this.network.configuration, size, alpha),
      silent: grey && this.model.channels === 3 ? colourOnlyChannels(this.network) : undefined,
      refine: refinerOf(this.model, this.kernels, options.effort ?? 0),
    });
    if (options.bare) return writeBare({ quality, symbols: joinStrips(strips, false).bytes });
    const { masked, bytes: symbols } = joinStrips(strips, true);
    return writeContainer({
      modelId: bytesOfHex(this.model.id),
      width: size.width,
      height: size.height,
      grey,
      quality,
      masked,
      symbols,
      ...(options.metadata && { metadata: options.metadata }),
      ...(alpha && { alpha: await this.turns.run(() => encodePlane(this.kernels, alpha, size)) }),
    });
  }

  private prepare(image: DecodedImage): Prepared {
    const { channels } = this.model;
    if (channels === 4) return { picture: rowsInMemory(addAlpha(image)), alpha: undefined, grey: false };
    const { colour, alpha } = separateAlpha(image);
    if (channels === 1 && !isGrey(colour)) {
      throw expected("a grey image (or a model trained on colour)", "image", `${image.channels} channels of colour`);
    }
    const picture = rowsInMemory(convertColour(colour, channels));
    return { picture, alpha, grey: channels === 1 || colour.channels === 1 };
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
