import { computed, signal } from "@preact/signals";
import type { ModelReport } from "isthmus";
import { openModel } from "./coding.js";
import { isthmus } from "./workers/isthmus.js";

/** A model that was opened from a file or trained here. */
export interface OwnModel {
  readonly id: string;
  readonly name: string;
  readonly report: ModelReport;
  readonly bytes: Uint8Array;
}

export const ownModels = signal<readonly OwnModel[]>([]);

/** The id of the model in use; undefined is the photo model that is built in. */
export const chosenModel = signal<string | undefined>(undefined);

export const chosenOwnModel = computed(() => ownModels.value.find(({ id }) => id === chosenModel.value));

/** Makes a model known to the page. Throws where the file is no model. */
export async function addModel(bytes: Uint8Array, name: string): Promise<OwnModel> {
  const report = (await isthmus().inspect(bytes)) as ModelReport;
  const model = { id: report.id, name, report, bytes };
  await openModel(model);
  ownModels.value = [...ownModels.value.filter(({ id }) => id !== report.id), model];
  return model;
}
