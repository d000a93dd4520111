import { type Remote, wrap } from "comlink";
import type { RivalId, RivalsApi } from "./rivals.worker.js";

export type { RivalId };

export const rivals: Readonly<
  Record<RivalId, { readonly name: string; readonly setting: string; readonly extension: string }>
> = {
  jpeg: { name: "JPEG", setting: "MozJPEG", extension: "jpg" },
  webp: { name: "WebP", setting: "method 6", extension: "webp" },
  avif: { name: "AVIF", setting: "4:4:4, speed 6", extension: "avif" },
};

export const rivalIds = Object.keys(rivals) as readonly RivalId[];

/** One worker for each codec, started when it is first asked for. */
const workers = new Map<RivalId, { worker: Worker; api: Remote<RivalsApi> }>();

function open(id: RivalId) {
  const known = workers.get(id);
  if (known) return known;
  const worker = new Worker(new URL("./rivals.worker.ts", import.meta.url), { type: "module", name: id });
  const opened = { worker, api: wrap<RivalsApi>(worker) };
  workers.set(id, opened);
  return opened;
}

/** Encoders in WebAssembly cannot be interrupted: an abort ends their worker, and the next call starts another. */
async function run<Result>(
  id: RivalId,
  signal: AbortSignal,
  work: (api: Remote<RivalsApi>) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const { worker, api } = open(id);
  return new Promise((resolve, reject) => {
    const stop = () => {
      worker.terminate();
      workers.delete(id);
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop);
    worker.onerror = () => {
      workers.delete(id);
      reject(
        new Error(
          `${rivals[id].name} could not be loaded. Without a network it works only where it has been loaded before.`,
        ),
      );
    };
    work(api)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}

export const encodeWith = (id: RivalId, image: ImageData, quality: number, signal: AbortSignal) =>
  run(id, signal, (api) => api.encode(id, image, quality));

export const decodeWith = (id: RivalId, bytes: Uint8Array, signal: AbortSignal) =>
  run(id, signal, (api) => api.decode(id, bytes));
