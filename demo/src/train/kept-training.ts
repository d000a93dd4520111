import { clear, createStore, get, set } from "idb-keyval";
import type { Picture } from "../pictures/open-picture.js";

/** What survives a closed tab: a training under way, or the model that came out of it. Kept in this browser's IndexedDB. */
export interface KeptTraining {
  readonly name: string;
  readonly count: number;
  readonly step: number;
  readonly steps: number;
  readonly checkpoint?: Uint8Array;
  readonly model?: Uint8Array;
}

// Asynchronous all of them: where the browser keeps nothing, the very opening of its database throws.
const store = createStore("isthmus-demo", "training");

export async function keepPictures(pictures: readonly Picture[]): Promise<void> {
  await clear(store);
  await set("pictures", pictures, store);
}

export const keepTraining = async (training: KeptTraining): Promise<void> => set("training", training, store);

export const keptTraining = async (): Promise<KeptTraining | undefined> => get("training", store);

export const keptPictures = async (): Promise<readonly Picture[]> => (await get("pictures", store)) ?? [];

export const forgetTraining = async (): Promise<void> => clear(store);
