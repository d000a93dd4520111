import { IsthmusError } from "../ground/errors.js";

/** Where a training that a closed tab ended can be taken up again: one slot in the browser's IndexedDB. */
export interface CheckpointSlot {
  /** For `onCheckpoint` of `train`. */
  save(bytes: Uint8Array): Promise<void>;
  /** For `resume` of `train`; undefined where nothing was saved. */
  load(): Promise<Uint8Array | undefined>;
  clear(): Promise<void>;
}

const database = "isthmus";
const store = "checkpoints";

/** The slot of that name, shared by all pages and workers of the origin. Its calls throw `output-unwritable` where the browser keeps nothing. */
export function checkpointSlot(name = "training"): CheckpointSlot {
  const attempt = async <Result>(mode: IDBTransactionMode, act: Act<Result>): Promise<Result> => {
    const opened = indexedDB.open(database, 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore(store);
    const connection = await settled(opened);
    try {
      return await settled(act(connection.transaction(store, mode).objectStore(store)));
    } finally {
      connection.close();
    }
  };
  const run = async <Result>(mode: IDBTransactionMode, act: Act<Result>): Promise<Result> => {
    try {
      // Chromium now and then refuses while it closes another tab that was writing.
      return await attempt(mode, act).catch(() => attempt(mode, act));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Expected storage for the checkpoint "${name}" but the browser refused: ${reason}`;
      throw new IsthmusError("output-unwritable", message, { cause });
    }
  };
  return {
    save: async (bytes) => void (await run("readwrite", (objects) => objects.put(bytes, name))),
    load: () => run<Uint8Array | undefined>("readonly", (objects) => objects.get(name)),
    clear: () => run("readwrite", (objects) => objects.delete(name)),
  };
}

type Act<Result> = (objects: IDBObjectStore) => IDBRequest<Result>;

const settled = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
