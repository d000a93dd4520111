import { concatenate } from "../ground/bytes.js";
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

/**
 * Bytes of a record. Chromium keeps larger values in files beside its database, which a tab that is closed while it writes may leave behind without the value, or the value
 * without them.
 */
const recordBytes = 1 << 15;

/** Milliseconds before a refused access is tried again: Chromium refuses now and then while it closes another tab that was writing. */
const rests = [0, 100, 500];

/** The slot of that name, shared by all pages and workers of the origin. Its calls throw `output-unwritable` where the browser keeps nothing. */
export function checkpointSlot(name = "training"): CheckpointSlot {
  const attempt = async <Result>(mode: IDBTransactionMode, act: Act<Result>): Promise<Result> => {
    const opened = indexedDB.open(database, 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore(store);
    const connection = await settled(opened);
    try {
      const transaction = connection.transaction(store, mode);
      const result = act(transaction.objectStore(store));
      await completed(transaction);
      return result();
    } finally {
      connection.close();
    }
  };
  const run = async <Result>(mode: IDBTransactionMode, act: Act<Result>): Promise<Result> => {
    let cause: unknown;
    for (const rest of rests) {
      try {
        await new Promise((resolve) => setTimeout(resolve, rest));
        return await attempt(mode, act);
      } catch (error) {
        cause = error;
      }
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Expected storage for the checkpoint "${name}" but the browser refused: ${reason}`;
    throw new IsthmusError("output-unwritable", message, { cause });
  };
  /** Records of the slot, in order: their keys are its name and a number. */
  const records = () => IDBKeyRange.bound([name], [name, Number.POSITIVE_INFINITY]);
  return {
    save: (bytes) =>
      run("readwrite", (objects) => {
        objects.delete(records());
        for (let at = 0; at < bytes.length; at += recordBytes) {
          objects.put(bytes.slice(at, at + recordBytes), [name, at]);
        }
        return () => undefined;
      }),
    load: () =>
      run("readonly", (objects) => {
        const found: IDBRequest<Uint8Array[]> = objects.getAll(records());
        return () => (found.result.length ? concatenate(found.result) : undefined);
      }),
    clear: () =>
      run("readwrite", (objects) => {
        objects.delete(records());
        return () => undefined;
      }),
  };
}

/** Asks for something, and gives it once the transaction is complete. */
type Act<Result> = (objects: IDBObjectStore) => () => Result;

const settled = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const completed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
