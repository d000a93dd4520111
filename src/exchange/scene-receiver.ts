import type { Decoder } from "../codec/decoder.js";
import { decodingProducts } from "../codec/decoding-products.js";
import { finishRows } from "../codec/latents/finish-rows.js";
import { splitStrips } from "../codec/latents/strip-section.js";
import { picturePartsOf } from "../codec/picture-parts.js";
import { fresh, readKinds } from "../codec/scenes/cell-kinds.js";
import { checkSceneModel } from "../codec/scenes/scene-coding.js";
import { SceneDecoder } from "../codec/scenes/scene-decoder.js";
import { type ContainerParts, checkPixels, readContainer } from "../codec/stream/container.js";
import type { ByteSource } from "../ground/byte-source.js";
import { hexOf } from "../ground/bytes.js";
import { aborted, expected, IsthmusError, shortageOr, throwIfAborted, unlessAborted } from "../ground/errors.js";
import { limitOf } from "../ground/limits.js";
import { aFunction, anything, aSignal, checkFewOptions, type OptionTable } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { collectRows } from "../image/collect-rows.js";
import type { Channels, DecodedImage } from "../image/image.js";
import { gridSize } from "../models/tiling.js";
import { timeUp, within } from "./deadline.js";
import { mostProducts, Receiver } from "./receiver.js";
import {
  type AreasFrame,
  checksumOf,
  type DeltaFrame,
  type KeyFrame,
  readSceneFrame,
  type SceneFrame,
  writeKeyRequest,
} from "./scene-frame.js";

export interface ReceiveSceneOptions {
  /** Sends a message back to the sender, whose `take` it is for: asks for a key frame where a frame cannot be shown. */
  readonly ask?: ((message: Uint8Array) => void) | undefined;
  /** Milliseconds after which a key frame is asked for again. Default 500. */
  readonly askAgain?: number;
  /**
   * Most pixels of a picture: some 15 bytes are held for each. Default 2^23, or the receiver's own where that is less.
   */
  readonly maxPixels?: number;
  /**
   * Frames that may wait for others to be decoded; those beyond are dropped, and a key frame is asked for. Default 32.
   */
  readonly maxWaiting?: number;
}

/** A picture of a scene. */
export interface SceneImage extends DecodedImage {
  /** Number of its frame. */
  readonly sequence: number;
  /** Milliseconds since the scene began, by the sender's clock. */
  readonly time: number;
}

export interface SceneDecodeOptions {
  /** Ends the work with the error `aborted`; the next frame that can be shown is a key frame then. */
  readonly signal?: AbortSignal | undefined;
}

const receiveKinds: OptionTable<ReceiveSceneOptions> = {
  ask: aFunction,
  askAgain: anything,
  maxPixels: anything,
  maxWaiting: anything,
};
const decodeKinds: OptionTable<SceneDecodeOptions> = { signal: aSignal };

const usualMaxPixels = 8_388_608;
/** Pictures in a row that are not shown because newer frames wait. */
const mostHidden = 3;

/**
 * Receives the frames of a scene, see `sendScene`; limits of the receiver hold.
 * @throws IsthmusError `invalid-parameter`
 */
export function receiveScene(receiver: Receiver, options: ReceiveSceneOptions = {}): SceneReceiver {
  if (!(receiver instanceof Receiver)) throw expected("a Receiver", "receiver", receiver);
  return new SceneReceiver(receiver, checkFewOptions(options, receiveKinds, "receiveScene"));
}

/** The picture of a scene: of latents, or without loss. */
interface Taken {
  readonly decoder: Decoder;
  readonly grey: boolean;
  readonly picture: SceneDecoder | DecodedImage;
}

/** What is known of the scene after a frame. */
interface Scene extends Taken {
  readonly sequence: number;
  readonly checksum: number;
}

/** Shows the frames of a scene. Calls may overlap: frames are decoded in the order in which they were given. */
export class SceneReceiver {
  private readonly maxPixels: number;
  private readonly maxWaiting: number;
  private readonly askAgain: number;
  private scene: Scene | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private hidden = 0;
  /** Number of the newest frame that was taken. */
  private newest = -1;
  private asked = Number.NEGATIVE_INFINITY;

