import type { DecodeOptions, EncodeOptions } from "../codec/codec-options.js";
import type { RestoreOptions } from "../codec/restorer.js";
import type { Encoding } from "../codec/search/targets.js";
import type { ByteSource } from "../ground/byte-source.js";
import { expected } from "../ground/errors.js";
import type { DecodedImage } from "../image/image.js";
import type { PixelSource } from "../image/source.js";
import type {
  ExploreOptions,
  LatentCode,
  LatentSpace,
  LatentTraversal,
  LogLikelihoodOptions,
} from "../latent-space/latent-space.js";
import type { LogLikelihood } from "../latent-space/log-likelihood.js";
import type { Connection } from "./connection.js";
import type { Calls, LatentMethod, LatentResult, ModelFile, OpenedModel, Picture, SentModel } from "./messages.js";
import { portable, portableBytes, portableOptions, portablePictures } from "./portable.js";

export interface TransferOptions {
  /** Hand the memory of the input over instead of copying it; it is empty afterwards. Default false. */
  readonly transfer?: boolean;
}

export type RemoteEncodeOptions = EncodeOptions & TransferOptions;
export type RemoteDecodeOptions = DecodeOptions & TransferOptions;

export type RemoteRestoreOptions = RestoreOptions & TransferOptions;

/** A restorer that works elsewhere. */
export interface RemoteRestorer {
  readonly model: ModelFile;
  restore(image: PixelSource, options?: RemoteRestoreOptions): Promise<DecodedImage>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

/** A latent space that works elsewhere: the calls of `LatentSpace`, and whatever shows pixels for an image. */
export interface RemoteLatentSpace extends Pick<LatentSpace, "hasPrior" | "decode" | "sample"> {
  readonly model: ModelFile;
  encode(image: PixelSource): Promise<LatentCode>;
  interpolate(from: Picture, to: Picture, steps: number, options?: InterpolationOptions): Promise<DecodedImage[]>;
  explore(options?: Omit<ExploreOptions, "image"> & { readonly image?: Picture }): Promise<LatentTraversal[]>;
  logLikelihood(images: readonly PixelSource[], options?: LogLikelihoodOptions): Promise<LogLikelihood[]>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

type InterpolationOptions = NonNullable<Parameters<LatentSpace["interpolate"]>[3]>;

/** A codec that works elsewhere: the calls of `Codec`, and whatever shows pixels for an image. */
export interface RemoteCodec {
  readonly model: ModelFile;
  encode(image: PixelSource, options?: RemoteEncodeOptions): Promise<Uint8Array>;
  encodeTo(image: PixelSource, options?: RemoteEncodeOptions): Promise<Encoding>;
  decode(bytes: ByteSource, options?: RemoteDecodeOptions): Promise<DecodedImage>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

/** What a worker has opened for the page, by its number there. */
class Opened {
  readonly model: ModelFile;

  protected readonly opened: number;

  constructor(
    protected readonly connection: Connection,
    made: OpenedModel,
  ) {
    this.opened = made.opened;
    this.model = modelFile(made.model);
  }

  close(): Promise<void> {
    return this.connection.call("close", { opened: this.opened });
  }
}

export class OneCodec extends Opened implements RemoteCodec {
  async encode(image: PixelSource, options?: RemoteEncodeOptions): Promise<Uint8Array> {
    return (await this.encodeTo(image, options)).bytes;
  }

  async encodeTo(image: PixelSource, options: RemoteEncodeOptions = {}): Promise<Encoding> {
    const { signal, onProgress, transfer, ...rest } = options;
    const sent = await portable(image, transfer, signal);
    const given = { opened: this.opened, image: sent.source, options: portableOptions(rest) };
    return this.connection.call("encode", given, { signal, progress: onProgress }, sent.transfer);
  }

  async decode(source: ByteSource, options: RemoteDecodeOptions = {}): Promise<DecodedImage> {
    const { signal, onProgress, transfer, ...rest } = options;
    const bytes = await portableBytes(source, "bytes", transfer);
    const given = { opened: this.opened, bytes, options: portableOptions(rest) };
    return this.connection.call("decode", given, { signal, progress: onProgress }, [bytes.buffer]);
  }
}

export class OneRestorer extends Opened implements RemoteRestorer {
  async restore(image: PixelSource, options: RemoteRestoreOptions = {}): Promise<DecodedImage> {
    const { signal, onProgress, transfer, ...rest } = options;
    const sent = await portable(image, transfer, signal);
    const given = { opened: this.opened, image: sent.source, options: portableOptions(rest) };
    return this.connection.call("restore", given, { signal, progress: onProgress }, sent.transfer);
  }
}

export class OneLatentSpace extends Opened implements RemoteLatentSpace {
  readonly hasPrior: boolean;

  constructor(connection: Connection, made: Calls["loadLatentSpace"]["returned"]) {
    super(connection, made);
    this.hasPrior = made.hasPrior;
  }

  encode(image: PixelSource): Promise<LatentCode> {
    return this.use("encode", [image]);
  }

  decode(codes: readonly LatentCode[], options: { signal?: AbortSignal } = {}): Promise<DecodedImage[]> {
    return this.use("decode", codes, undefined, options);
  }

  sample(count: number, options: Parameters<LatentSpace["sample"]>[1] = {}): Promise<DecodedImage[]> {
    return this.use("sample", [], count, options);
  }

  interpolate(from: Picture, to: Picture, steps: number, options: InterpolationOptions = {}): Promise<DecodedImage[]> {
    return this.use("interpolate", [from, to], steps, options);
  }

  explore(options: Omit<ExploreOptions, "image"> & { readonly image?: Picture } = {}): Promise<LatentTraversal[]> {
    const { image, ...rest } = options;
    return this.use("explore", image === undefined ? [] : [image], undefined, rest);
  }

  logLikelihood(images: readonly PixelSource[], options: LogLikelihoodOptions = {}): Promise<LogLikelihood[]> {
    return this.use("logLikelihood", images, undefined, options);
  }

  private async use<Method extends LatentMethod>(
    method: Method,
    given: readonly Picture[],
    value?: unknown,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (fraction: number) => void } = {},
  ): Promise<LatentResult<Method>> {
    if (!Array.isArray(given)) throw expected("an array", "pictures or codes", given);
    const { signal, onProgress, ...rest } = options;
    const { pictures, transfer } = await portablePictures(given, signal);
    const asked = { opened: this.opened, method, pictures, value, options: portableOptions(rest) };
    const returned = await this.connection.call("useLatentSpace", asked, { signal, progress: onProgress }, transfer);
    return returned as LatentResult<Method>;
  }
}

/** A model as pages see it. */
export function modelFile({ receiverBytes, ...facts }: SentModel): ModelFile {
  return { ...facts, receiver: () => receiverBytes };
}
