import type { DecodeOptions } from "../codec/codec-options.js";
import { createDecoder } from "../codec/create-decoder.js";
import type { Decoder } from "../codec/decoder.js";
import { decodingProducts } from "../codec/decoding-products.js";
import { type ContainerParts, checkPixels, readContainer, readHeadParts } from "../codec/stream/container.js";
import { type ByteSource, viewOf } from "../ground/byte-source.js";
import { hexOf } from "../ground/bytes.js";
import { aborted, expected, IsthmusError, throwIfAborted, unlessAborted } from "../ground/errors.js";
import { limitOf, type ModelLimits } from "../ground/limits.js";
import { aFunction, anObject, anything, aSignal, checkFewOptions, type OptionTable } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { collectRows } from "../image/collect-rows.js";
import type { DecodedImage } from "../image/image.js";
import type { ModelSource } from "../models/model-source.js";
import { longestChain, type Opening, type ParentModels } from "../models/parents.js";
import { ReceiverModel } from "../models/receiver-model.js";
import { timeUp, within } from "./deadline.js";
import { Decoders } from "./decoders.js";
import { itemsOf, type Sequence } from "./frames.js";
import { limitedBytes } from "./limited-bytes.js";

/** A model file, or whatever it comes in. */
export type ResolvedModel = ModelSource;

/** Where model files are kept between visits or runs: `modelCache` of `isthmus/browser`, `modelFolder` of `isthmus/node`, or your own. */
export interface ModelStore {
  /** The file of a model by its id (16 hexadecimal digits); undefined where it is not there. */
  get(id: string): Promise<Uint8Array | undefined>;
  set(id: string, file: Uint8Array): Promise<void>;
}

export interface ReceiverOptions extends ModelLimits {
  /**
   * Finds the model of an id (16 hexadecimal digits): the receiver's half will do. Nothing means that there is none. The signal, for `fetch`, is raised when the
   * time is up.
   */
  readonly resolveModel: (
    id: string,
    signal: AbortSignal,
  ) => ResolvedModel | undefined | Promise<ResolvedModel | undefined>;
  /** What opens models that are stored as differences to others: see `parentModels`. Parents that it does not know are looked for as models are. Default: such models are refused. */
  readonly parents?: ParentModels | undefined;
  /** Asked before `resolveModel`, and given what that finds. One that fails or hangs is done without. */
  readonly store?: ModelStore;
  /** Models that stay ready to decode; the one that was used longest ago makes room. 1 .. 1024, default 4. */
  readonly maxModels?: number;
  /** Keeps the decoders instead, for several receivers together. */
  readonly decoders?: Decoders;
  /** Longest frame, in bytes. Default 2^26. */
  readonly maxFrameBytes?: number;
  /** Most pixels of an image, where `decode` is not asked for another limit. Default 2^26. */
  readonly maxPixels?: number;
  /** Milliseconds that finding and opening a model may take. Default 30,000. */
  readonly modelTimeout?: number;
  /** Milliseconds that decoding a frame may take, once its model is there. What is sure to take longer (see `decodingProducts`) is not begun. Default 120,000. */
  readonly decodeTimeout?: number;
}

export type ReceiveOptions = Omit<DecodeOptions, "bare">;

const receiverKinds: OptionTable<ReceiverOptions> = {
  resolveModel: aFunction,
  store: anObject,
  parents: anything,
  maxModels: anything,
  decoders: anObject,
  maxModelBytes: anything,
  maxMemory: anything,
  maxFrameBytes: anything,
  maxPixels: anything,
  modelTimeout: anything,
  decodeTimeout: anything,
};
const receiveKinds: OptionTable<ReceiveOptions> = { maxPixels: anything, signal: aSignal, onProgress: aFunction };

/** How models are opened that are looked for by their ids. */
interface FinderOpening extends Opening {
  readonly elsewhere: (id: string) => Promise<ReceiverModel | Uint8Array | undefined>;
}

/** Multiplications that no core makes in a millisecond: what would take more of them is not begun. */
export const mostProducts = 137_438_953;

/** Milliseconds that a store may take: it is there to save time. */
const storeTimeout = 2000;