  /** @internal */
  constructor(
    private readonly receiver: Receiver,
    private readonly options: ReceiveSceneOptions,
  ) {
    const {
      maxPixels = Math.min(usualMaxPixels, receiver.limits.maxPixels),
      maxWaiting = 32,
      askAgain = 500,
    } = options;
    this.maxPixels = limitOf("maxPixels", maxPixels);
    for (const [name, value] of Object.entries({ maxWaiting, askAgain })) {
      if (typeof value !== "number" || !(value >= 1)) throw expected("a number of at least 1", name, value);
    }
    this.maxWaiting = maxWaiting;
    this.askAgain = askAgain;
  }

  /**
   * The picture after a frame; undefined where a newer one was shown already, or is about to be.
   * @throws IsthmusError `reference-missing` where the frame is the change of one that was lost: a key frame is asked
   * for, and until it is there all others are refused so. Of damaged frames as `Receiver.decode`; the scene goes on
   * where that is noticed by the frame's checksum
   */
  async decode(frame: ByteSource, options: SceneDecodeOptions = {}): Promise<SceneImage | undefined> {
    const { signal } = checkFewOptions(options, decodeKinds, "decode");
    throwIfAborted(signal);
    if (this.waiting >= this.maxWaiting) {
      this.ask(this.newest + 1);
      return undefined;
    }
    this.waiting++;
    const bytes = this.receiver.bytesOf(frame, signal);
    const result = this.last.then(async () => {
      try {
        return await this.decodeNext(await bytes, signal);
      } catch (error) {
        throw shortageOr(error);
      } finally {
        this.waiting--;
      }
    });
    bytes.catch(() => {});
    this.last = result.catch(() => {});
    return result;
  }

