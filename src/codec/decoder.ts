import { hexOf } from "../bytes.js";
import { expected, IsthmusError } from "../errors.js";
import { joinAlpha } from "../image/alpha.js";
import { collectRows } from "../image/collect-rows.js";
import type { DecodedImage, DecodedRows, Shape } from "../image/image.js";
import { losslessRows } from "../image/lossless-picture.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { limitOf, limits } from "../limits.js";
import { cellsOf } from "../models/plane-contexts.js";
import { type ReceiverModel, refuseRestoring } from "../models/receiver-model.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { placeTables } from "../models/tables.js";
import { gridSize, type Size } from "../models/tiling.js";
import { Pacer } from "../pacer.js";
import { readBare } from "./bare.js";
import { checkClaim, checkPlaneClaim, leastSymbolBits } from "./claim.js";
import { type ContainerParts, readContainer } from "./container.js";
import { coveredCells } from "./coverage.js";
import type { DecodeOptions } from "./options.js";
import { decodeStrips } from "./pipeline.js";
import { decodePlane } from "./plane.js";
import { splitStrips } from "./strip-section.js";
import { stripsOf } from "./strips.js";
import { Turns } from "./turns.js";

/** What a stream, or a bare frame and what is known besides, says of its picture. */
type PictureParts = Omit<ContainerParts, "modelId">;

/** Decodes images with one model, whole or a receiver's half. Calls may overlap: they take turns, a strip of their picture at a time. */
export class Decoder {
  protected readonly turns: Turns;
  /** What the contexts of every plane start from. */
  protected readonly planeCells: Uint32Array;
  private readonly tables: Pointer;
  private readonly leastBits: number;

  protected constructor(
    readonly model: ReceiverModel,
    protected readonly kernels: Kernels,
    protected readonly network: ReceiverNetwork,
  ) {
    this.tables = placeTables(kernels.memory, model.tables);
    this.turns = new Turns(kernels.memory);
    this.leastBits = leastSymbolBits(model.tables);
    this.planeCells = cellsOf(model.planeContexts);
  }

  /** A decoder of its own kernel instance. Throws `model-unsuited` for a model that restores. */
  static over(model: ReceiverModel, kernels: Kernels): Decoder {
    refuseRestoring(model.configuration);
    return new Decoder(model, kernels, model.receiverNetwork(kernels));
  }

  /**
   * The image of a stream: bit for bit the same on every engine.
   * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated`, `corrupt`, `image-too-large`, `model-mismatch`, `memory-exceeded` or `aborted`
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
    const parts = options.bare ? this.readBare(bytes, options) : this.readStream(bytes, options);
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

  private async decodeLossless(parts: PictureParts, bytes: Uint8Array, pacer: Pacer): Promise<DecodedRows> {
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

  protected pipeline(level: number, sealed: boolean, pacer: Pacer) {
    return { entropy: { network: this.network, tables: this.tables, sealed }, turns: this.turns, level, pacer };
  }

  private readStream(bytes: Uint8Array, { maxPixels }: DecodeOptions): PictureParts {
    const parts = readContainer(bytes, maxPixels);
    this.checkModel(parts.modelId);
    this.checkSize(parts, "corrupt");
    this.checkColour(parts);
    return parts;
  }

  private readBare(bytes: Uint8Array, { bare, ...options }: DecodeOptions): PictureParts {
    const maxPixels = limitOf("maxPixels", options.maxPixels, limits.maxPixels);
    const { width, height, grey = false } = bare!;
    if (!Number.isInteger(width * height) || width < 1 || height < 1 || width * height > maxPixels) {
      throw expected(`a size of 1 to ${maxPixels} pixels`, "bare", `${width} x ${height}`);
    }
    this.checkSize({ width, height });
    return { width, height, grey, ...readBare(bytes) };
  }

  private checkModel(id: Uint8Array): void {
    const wanted = hexOf(id);
    if (wanted === this.model.id) return;
    throw new IsthmusError("model-mismatch", `The stream needs model ${wanted} but this is model ${this.model.id}`);
  }

  /** What a picture is made of follows from the model, too (docs/FORMAT.md, "Container"). */
  private checkColour({ grey, alpha, plane }: ContainerParts): void {
    const { channels } = this.model;
    const fits = channels === 3 || (channels === 1 ? grey : !grey && (plane || !alpha));
    if (fits) return;
    const message = `Expected the flags of a picture of ${channels} channels for this model but received others`;
    throw new IsthmusError("corrupt", message);
  }

  protected checkSize(size: Size, code: "invalid-parameter" | "corrupt" = "invalid-parameter"): void {
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
