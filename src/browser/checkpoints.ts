import { IsthmusError } from "../errors.js";

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
  const run = async <Result>(
    mode: IDBTransactionMode,
    act: (objects: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result> => {
    try {
      const opened = indexedDB.open(database, 1);
      opened.onupgradeneeded = () => opened.result.createObjectStore(store);
      const connection = await settled(opened);
      try {
        return await settled(act(connection.transaction(store, mode).objectStore(store)));
      } finally {
        connection.close();
      }
    } catch (cause) {
      throw new IsthmusError(
        "output-unwritable",
        `Expected storage for the checkpoint "${name}" but the browser refused`,
        {
          cause,
        },
      );
    }
  };
  return {
    save: async (bytes) => void (await run("readwrite", (objects) => objects.put(bytes, name))),
    load: () => run<Uint8Array | undefined>("readonly", (objects) => objects.get(name)),
    clear: () => run("readwrite", (objects) => objects.delete(name)),
  };
}

const settled = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