/** A receiver of frames whose models it finds by the ids that they carry. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { resolveModel, maxModels = 4 } = checkFewOptions(options, receiverKinds, "createReceiver");
  if (typeof resolveModel !== "function") throw expected("a function", "resolveModel", resolveModel);
  if (!Number.isInteger(maxModels) || maxModels < 1 || maxModels > 1024) {
    throw expected("an integer between 1 and 1024", "maxModels", maxModels);
  }
  return new Receiver(options, options.decoders ?? new Decoders(maxModels));
}

/** Decodes frames. Each model is looked for once, whatever the number of frames that wait for it, and checked against the id that asked for it. */
export class Receiver {
  /** @internal */
  readonly limits: Readonly<Record<"maxFrameBytes" | "maxPixels" | "modelTimeout" | "decodeTimeout", number>>;

  /** @internal */
  constructor(
    private readonly options: ReceiverOptions,
    /** @internal */
    readonly decoders: Decoders,
  ) {
    const limit = (name: keyof Receiver["limits"], usual?: number): number => limitOf(name, options[name], usual);
    this.limits = {
      maxFrameBytes: limit("maxFrameBytes"),
      maxPixels: limit("maxPixels", 2 ** 26),
      modelTimeout: limit("modelTimeout", 30_000),
      decodeTimeout: limit("decodeTimeout", 120_000),
    };
  }

  /**
   * The image of a frame.
   * @throws IsthmusError as `Codec.decode` (`aborted` also where decoding takes longer than `decodeTimeout`), `corrupt` for a frame beyond `maxFrameBytes`,
   * `model-missing` where the model cannot be had (`cause` says why; the next frame asks again), or `model-mismatch` where another one was found
   */
  async decode(frame: ByteSource, options: ReceiveOptions = {}): Promise<DecodedImage> {
    const { signal, maxPixels } = this.checked(options);
    let coming: Promise<Decoder> | undefined;
    const bytes = await this.bytesOf(frame, signal, (head) => {
      coming = this.expect(head, maxPixels);
    });
    return this.decodeOwn(readContainer(bytes, maxPixels), options, coming);
  }

  /**
   * The decoder of a frame whose head has arrived: its model is looked for while the rest is on its way. Throws what a head may be refused for. @internal
   */
  expect(head: Uint8Array, maxPixels: number): Promise<Decoder> {
    return this.decoderOf(readHeadParts(head, maxPixels).model as Uint8Array);
  }

  private decoderOf(modelId: Uint8Array): Promise<Decoder> {
    const id = hexOf(modelId);
    return this.decoders.of(id, () => this.open(id));
  }

  private checked(options: ReceiveOptions): Pick<ReceiveOptions, "signal"> & { readonly maxPixels: number } {
    const { signal, maxPixels } = checkFewOptions(options, receiveKinds, "decode");
    throwIfAborted(signal);
    return { signal, maxPixels: limitOf("maxPixels", maxPixels, this.limits.maxPixels) };
  }

  /** As `decode`, of a frame that `readContainer` has taken apart, and its decoder where that was expected. @internal */
  async decodeOwn(
    parts: ContainerParts,
    options: ReceiveOptions,
    coming?: Promise<Decoder> | undefined,
  ): Promise<DecodedImage> {
    const { signal, maxPixels } = this.checked(options);
    checkPixels(parts, maxPixels);
    const decoder = await unlessAborted(coming ?? this.decoderOf(parts.modelId), signal);
    const { decodeTimeout } = this.limits;
    if (parts.payload === "latents" && decodingProducts(decoder.model, parts) > decodeTimeout * mostProducts) {
      throw aborted({ reason: timeUp(decodeTimeout) });
    }
    return within(decodeTimeout, signal, async (signal) =>
      collectRows(await decoder.decodeOwn(parts, { ...options, maxPixels, signal })),
    );
  }

  /** The images of frames, each decoded when it is asked for, so that a slow viewer holds up the source. An error ends the sequence and closes the source. */
  async *images(frames: Sequence<ByteSource>, options: ReceiveOptions = {}): AsyncGenerator<DecodedImage, void, void> {
    checkFewOptions(options, receiveKinds, "images");
    const pacer = new Pacer(options);
    for await (const frame of itemsOf(frames, options.signal)) {
      yield await this.decode(frame, options);
      if (pacer.isDue) await pacer.breathe();
    }
  }

