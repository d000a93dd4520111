import { computed, signal } from "@preact/signals";
import type { ModelReport } from "isthmus";
import { isthmus } from "./workers/isthmus.js";

/** A model that was opened from a file or trained here. */
export interface OwnModel {
  readonly name: string;
  readonly report: ModelReport;
  readonly bytes: Uint8Array;
}

export const ownModels = signal<readonly OwnModel[]>([]);

/** The id of the model in use; undefined is the photo model that is built in. */
export const chosenModel = signal<string | undefined>(undefined);

export const chosenOwnModel = computed(() => ownModels.value.find(({ report }) => report.id === chosenModel.value));

/** Makes a model known to the page. Throws where the file is no model. */
export async function addModel(bytes: Uint8Array, name: string): Promise<OwnModel> {
  const report = (await isthmus().addModel(bytes)) as ModelReport;
  const model = { name, report, bytes };
  ownModels.value = [...ownModels.value.filter(({ report: { id } }) => id !== report.id), model];
  return model;
}
