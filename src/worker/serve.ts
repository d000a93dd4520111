import { Codec } from "../codec/codec.js";
import { encodeKinds } from "../codec/codec-options.js";
import { inspectSlowly } from "../codec/inspect.js";
import { Restorer } from "../codec/restorer.js";
import { IsthmusError } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import { checkOptions } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import type { Image } from "../image/image.js";
import { msSsim } from "../image/ms-ssim.js";
import { psnr } from "../image/psnr.js";
import type { PixelSource } from "../image/source.js";
import { ssim } from "../image/ssim.js";
import type { LatentCode, LatentSpace } from "../latent-space/latent-space.js";
import { ssimulacra2 } from "../metric/ssimulacra2.js";
import { defaultModel } from "../models/default-model.js";
import type { Model } from "../models/model.js";
import { parentModels } from "../models/parents.js";
import type { TrainProgress } from "../training/train-options.js";
import {
  type Answer,
  type CallName,
  type Calls,
  type Metric,
  type Picture,
  type Port,
  type Request,
  type SentModel,
  signalNames,
} from "./messages.js";

/** What only some pages ask for is loaded when it is asked for, so that others never wait for it. */
const forTraining = () => import("./train-here.js");
const forLatentSpaces = () => import("./latent-methods.js");

/** Pixels of what a page sends, as far as this engine can read them. */
export type ReadSource = (
  source: PixelSource,
  options: { maxPixels?: number | undefined; signal: AbortSignal },
) => Promise<Image>;

interface Reporters {
  readonly signal: AbortSignal;
  readonly finish: AbortSignal;
  readonly lost: AbortSignal;
  readonly onProgress?: ((progress: number | TrainProgress) => void) | undefined;
  readonly onWarning?: (message: string) => void;
  readonly onCheckpoint?: (bytes: Uint8Array) => void;
  readonly onSnapshot?: (model: Model) => Promise<void>;
}

/** A call between its first message and its answer. */
class OpenCall {
  readonly abort = new AbortController();
  readonly finish = new AbortController();
  readonly lost = new AbortController();
  readonly training: PixelSource[] = [];
  readonly validation: PixelSource[] = [];
  running = false;
}

/** What a page may have opened. */
interface Things {
  readonly codec: Codec;
  readonly restorer: Restorer;
  readonly "latent space": LatentSpace;
}

/** What a page has opened here, by number. */
class Kept {
  private readonly things = new Map<number, Things[keyof Things]>();
  private last = 0;

  /** Keeps a thing and says how the page names it. */
  async add<Thing extends Things[keyof Things]>(thing: Thing, signal: AbortSignal) {
    const model = await sentModel(thing.model, signal);
    this.things.set(++this.last, thing);
    return { opened: this.last, model };
  }

  /** Throws `invalid-parameter` for what was closed. */
  get<Kind extends keyof Things>(kind: Kind, number: number): Things[Kind] {
    const found = this.things.get(number);
    if (found) return found as Things[Kind];
    throw new IsthmusError("invalid-parameter", `Expected an open ${kind} but received one that was closed`);
  }

  drop(number: number): void {
    this.things.delete(number);
  }
}

const isCode = (picture: Picture): picture is LatentCode =>
  typeof picture === "object" && picture !== null && "modelId" in picture;

const metrics: { readonly [Name in Metric]: typeof ssimulacra2 | typeof psnr } = { ssimulacra2, psnr, ssim, msSsim };

