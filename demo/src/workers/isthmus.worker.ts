import { expose, transfer } from "comlink";
import {
  bdRate,
  type Codec,
  defaultModel,
  inspect,
  loadCodec,
  Model,
  psnr,
  ssim,
  type TrainProgress,
  train,
} from "isthmus";
import { toImageData, withoutOpaqueAlpha } from "./pixels.js";

/** Codecs by the id of their model. */
const codecs = new Map<string, Promise<Codec>>();
const jobs = new Map<number, AbortController>();

async function codecOf(modelId: string | undefined): Promise<Codec> {
  const id = modelId ?? (await defaultModel()).id;
  const codec = codecs.get(id) ?? (modelId === undefined ? loadCodec() : undefined);
  if (!codec) throw new Error(`Expected a model that this page knows but received ${modelId}`);
  codecs.set(id, codec);
  return codec;
}

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
}

export interface TrainSettings {
  readonly minutes?: number;
  readonly steps?: number;
  readonly fromDefault?: boolean;
  readonly resume?: Uint8Array;
  readonly name?: string;
}

export interface TrainListeners {
  progress(progress: TrainProgress): void;
  snapshot(model: Uint8Array): void;
  checkpoint(bytes: Uint8Array): Promise<void>;
}

const finishing = new AbortController();

const api = {
  cancel: (job: number) => jobs.get(job)?.abort(),

  inspect,

  /** Makes a model known and says what it is. */
  async addModel(bytes: Uint8Array) {
    const model = Model.read(bytes);
    codecs.set(model.id, loadCodec({ model }));
    await codecs.get(model.id);
    return inspect(bytes);
  },

  /** The half of a model that receivers need. */
  receiver: (bytes: Uint8Array) => Model.read(bytes).receiver(),

  /** The id of the model that is built in; loads it. */
  builtIn: async () => (await codecOf(undefined)).model.id,

  encode: (job: number, image: ImageData, settings: EncodeSettings, onProgress?: (fraction: number) => void) =>
    cancellable(job, async (signal) => {
      const { modelId, quality, effort } = settings;
      const codec = await codecOf(modelId);
      const picture = withoutOpaqueAlpha(image);
      const before = performance.now();
      const bytes = await codec.encode(picture, { quality, effort, signal, ...(onProgress && { onProgress }) });
      return { bytes, milliseconds: performance.now() - before };
    }),

  decode: (job: number, bytes: Uint8Array, modelId: string | undefined, maxPixels: number) =>
    cancellable(job, async (signal) => {
      const codec = await codecOf(modelId);
      const before = performance.now();
      const decoded = await codec.decode(bytes, { signal, maxPixels });
      const milliseconds = performance.now() - before;
      const image = toImageData(decoded);
      return transfer({ image, milliseconds }, [image.data.buffer]);
    }),

  score(reference: ImageData, image: ImageData) {
    const left = withoutOpaqueAlpha(reference);
    const right = left.channels === 4 ? { ...image, data: image.data, channels: 4 } : withoutAlpha(image);
    const pair = { width: image.width, height: image.height };
    return { psnr: psnr(left, { ...right, ...pair }), ssim: ssim(left, { ...right, ...pair }) };
  },

  bdRate,

  /** Trains a model and returns its file. `finish` ends it early and in good order; to drop it, end the worker. */
  async train(images: ImageData[], settings: TrainSettings, listeners: TrainListeners) {
    const { fromDefault, ...options } = settings;
    const model = await train(images.map(withoutOpaqueAlpha), {
      ...options,
      ...(fromDefault && { from: await defaultModel() }),
      finish: finishing.signal,
      checkpointSeconds: 10,
      snapshotSeconds: 8,
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
