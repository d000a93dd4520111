import { type ByteSource, readBytes } from "../ground/byte-source.js";
import { checkFewOptions } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { collectRows } from "../image/collect-rows.js";
import type { DecodedImage, DecodedRows, Shape } from "../image/image.js";
import { losslessRows } from "../image/lossless-picture.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type Turns, turnsAt } from "../kernels/turns.js";
import type { OpenOptions } from "../models/model-source.js";
import { cellsOf } from "../models/plane-contexts.js";
import { type ReceiverModel, refuseRestoring } from "../models/receiver-model.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { placeTables } from "../models/tables.js";
import { gridSize, type Size } from "../models/tiling.js";
import { type DecodeOptions, decodeKinds } from "./codec-options.js";
import { checkClaim, checkPlaneClaim, leastSymbolBits } from "./latents/claim.js";
import { coverageOf } from "./latents/coverage.js";
import { finishRows } from "./latents/finish-rows.js";
import { decodeStrips } from "./latents/pipeline.js";
import { placesIn } from "./latents/places.js";
import { stripsOf } from "./latents/strips.js";
import { picturePartsOf } from "./picture-parts.js";
import { holdRows } from "./planes/held-rows.js";
import { planeRows } from "./planes/plane.js";
import { splitPalette } from "./planes/plane-palette.js";
import type { ContainerParts } from "./stream/container.js";
import { splitStrips } from "./stream/strip-section.js";

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

  /** A decoder of its own kernel instance. Throws `model-unsuited` for a model that restores. */
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
    const { kernels, turns, network, model, planeCells } = this;
    const pacer = new Pacer(options);
    // The progress that is told is that of the strips of the picture.
    const quiet = new Pacer({ signal: options.signal });
    const parts = picturePartsOf(model, stream, options);
    const { width, height, grey, alpha, plane } = parts;
    const rowsOf = (coded: Uint8Array, size: Size, pacer: Pacer) => {
      checkPlaneClaim(size, coded);
      return planeRows(kernels, turns, coded, size, planeCells, pacer);
    };
    const mask = alpha && rowsOf(alpha, parts, quiet);
    const colours = model.channels === 3 && grey ? 1 : model.channels;
    const shape = { width, height, channels: (mask && colours < 4 ? colours + 1 : colours) as Shape["channels"] };
    if (plane) {
      const { palette, samples } = parts.masked ? splitPalette(plane) : { samples: plane };
      const rows = losslessRows(rowsOf(samples, parts, pacer), mask, shape, palette);
      return { ...shape, rows: pacer.through(rows, mask) };
    }
    const { configuration } = network;
    const grid = gridSize(configuration, parts);
    const section = { masked: parts.masked ?? false, bytes: parts.symbols };
    const strips = splitStrips(section, stripsOf(grid).length, model.latents);
    checkClaim(parts, grid, strips, { latents: model.latents, leastBits: this.leastBits });
    const alphaRows = mask && holdRows(mask, width);
    const places = parts.places && placesIn(parts.places, grid);
    const pieces = decodeStrips(parts, strips, {
      ...this.pipeline(parts.quality, !options.bare, pacer),
      coverage: alphaRows && coverageOf(configuration, parts, () => alphaRows.line(), quiet),
      places: places && {
        ...places,
        steps: (await collectRows({ ...places.blocks, channels: 1, rows: rowsOf(places.plane, places.blocks, quiet) }))
          .data,
      },
    });
    const rows = finishRows(pieces, model.channels, { ...shape, channels: colours }, alphaRows, pacer);
    return { ...shape, rows: pacer.through(rows, mask) };
  }

  protected pipeline(level: number, sealed: boolean, pacer: Pacer) {
    const [latentLevel] = this.network.levels;
    return { entropy: { latentLevel, tables: this.tables, sealed }, turns: this.turns, level, pacer };
  }
}
