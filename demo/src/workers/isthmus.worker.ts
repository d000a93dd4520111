import { expose, transfer } from "comlink";
import {
  bdRate,
  type Codec,
  type Image,
  type Importance,
  type InterpolationMode,
  inspect,
  type LatentSpace,
  loadCodec,
  loadLatentSpace,
  Model,
  parentModels,
  psnr,
  ssim,
  ssimulacra2,
  type TrainProgress,
  train,
} from "isthmus";
import { loadOnce } from "./load-once.js";
import { receiversHalf, wholeModel } from "./photo-model.js";
import { toImageData, withoutOpaqueAlpha } from "./pixels.js";

/** Codecs by the id of their model. */
const codecs = new Map<string, Codec>();
const photoCodec = loadOnce(async () => loadCodec({ model: await wholeModel() }));
const photoDecoder = loadOnce(async () => loadCodec({ model: await receiversHalf() }));
/** Latents that are looked into, by the id of their model. */
const spaces = new Map<string, LatentSpace>();
const jobs = new Map<number, AbortController>();

/** The codec of a model that was made known; without an id, of the photo model. */
async function codecOf(modelId: string | undefined): Promise<Codec> {
  if (modelId === undefined) return photoCodec();
  const codec = codecs.get(modelId);
  if (!codec) throw new Error(`Expected a model that this page knows but received ${modelId}`);
  return codec;
}

/** What decodes a model's streams: of the photo model, its receiver's half does. */
const decoderOf = (modelId: string | undefined): Promise<Codec> =>
  modelId === undefined ? photoDecoder() : codecOf(modelId);

function spaceOf(modelId: string): LatentSpace {
  const space = spaces.get(modelId);
  if (!space) throw new Error(`Expected a model whose latents are open but received ${modelId}`);
  return space;
}

const handOver = (images: readonly Image[]): ImageData[] => {
  const pictures = images.map(toImageData);
  return transfer(
    pictures,
    pictures.map(({ data }) => data.buffer),
  );
};

/** Runs work that `cancel` can end. */
async function cancellable<Result>(job: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  jobs.set(job, controller);
  try {
    return await work(controller.signal);
  } finally {
    jobs.delete(job);
  }
}

export interface EncodeSettings {
  readonly modelId?: string | undefined;
  readonly quality: number;
  readonly effort: number;
  readonly importance?: Importance | undefined;
}

export interface TrainSettings {
  readonly minutes?: number;
  readonly steps?: number;
  readonly fromDefault?: boolean;
  readonly preset?: "variational";
  readonly latents?: number;
  readonly hidden?: readonly number[];
  readonly learningRate?: number;
  readonly snapshotSeconds?: number;
  readonly resume?: Uint8Array;
  readonly name?: string;
}

export interface TrainListeners {
  progress(progress: TrainProgress): void;
  snapshot(model: Uint8Array): void;
  checkpoint(bytes: Uint8Array): Promise<void>;
}

const finishing = new AbortController();

/** Own models of photos are differences to the photo model. */
const openModel = (bytes: Uint8Array): Promise<Model> => Model.open(bytes, { parents: parentModels(wholeModel) });

const api = {
  cancel: (job: number) => jobs.get(job)?.abort(),

  inspect: (bytes: Uint8Array) => inspect(bytes),

  /** Makes a model known and says what it is. */
  async addModel(bytes: Uint8Array) {
    const model = await openModel(bytes);
    codecs.set(model.id, await loadCodec({ model }));
    return inspect(bytes);
  },

  /** The half of a model that receivers need. */
  receiver: async (bytes: Uint8Array) => (await openModel(bytes)).receiver(),

  /** The id of the photo model; loads what decodes its streams. */
  builtIn: async () => (await decoderOf(undefined)).model.id,

  encode: (job: number, image: ImageData, settings: EncodeSettings, onProgress?: (fraction: number) => void) =>
    cancellable(job, async (signal) => {
      const { modelId, quality, effort, importance } = settings;
      const codec = await codecOf(modelId);
      const picture = withoutOpaqueAlpha(image);
      const before = performance.now();
      const bytes = await codec.encode(picture, {
        quality,
        effort,
        signal,
        ...(importance && { importance }),
        ...(onProgress && { onProgress }),
      });
      return { bytes, milliseconds: performance.now() - before };
    }),

  decode: (job: number, bytes: Uint8Array, modelId: string | undefined, maxPixels: number) =>
    cancellable(job, async (signal) => {
      const decoder = await decoderOf(modelId);
      const before = performance.now();
      const decoded = await decoder.decode(bytes, { signal, maxPixels });
      const milliseconds = performance.now() - before;
      const image = toImageData(decoded);
      return transfer({ image, milliseconds }, [image.data.buffer]);
    }),

  /** Without a SSIMULACRA 2 where a side is below 8 pixels. */
  async score(reference: ImageData, image: ImageData) {
    const left = withoutOpaqueAlpha(reference);
    const { data, width, height } = image;
    const right: Image = left.channels === 4 ? { data, width, height, channels: 4 } : withoutAlpha(image);
    return {
      ssimulacra2: Math.min(width, height) < 8 ? undefined : await ssimulacra2(left, right),
      psnr: psnr(left, right),
      ssim: ssim(left, right),
    };
  },

  bdRate,

  /** Opens the latents of a model of pictures of one size; its id names them from then on. */
  async openLatentSpace(bytes: Uint8Array) {
    const space = await loadLatentSpace({ model: bytes });
    spaces.set(space.model.id, space);
    return space.model.id;
  },

  closeLatentSpace: (modelId: string) => void spaces.delete(modelId),

  sample: async (modelId: string, count: number, seed: number) =>
    handOver(await spaceOf(modelId).sample(count, { seed })),

  /** The most influential latents, with pictures along each. */
  async knobs(modelId: string, count: number) {
    const space = spaceOf(modelId);
    const traversals = await space.explore({ steps: 7 });
    const knobs = traversals.slice(0, count).map(({ latent, images }) => ({ latent, images: images.map(toImageData) }));
    return { latents: space.model.latents, knobs };
  },

  /** Pictures on the way from one to another. */
  async path(modelId: string, from: ImageData, to: ImageData, steps: number, mode: InterpolationMode) {
    const [first, last] = [from, to].map(withoutOpaqueAlpha);
    return handOver(await spaceOf(modelId).interpolate(first, last, steps, { mode }));
  },

  pictureOf: async (modelId: string, values: Float32Array) =>
    handOver(await spaceOf(modelId).decode([{ modelId, values }]))[0],

  /** Trains a model and returns its file. `finish` ends it early and in good order; to drop it, end the worker. */
  async train(images: ImageData[], settings: TrainSettings, listeners: TrainListeners) {
    const { fromDefault, ...options } = settings;
    const model = await train(images.map(withoutOpaqueAlpha), {
      snapshotSeconds: 8,
      ...options,
      from: fromDefault ? Model.read(await wholeModel()) : null,
      finish: finishing.signal,
      checkpointSeconds: 10,
      onProgress: (progress) => listeners.progress(progress),
      onSnapshot: (snapshot) => listeners.snapshot(snapshot.bytes),
      onCheckpoint: (bytes) => listeners.checkpoint(bytes),
    });
    return model.bytes;
  },

  finish: () => finishing.abort(),
};

function withoutAlpha({ data, width, height }: ImageData) {
  const opaque = new ImageData(Uint8ClampedArray.from(data), width, height);
  for (let i = 3; i < opaque.data.length; i += 4) opaque.data[i] = 255;
  return withoutOpaqueAlpha(opaque);
}

export type IsthmusApi = typeof api;

expose(api);
