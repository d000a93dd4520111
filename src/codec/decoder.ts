import { hexOf } from "../bytes.js";
import { expected, IsthmusError } from "../errors.js";
import { joinAlpha } from "../image/alpha.js";
import { collectRows } from "../image/collect-rows.js";
import type { DecodedImage, DecodedRows, Shape } from "../image/image.js";
import { losslessRows } from "../image/lossless-picture.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { limitOf, limits, type OpenOptions } from "../limits.js";
import { cellsOf } from "../models/plane-contexts.js";
import { type ReceiverModel, refuseRestoring } from "../models/receiver-model.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { placeTables } from "../models/tables.js";
import { gridSize, type Size } from "../models/tiling.js";
import { Pacer } from "../pacer.js";
import { paced } from "../steps.js";
import { readBare } from "./bare.js";
import { checkClaim, checkPlaneClaim, leastSymbolBits } from "./claim.js";
import { type ContainerParts, readContainer } from "./container.js";
import { coveredCells } from "./coverage.js";
import type { DecodeOptions } from "./options.js";
import { decodeStrips } from "./pipeline.js";
import { planeRows } from "./plane.js";
import { splitStrips } from "./strip-section.js";
import { stripsOf } from "./strips.js";
import { Turns } from "./turns.js";

/** What a stream, or a bare frame and what is known besides, says of its picture. */
type PictureParts = Omit<ContainerParts, "modelId">;

/** Pixels that are finished at a time. */
const piecePixels = 1 << 18;

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
  static async over(model: ReceiverModel, kernels: Kernels, options: OpenOptions): Promise<Decoder> {
    refuseRestoring(model.configuration);
    return new Decoder(model, kernels, await paced(model.receiverNetwork(kernels), new Pacer(options)));
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
    // What comes before the strips counts as a tenth of the work.
    const [before, strip] = [pacer.part(0, 0.1), pacer.part(plane ? 0.1 : 0, 1)];
    const mask = plane && this.planeRows(plane, parts, before);
    const alpha = mask && (await collectRows(mask, { width, height, channels: 1 })).data;
    const pieces = decodeStrips(parts, strips, {
      ...this.pipeline(parts.quality, !options.bare, strip),
      covered: await coveredCells(configuration, parts, alpha, before.part(1, 1)),
    });
    const colours = this.model.channels === 3 && parts.grey ? 1 : this.model.channels;
    const channels = (alpha ? colours + 1 : colours) as Shape["channels"];
    return {
      width,
      height,
      channels,
      rows: this.finishRows(pieces, { width, height, channels: colours }, strip, alpha),
    };
  }

  private decodeLossless(parts: PictureParts, bytes: Uint8Array, pacer: Pacer): DecodedRows {
    const { width, height, alpha, grey } = parts;
    for (const coded of [bytes, ...(alpha ? [alpha] : [])]) checkPlaneClaim(parts, coded);
    const channels = this.model.channels === 4 ? 4 : (((grey ? 1 : 3) + (alpha ? 1 : 0)) as Shape["channels"]);
    const plane = this.planeRows(bytes, parts, pacer);
    // Its strips come in step with those of the samples, whose progress is told.
    const mask = alpha && this.planeRows(alpha, parts, new Pacer({ signal: pacer.signal }));
    return { width, height, channels, rows: losslessRows(plane, mask, width, channels) };
  }

  private planeRows(bytes: Uint8Array, size: Size, pacer: Pacer): AsyncGenerator<Uint8Array, void, void> {
    return planeRows(this.kernels, this.turns, bytes, size, this.planeCells, pacer);
  }

  /** Rows of the network's channels as they are handed out: grey where the picture is, with its alpha. */
  private async *finishRows(
    pieces: AsyncIterable<Uint8Array>,
    { width, channels }: Shape,
    pacer: Pacer,
    alpha?: Uint8Array,
  ) {
    const made = this.model.channels;
    const isWhole = !alpha && channels === made;
    let pixel = 0;
    for await (const piece of pieces) {
      const step = isWhole ? piece.length : Math.ceil(piecePixels / width) * width * made;
      for (let from = 0; from < piece.length; from += step) {
        const data = piece.subarray(from, from + step);
        const end = pixel + data.length / made;
        const rows: DecodedImage = { data, width, height: (end - pixel) / width, channels };
        const shown = channels === made ? rows : meanOfChannels(rows);
        yield alpha ? joinAlpha(shown, alpha.subarray(pixel, end)).data : shown.data;
        pixel = end;
        if (pacer.isDue) await pacer.breathe();
      }
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