/** Answers the calls that arrive at a port, several at a time: the work itself takes turns and lets messages in between. */
export function serve(port: Port, readSource: ReadSource): void {
  const open = new Map<number, OpenCall>();
  const kept = new Kept();

  /** Pixels of what was sent, which is nobody else's. */
  const pixelsOf: ReadSource = async (source, options) => {
    try {
      return await readSource(source, options);
    } finally {
      if (isA(source, "ImageBitmap", "VideoFrame")) (source as ImageBitmap).close();
    }
  };

  const allOf = async (pictures: readonly Picture[], signal: AbortSignal): Promise<(Image | LatentCode)[]> => {
    const read: (Image | LatentCode)[] = [];
    for (const picture of pictures) read.push(isCode(picture) ? picture : await pixelsOf(picture, { signal }));
    return read;
  };

  const answers: {
    [Name in CallName]: (
      given: Calls[Name]["given"],
      to: Reporters,
      call: OpenCall,
    ) => Promise<Calls[Name]["returned"]>;
  } = {
    async loadCodec({ model, parents, limits }, { signal }) {
      const opening = { ...limits, parents: parentModels(parents), signal };
      return kept.add(await Codec.create(model ?? (await defaultModel()), opening), signal);
    },
    async encode({ opened, image, options }, { signal, onProgress }) {
      checkOptions(options, encodeKinds, "encode");
      const pixels = await pixelsOf(image, { maxPixels: options.maxPixels, signal });
      return kept.get("codec", opened).encodeOwn(pixels, { ...options, signal, onProgress });
    },
    decode: async ({ opened, bytes, options }, { signal, onProgress }) =>
      kept.get("codec", opened).decode(bytes, { ...options, signal, onProgress }),
    inspect: ({ bytes, limits }, { signal }) => inspectSlowly(bytes, { ...limits, signal }),
    async measure({ metric, pictures }, { signal, onProgress }) {
      const [original, image] = await allOf(pictures, signal);
      return metrics[metric](original as Image, image as Image, { signal, onProgress });
    },
    async createRestorer({ model, parents, limits }, { signal }) {
      const opening = { ...limits, parents: parentModels(parents), signal };
      return kept.add(await Restorer.create(model, opening), signal);
    },
    async restore({ opened, image, options }, { signal, onProgress }) {
      const pixels = await pixelsOf(image, { maxPixels: options.maxPixels, signal });
      return kept.get("restorer", opened).restore(pixels, { ...options, signal, ...(onProgress && { onProgress }) });
    },
    async loadLatentSpace({ model, parents, limits }, { signal }) {
      const { openLatentSpace } = await forLatentSpaces();
      const space = await openLatentSpace(model, { ...limits, parents: parentModels(parents), signal });
      return { ...(await kept.add(space, signal)), hasPrior: space.hasPrior };
    },
    async useLatentSpace({ opened, method, pictures, value, options }, { signal, onProgress }) {
      const read = await allOf(pictures, signal);
      // Not all of them take both.
      const heard = { ...(method !== "encode" && { signal }), ...(onProgress && { onProgress }) };
      const { latentMethods } = await forLatentSpaces();
      return latentMethods[method](kept.get("latent space", opened), read, value, { ...options, ...heard });
    },
    async close({ opened }) {
      kept.drop(opened);
    },
    async train(given, reporters, { training, validation }) {
      const { signal } = reporters;
      const read = async (sources: PixelSource[]): Promise<Image[]> => {
        const images: Image[] = [];
        for (const source of sources.splice(0)) images.push(await pixelsOf(source, { signal }));
        return images;
      };
      const images = await read(training);
      const others = validation.length > 0 ? { validation: await read(validation) } : {};
      const { trainHere } = await forTraining();
      return sentModel(await trainHere(images, given, { ...others, ...reporters }));
    },
    async work({ port }) {
      await (await forTraining()).workForTraining(port);
    },
  };

  port.listen(async (request) => {
    // What is no message of ours is somebody else's.
    if (!isRequest(request)) return;
    const { id } = request;
    if ("signal" in request) {
      open.get(id)?.[request.signal].abort();
      // Images without a call: it was given up before it began.
      if (!open.get(id)?.running) open.delete(id);
      return;
    }
    const call = open.get(id) ?? new OpenCall();
    open.set(id, call);
    if ("image" in request) return void call[request.use].push(request.image);
    call.running = true;
    const post = (answer: Answer): void => port.post(answer, buffersOf(answer));
    const { wants } = request;
    const reporters: Reporters = {
      signal: call.abort.signal,
      finish: call.finish.signal,
      lost: call.lost.signal,
      ...(wants.includes("progress") && { onProgress: (progress) => post({ id, progress }) }),
      ...(wants.includes("warning") && { onWarning: (warning) => post({ id, warning }) }),
      ...(wants.includes("checkpoint") && { onCheckpoint: (checkpoint) => post({ id, checkpoint }) }),
      ...(wants.includes("snapshot") && {
        onSnapshot: async (model) => post({ id, snapshot: await sentModel(model) }),
      }),
    };
    try {
      const answer = answers[request.call] as (given: unknown, to: Reporters, call: OpenCall) => Promise<unknown>;
      post({ id, returned: await answer(request.given, reporters, call) });
    } catch (error) {
      post({ id, error: { code: error instanceof IsthmusError ? error.code : undefined, message: messageOf(error) } });
    } finally {
      open.delete(id);
    }
  });
}

async function sentModel(model: Model, signal?: AbortSignal): Promise<SentModel> {
  const { id, part, preset, channels, latents, parameters, training } = model;
  const bytes = model.bytes.slice();
  const receiverBytes = part === "receiver" ? bytes : await paced(model.receiving(), new Pacer({ signal }));
  return { id, part, preset, channels, latents, parameters, training, bytes, receiverBytes };
}

/** The memory that an answer hands over: whole buffers of arrays that nobody else looks at. */
function buffersOf(answer: Answer): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const look = (value: unknown): void => {
    if (value instanceof Uint8Array) {
      if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) found.add(value.buffer);
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(look);
  };
  look(answer);
  return [...found];
}

const isRequest = (message: unknown): message is Request => {
  if (typeof message !== "object" || message === null) return false;
  const { id, call, wants, image, use, signal } = message as Record<string, unknown>;
  if (typeof id !== "number") return false;
  if (image !== undefined) return use === "training" || use === "validation";
  return call === undefined ? signalNames.includes(signal as never) : Array.isArray(wants);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