  private async decodeNext(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<SceneImage | undefined> {
    throwIfAborted(signal);
    const frame = readSceneFrame(bytes);
    const begins = frame.kind === "key" && frame.sequence === 0;
    if (frame.sequence <= this.newest && !begins) return undefined;
    const { scene } = this;
    if (frame.kind !== "key" && scene?.checksum !== frame.reference) {
      this.ask(frame.sequence);
      const message = `Expected the frame before frame ${frame.sequence} of the scene but it was lost: it needs a key frame`;
      throw new IsthmusError("reference-missing", message);
    }
    // Until the frame is whole there is no picture that the next one could change.
    this.scene = undefined;
    try {
      const taken = await this.takeFrame(frame, scene, signal);
      this.scene = { ...taken, sequence: frame.sequence, checksum: checksumOf(bytes) };
    } catch (error) {
      this.ask(frame.sequence);
      throw error;
    }
    this.newest = frame.sequence;
    if (frame.kind === "key") this.asked = Number.NEGATIVE_INFINITY;
    // Newer frames wait: their pictures will do, unless there are always more.
    if (this.waiting > 1 && this.hidden < mostHidden) {
      this.hidden++;
      return undefined;
    }
    this.hidden = 0;
    const { sequence, time } = frame;
    return { ...(await this.show(this.scene, signal)), sequence, time };
  }

  private async takeFrame(
    frame: SceneFrame,
    scene: Scene | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Taken> {
    if (frame.kind === "key") return this.takeKey(frame, signal);
    const { decoder, grey, picture } = scene!;
    const isLatents = picture instanceof SceneDecoder;
    if (isLatents !== (frame.kind === "delta")) {
      throw new IsthmusError(
        "corrupt",
        "Expected the change of a picture of the other kind but received that of this one",
      );
    }
    if (frame.kind === "areas") return { decoder, grey, picture: await this.paste(frame, scene!, signal) };
    return this.takeDelta(decoder, grey, picture as SceneDecoder, frame, signal);
  }

  /** The decoder of a key frame, unless its pictures are sure to take too long. */
  private async decoderFor(parts: ContainerParts, signal: AbortSignal | undefined): Promise<Decoder> {
    const { receiver } = this;
    const { decodeTimeout } = receiver.limits;
    const id = hexOf(parts.modelId);
    const opening = receiver.decoders.of(id, () => receiver.open(id));
    const decoder = await unlessAborted(opening, signal);
    if (parts.payload === "latents" && decodingProducts(decoder.model, parts) > decodeTimeout * mostProducts) {
      throw aborted({ reason: timeUp(decodeTimeout) });
    }
    return decoder;
  }

  private async takeKey({ stream }: KeyFrame, signal: AbortSignal | undefined): Promise<Taken> {
    const parts = readContainer(stream, this.maxPixels);
    if (parts.alpha || (parts.payload === "latents" && parts.places)) {
      throw new IsthmusError(
        "corrupt",
        "Expected an opaque picture of one quality for a key frame but received another",
      );
    }
    checkPixels(parts, this.maxPixels);
    const decoder = await this.decoderFor(parts, signal);
    const { configuration } = decoder.model;
    picturePartsOf(decoder.model, parts, {});
    checkSceneModel(configuration);
    const { width, height, grey } = parts;
    if (parts.payload !== "latents") return { decoder, grey, picture: await this.lossless(decoder, parts, signal) };
    const { quality: level, masked = false, symbols } = parts;
    const grid = gridSize(configuration, parts);
    const kinds = new Uint8Array(grid.width * grid.height).fill(fresh);
    const cells = SceneDecoder.newCells(grid, kinds);
    const strips = splitStrips({ masked, bytes: symbols }, cells, configuration.latents, decoder.leastBits);
    const picture = new SceneDecoder(decoder, { width, height });
    await this.within(signal, (pacer) => picture.take({ level, kinds, strips }, pacer));
    return { decoder, picture, grey };
  }

  private async takeDelta(
    decoder: Decoder,
    grey: boolean,
    picture: SceneDecoder,
    { level, masked, cells, symbols }: DeltaFrame,
    signal: AbortSignal | undefined,
  ): Promise<Taken> {
    const { configuration } = decoder.model;
    const grid = gridSize(configuration, picture.size);
    await this.within(signal, async (pacer) => {
      const kinds = await readKinds(decoder, cells, grid, pacer);
      const isEmpty = !kinds.some((kind) => kind !== 0);
      if (isEmpty && (symbols.length || masked)) {
        throw new IsthmusError("corrupt", "Expected no symbols for a frame without new cells but received some");
      }
      const newCells = isEmpty ? [] : SceneDecoder.newCells(grid, kinds);
      const strips = splitStrips({ masked, bytes: symbols }, newCells, configuration.latents, decoder.leastBits);
      await picture.take({ level, kinds, strips }, pacer);
    });
    return { decoder, grey, picture };
  }

  /** The picture with areas in their places; the one before is spoilt. */
  private async paste({ areas }: AreasFrame, { decoder, picture }: Scene, signal: AbortSignal | undefined) {
    const { data, width, height, channels } = picture as DecodedImage;
    let pixels = 0;
    for (const { left, top, stream } of areas) {
      const parts = readContainer(stream, this.maxPixels);
      pixels += parts.width * parts.height;
      if (parts.payload !== "plane" || parts.alpha || left + parts.width > width || top + parts.height > height) {
        throw new IsthmusError("corrupt", "Expected a lossless part of the picture for an area but received another");
      }
      if (pixels > width * height)
        throw new IsthmusError("corrupt", "The areas of the frame are larger than its picture");
      const area = await this.lossless(decoder, parts, signal);
      if (area.channels !== channels) throw new IsthmusError("corrupt", "An area has other channels than its picture");
      for (let y = 0; y < area.height; y++) {
        const row = area.data.subarray(y * area.width * channels, (y + 1) * area.width * channels);
        data.set(row, ((top + y) * width + left) * channels);
      }
    }
    return picture;
  }

  private lossless(decoder: Decoder, parts: ContainerParts, signal: AbortSignal | undefined): Promise<DecodedImage> {
    return within(this.receiver.limits.decodeTimeout, signal, async (signal) =>
      collectRows(await decoder.decodeOwn(parts, { maxPixels: this.maxPixels, signal })),
    );
  }

  private show({ decoder, picture, grey }: Scene, signal: AbortSignal | undefined): Promise<DecodedImage> {
    if (!(picture instanceof SceneDecoder)) return Promise.resolve({ ...picture, data: picture.data.slice() });
    const { channels: made } = decoder.model;
    const shape = { ...picture.size, channels: (grey ? 1 : made) as Channels };
    return this.within(signal, async (pacer) => {
      const pixels = await picture.picture(pacer);
      if (made === shape.channels) return { ...shape, data: pixels.slice() };
      const pieces = (async function* () {
        yield pixels;
      })();
      return collectRows({ ...shape, rows: finishRows(pieces, made, shape, undefined, pacer) });
    });
  }

  /** Work within the receiver's time for a frame. */
  private within<Result>(signal: AbortSignal | undefined, work: (pacer: Pacer) => Promise<Result>): Promise<Result> {
    return within(this.receiver.limits.decodeTimeout, signal, (signal) => work(new Pacer({ signal })));
  }

  /** Asks for a key frame later than a frame, not too often. */
  private ask(sequence: number): void {
    const now = performance.now();
    if (now - this.asked < this.askAgain) return;
    this.asked = now;
    this.options.ask?.(writeKeyRequest(sequence));
  }
}