  /** The bytes of a frame, nobody else's. `onHead`: see `limitedBytes`. @internal */
  async bytesOf(
    frame: ByteSource,
    signal: AbortSignal | undefined,
    onHead?: (head: Uint8Array) => void,
  ): Promise<Uint8Array> {
    const { maxFrameBytes, decodeTimeout } = this.limits;
    const tooLong = () =>
      new IsthmusError("corrupt", `Expected at most ${maxFrameBytes} bytes for a frame but received more`);
    const view = viewOf(frame);
    if (view) {
      if (view.length > maxFrameBytes) throw tooLong();
      return view.slice();
    }
    try {
      const read = (signal: AbortSignal) => limitedBytes(frame, maxFrameBytes, "frame", signal, tooLong, onHead);
      return await within(decodeTimeout, signal, read);
    } catch (cause) {
      if (cause instanceof IsthmusError) throw cause;
      throw new IsthmusError("invalid-parameter", `Expected a frame but ${messageOf(cause)}`, { cause });
    }
  }

  /** Finds and opens a model within the time that is allowed. @internal */
  async open(id: string): Promise<Decoder> {
    const missing = (cause: unknown) =>
      new IsthmusError("model-missing", `Could not get model ${id}, which the frame needs: ${messageOf(cause)}`, {
        cause,
      });
    try {
      return await within(this.limits.modelTimeout, undefined, async (signal) => {
        const found = new Set<string>();
        const opening = this.opening(found, signal);
        let model = await opening.elsewhere(id).catch((cause) => {
          throw missing(cause);
        });
        if (!model) throw new IsthmusError("model-missing", `There is no model ${id}, which the frame needs`);
        if (!(model instanceof ReceiverModel)) model = await ReceiverModel.open(model, opening, true);
        if (model.id !== id) {
          const message = `Expected model ${id} from resolveModel but received model ${model.id}`;
          throw new IsthmusError("model-mismatch", message);
        }
        for (let kept: ReceiverModel | undefined = model; kept; kept = kept.parent) {
          const { id } = kept;
          const file = found.has(id) && kept.receiver();
          // A store that is full, forbidden or stuck costs another request next time, not the picture.
          if (file) await within(storeTimeout, signal, () => this.options.store?.set(id, file)).catch(() => {});
        }
        return createDecoder(model, opening);
      });
    } catch (error) {
      const isLate = error instanceof IsthmusError && error.code === "aborted";
      throw isLate ? missing(error.cause) : error;
    }
  }

  /** How models are opened: they and their parents come from the same places. `found`: the ids of those that `resolveModel` gave. */
  private opening(found: Set<string>, signal: AbortSignal, depth = 0): FinderOpening {
    const { parents, resolveModel, maxModelBytes, maxMemory } = this.options;
    const elsewhere = async (id: string): Promise<ReceiverModel | Uint8Array | undefined> => {
      const kept = depth < longestChain && (await this.stored(id, this.opening(found, signal, depth + 1)));
      if (kept) return kept;
      const resolved = await resolveModel(id, signal);
      if (!resolved) return;
      found.add(id);
      if (resolved instanceof ReceiverModel) return resolved;
      const bytes = viewOf((resolved as { bytes?: unknown }).bytes) ?? (resolved as ByteSource);
      return limitedBytes(bytes, limitOf("maxModelBytes", maxModelBytes), "model", signal);
    };
    return { maxModelBytes, maxMemory, parents, signal, elsewhere };
  }

  /** The model in the store, unless the file was damaged or is another's, or the store fails. */
  private async stored(id: string, opening: Opening): Promise<ReceiverModel | undefined> {
    const { store } = this.options;
    try {
      const file = await within(storeTimeout, opening.signal, () => store?.get(id));
      const model = file && (await ReceiverModel.open(file, opening));
      return model?.id === id ? model : undefined;
    } catch {
      return undefined;
    }
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
