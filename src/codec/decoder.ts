import { type ByteSource, readBytes } from "../ground/byte-source.js";
import { checkFewOptions } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { collectRows } from "../image/collect-rows.js";
import type { DecodedImage, DecodedRows, Shape } from "../image/image.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type Turns, turnsAt } from "../kernels/turns.js";
import type { OpenOptions } from "../models/model-source.js";
import { cellsOf } from "../models/plane-contexts.js";
import { type ReceiverModel, refuseRestoring } from "../models/receiver-model.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { placeTables } from "../models/tables.js";
import type { Size } from "../models/tiling.js";
import { type DecodeOptions, decodeKinds } from "./codec-options.js";
import { picturePartsOf } from "./picture-parts.js";
import { checkPlaneClaim, planeRows } from "./planes/plane.js";
import type { ContainerParts } from "./stream/container.js";
import { leastSymbolBits } from "./stream/payloads/latents.js";
import { type PayloadDecoder, payloadDecoders } from "./stream/payloads.js";

/** Decodes images with one model, whole or a receiver's half. Calls may overlap: they take turns, a strip of their picture at a time. */
export class Decoder {
  /** @internal */
  readonly turns: Turns;
  /** What the contexts of every plane start from. @internal */
  readonly planeCells: Uint32Array;
  /** @internal */
  readonly tables: Pointer;
  /** @internal */
  readonly leastBits: number;

  protected constructor(
    readonly model: ReceiverModel,
    /** @internal */
    readonly kernels: Kernels,
    /** @internal */
    readonly network: ReceiverNetwork,
  ) {
    this.tables = placeTables(kernels.memory, model.tables);
    this.turns = turnsAt(kernels.memory);
    this.leastBits = leastSymbolBits(model.tables);
    this.planeCells = cellsOf(model.planeContexts);
  }

  /** A decoder of its own kernel instance. Throws `model-unsuited` for a model that restores. @internal */
  static async over(model: ReceiverModel, kernels: Kernels, options: OpenOptions): Promise<Decoder> {
    refuseRestoring(model.configuration);
    return new Decoder(model, kernels, await paced(model.receiverNetwork(kernels), new Pacer(options)));
  }

  /**
   * The image of a stream: bit for bit the same on every engine.
   * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated`, `corrupt`, `image-too-large`, `model-mismatch`, `memory-exceeded` or `aborted`
   */
  async decode(bytes: ByteSource, options?: DecodeOptions): Promise<DecodedImage> {
    return collectRows(await this.decodeRows(bytes, options));
  }

  /**
   * The image of a stream in pieces of whole rows, a strip at a time, each as soon as it has proved to be undamaged. Throws as `decode`: what
   * can be told beforehand at once, the rest (`corrupt`, `aborted`) while rows are read.
   */
  async decodeRows(bytes: ByteSource, options: DecodeOptions = {}): Promise<DecodedRows> {
    checkFewOptions(options, decodeKinds, "decode");
    return this.decodeOwn(await readBytes(bytes, "bytes"), options);
  }

  /** As `decodeRows`, of a stream that nobody changes meanwhile, or that `readContainer` has taken apart. @internal */
  async decodeOwn(stream: Uint8Array | ContainerParts, options: DecodeOptions): Promise<DecodedRows> {
    const { kernels, turns, model, planeCells } = this;
    const pacer = new Pacer(options);
    // The progress that is told is that of the strips of the picture.
    const quiet = new Pacer({ signal: options.signal });
    const parts = picturePartsOf(model, stream, options);
    const { width, height, grey, alpha } = parts;
    const rowsOf = (coded: Uint8Array, size: Size, pacer = quiet) => {
      checkPlaneClaim(size, coded);
      return planeRows(kernels, turns, coded, size, planeCells, pacer);
    };
    const mask = alpha && rowsOf(alpha, parts);
    const colours = model.channels === 3 && grey ? 1 : model.channels;
    const shape = { width, height, channels: (mask && colours < 4 ? colours + 1 : colours) as Shape["channels"] };
    const decode = payloadDecoders[parts.payload] as PayloadDecoder;
    const rows = await decode(parts, {
      ...this.coders(!options.bare, pacer),
      ...{ shape, mask, leastBits: this.leastBits, planeRows: rowsOf },
    });
    return { ...shape, rows: pacer.through(rows, mask) };
  }

  protected coders(sealed: boolean, pacer: Pacer) {
    return { levels: this.network.levels, tables: this.tables, sealed, turns: this.turns, pacer };
  }
}
