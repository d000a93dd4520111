import { modelCache } from "../browser/model-cache.js";
import { createReceiver, type ModelStore, type Receiver } from "../exchange/receiver.js";
import { IsthmusError } from "../ground/errors.js";
import { ReceiverModel } from "../models/receiver-model.js";
import { pictureFile } from "./picture-file.js";
import { PictureStore } from "./picture-store.js";

export const streamType = "image/x-isthmus";
const models = "isthmus-worker-models";
/** Milliseconds without streams after a failure that the next picture would meet, too. */
const pause = 60_000;
/** Failures of one picture; all others are those of the model or the engine. */
const ofPicture = ["truncated", "corrupt", "not-isthmus", "unsupported-version", "image-too-large", "aborted"];
const pictureName = /\.(jpe?g|png|webp|avif|gif|tiff?|isth)$/i;

/**
 * Answers requests for pictures: asks for streams, and gives files that browsers show. Until the model is there, and where anything fails, the answer is
 * what the server sends without it.
 */
export class PictureWorker {
  private readonly receiver: Receiver;
  private readonly pictures = new PictureStore();
  private preparing: Promise<void> | undefined;
  private isReady = false;
  private pausedUntil = 0;
  /** Settles when the last picture so far is decoded: one at a time, so that the first is there first. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly modelAddress: string) {
    this.receiver = createReceiver({
      resolveModel: (_, signal) => fetch(this.modelAddress, { signal, cache: "no-cache" }),
      store: ownModels(),
      maxModels: 2,
    });
  }

  /** True for pictures of this site, as pages show them or opened by themselves. */
  handles(request: Request, origin: string): boolean {
    const { origin: asked, pathname } = new URL(request.url);
    if (request.method !== "GET" || asked !== origin || request.headers.has("range")) return false;
    return request.destination === "image" || (request.mode === "navigate" && pictureName.test(pathname));
  }

  /** Keeps the model for the visits to come. */
  prepare(): Promise<void> {
    this.preparing ??= this.fetchModel().finally(() => {
      this.preparing = undefined;
    });
    return this.preparing;
  }

  /** The answer to a request. `later` takes what may end after it. */
  async answer(request: Request, later: (work: Promise<unknown>) => void): Promise<Response> {
    if (Date.now() < this.pausedUntil) return fetch(request);
    if (!(await this.hasModel())) {
      later(this.prepare().catch(() => {}));
      return fetch(request);
    }
    const kept = await this.pictures.get(request.url).catch(() => undefined);
    const isKept = !!kept && isForGood(kept);
    const shown = isKept ? await this.inTurn(kept.clone()).catch(() => undefined) : undefined;
    if (shown) return shown;
    let answer: Response;
    try {
      // What was kept and cannot be shown, as after a change of the model, lies in other caches, too.
      answer = await fetch(askingForStream(request, isKept ? "reload" : request.cache));
    } catch {
      return kept ? this.shownOr(request, kept) : fetch(request);
    }
    // Of a page that is opened, the browser itself follows redirections.
    if (request.mode === "navigate" && answer.redirected) return fetch(request);
    // What cannot be made as a stream may be had as a file.
    if (answer.status >= 500) return fetch(request);
    if (!isStream(answer, request.url)) return answer;
    later(this.pictures.set(request.url, answer.clone()).catch(() => {}));
    return this.shownOr(request, answer);
  }

  private async shownOr(request: Request, stream: Response): Promise<Response> {
    try {
      return await this.inTurn(stream);
    } catch (error) {
      const isOfPicture = error instanceof IsthmusError && ofPicture.includes(error.code);
      if (!isOfPicture) this.pausedUntil = Date.now() + pause;
      await this.pictures.delete(request.url).catch(() => {});
      return fetch(request);
    }
  }

  private inTurn(stream: Response): Promise<Response> {
    const mine = this.turn.then(() => this.show(stream));
    this.turn = mine.catch(() => {});
    return mine;
  }

  private async show(stream: Response): Promise<Response> {
    const { bytes, type } = pictureFile(await this.receiver.decode(stream));
    return new Response(bytes, { headers: { "content-type": type, "content-length": `${bytes.length}` } });
  }

  private async hasModel(): Promise<boolean> {
    this.isReady ||= await caches.open(models).then(
      async (cache) => (await cache.keys()).length > 0,
      () => false,
    );
    return this.isReady;
  }

  private async fetchModel(): Promise<void> {
    const answer = await fetch(this.modelAddress, { cache: "no-cache" });
    if (!answer.ok) throw new IsthmusError("model-missing", `Expected a model but the answer was ${answer.status}`);
    const model = await ReceiverModel.open(new Uint8Array(await answer.arrayBuffer()));
    await ownModels().set(model.id, model.receiver());
  }
}

/** The newest model alone: streams of an older one are asked for again. */
function ownModels(): ModelStore {
  const store = modelCache(models);
  return {
    get: store.get,
    async set(id, file) {
      await store.set(id, file);
      const cache = await caches.open(models);
      const others = (await cache.keys()).filter(({ url }) => !url.endsWith(`/${id}.isthm`));
      await Promise.all(others.map((request) => cache.delete(request)));
    },
  };
}

/** The same request with streams before all that the browser would take. */
function askingForStream(request: Request, cache: RequestCache): Request {
  const { url, credentials, referrer, referrerPolicy, signal } = request;
  const headers = { accept: `${streamType},${request.headers.get("accept") ?? "*/*"}` };
  return new Request(url, { headers, mode: "same-origin", credentials, cache, referrer, referrerPolicy, signal });
}

const isForGood = ({ headers }: Response): boolean => headers.get("cache-control")?.includes("immutable") ?? false;

/** Servers of files know no type for streams. */
const isStream = ({ ok, headers }: Response, address: string): boolean =>
  ok && (headers.get("content-type") === streamType || new URL(address).pathname.endsWith(".isth"));
