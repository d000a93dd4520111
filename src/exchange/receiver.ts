import { type ByteSource, readBytes } from "../byte-source.js";
import { concatenate, hexOf } from "../bytes.js";
import { type ContainerParts, readContainer } from "../codec/container.js";
import { createDecoder } from "../codec/create-decoder.js";
import type { Decoder } from "../codec/decoder.js";
import type { DecodeOptions } from "../codec/options.js";
import { expected, IsthmusError, throwIfAborted, unlessAborted } from "../errors.js";
import { collectRows } from "../image/collect-rows.js";
import type { DecodedImage } from "../image/image.js";
import { isA } from "../image/source.js";
import { limitOf, type ModelLimits } from "../limits.js";
import { type ModelSource, readModel } from "../models/model-source.js";
import { ReceiverModel } from "../models/receiver-model.js";
import { aFunction, anObject, anything, aSignal, checkFewOptions, type OptionTable } from "../options.js";
import { itemsOf, type Sequence } from "./frames.js";

/** A model file, or whatever it comes in. */
export type ResolvedModel = ModelSource;

/** Where model files are kept between visits or runs: `modelCache` of `isthmus/browser`, `modelFolder` of `isthmus/node`, or your own. */
export interface ModelStore {
  /** The file of a model by its id (16 hexadecimal digits); undefined where it is not there. */
  get(id: string): Promise<Uint8Array | undefined>;
  set(id: string, file: Uint8Array): Promise<void>;
}

export interface ReceiverOptions extends ModelLimits {
  /** Finds the model of an id (16 hexadecimal digits): the receiver's half will do. Nothing means that there is none. */
  readonly resolveModel: (id: string) => ResolvedModel | undefined | Promise<ResolvedModel | undefined>;
  /** Asked before `resolveModel`, and given what that finds. */
  readonly store?: ModelStore;
  /** Models that stay ready to decode; the one that was used longest ago makes room. 1 .. 1024, default 4. */
  readonly maxModels?: number;
}

export type ReceiveOptions = Omit<DecodeOptions, "bare">;

const receiverKinds: OptionTable<ReceiverOptions> = {
  resolveModel: aFunction,
  store: anObject,
  maxModels: anything,
  maxModelBytes: anything,
  maxMemory: anything,
};
const receiveKinds: OptionTable<ReceiveOptions> = { maxPixels: anything, signal: aSignal, onProgress: aFunction };

/** A receiver of frames whose models it finds by the ids that they carry. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { resolveModel, maxModels = 4 } = checkFewOptions(options, receiverKinds, "createReceiver");
  if (typeof resolveModel !== "function") throw expected("a function", "resolveModel", resolveModel);
  if (!Number.isInteger(maxModels) || maxModels < 1 || maxModels > 1024) {
    throw expected("an integer between 1 and 1024", "maxModels", maxModels);
  }
  return new Receiver(options, maxModels);
}

/** Decodes frames. Each model is looked for once, whatever the number of frames that wait for it, and checked against the id that asked for it. */
export class Receiver {
  /** By id, the one that was used longest ago first. */
  private readonly decoders = new Map<string, Promise<Decoder>>();

  constructor(
    private readonly options: ReceiverOptions,
    private readonly maxModels: number,
  ) {}

  /**
   * The image of a frame.
   * @throws IsthmusError as `Codec.decode`, `model-missing` where the model cannot be had (`cause` says why; the next frame asks again), or
   * `model-mismatch` where another one was found
   */
  async decode(frame: ByteSource, options: ReceiveOptions = {}): Promise<DecodedImage> {
    return this.decodeOwn(readContainer(await readBytes(frame, "frame"), options.maxPixels), options);
  }

  /** As `decode`, of a frame that `readContainer` has taken apart. @internal */
  async decodeOwn(parts: ContainerParts, options: ReceiveOptions): Promise<DecodedImage> {
    const { signal } = checkFewOptions(options, receiveKinds, "decode");
    throwIfAborted(signal);
    const decoder = await unlessAborted(this.decoderOf(hexOf(parts.modelId)), signal);
    return collectRows(await decoder.decodeOwn(parts, options));
  }

  /** The images of frames, each decoded when it is asked for, so that a slow viewer holds up the source. An error ends the sequence and closes the source. */
  async *images(frames: Sequence<ByteSource>, options: ReceiveOptions = {}): AsyncGenerator<DecodedImage, void, void> {
    for await (const frame of itemsOf(frames)) yield await this.decode(frame, options);
  }

  private decoderOf(id: string): Promise<Decoder> {
    const decoder = this.decoders.get(id) ?? this.open(id);
    this.decoders.delete(id);
    this.decoders.set(id, decoder);
    for (const oldest of this.decoders.keys()) {
      if (this.decoders.size <= this.maxModels) break;
      this.decoders.delete(oldest);
    }
    // What failed may succeed when the next frame asks.
    decoder.catch(() => this.decoders.get(id) === decoder && this.decoders.delete(id));
    return decoder;
  }

  private async open(id: string): Promise<Decoder> {
    const { store } = this.options;
    const stored = await store?.get(id).catch(() => undefined);
    const known = stored && (await openAs(id, stored, this.options));
    if (known) return createDecoder(known, this.options);
    const model = await this.resolve(id);
    if (model.id !== id) {
      throw new IsthmusError("model-mismatch", `Expected model ${id} from resolveModel but received model ${model.id}`);
    }
    // A store that is full or forbidden costs another request next time, not the picture.
    await store?.set(id, model.receiver()).catch(() => {});
    return createDecoder(model, this.options);
  }

  private async resolve(id: string): Promise<ReceiverModel> {
    let found: ReceiverModel | Uint8Array | undefined;
    try {
      const resolved = await this.options.resolveModel(id);
      found =
        resolved instanceof ReceiverModel || resolved === undefined
          ? resolved
          : await fileOf(resolved, limitOf("maxModelBytes", this.options.maxModelBytes));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new IsthmusError("model-missing", `Could not get model ${id}, which the frame needs: ${reason}`, { cause });
    }
    if (found === undefined) throw new IsthmusError("model-missing", `There is no model ${id}, which the frame needs`);
    return found instanceof ReceiverModel ? found : ReceiverModel.open(found, this.options);
  }
}

/** The bytes of what was found. An answer is read as far as the limit allows, whatever it says of its length. */
async function fileOf(found: ModelSource, maxModelBytes: number): Promise<Uint8Array> {
  const { ok, status, statusText, body } = found as Response;
  if (!isA(found, "Response") || !ok || !body) {
    if (ok === false) throw new Error(`the answer was ${status} ${statusText}`.trim());
    return readModel(found);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of itemsOf(body)) {
    length += piece.length;
    if (length > maxModelBytes) throw new Error(`the answer is longer than ${maxModelBytes} bytes`);
    pieces.push(piece);
  }
  return concatenate(pieces);
}

/** The stored model, unless the file was damaged or is another's. */
async function openAs(id: string, file: Uint8Array, limits: ModelLimits): Promise<ReceiverModel | undefined> {
  try {
    const model = await ReceiverModel.open(file, limits);
    return model.id === id ? model : undefined;
  } catch {
    return undefined;
  }
}
