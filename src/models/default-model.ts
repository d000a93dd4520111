import { decodeBase64 } from "../base64.js";
import { IsthmusError } from "../errors.js";
import { Model } from "./model.js";

let model: Promise<Model> | undefined;

/** The photo model that comes with the package; loaded on first use. */
export function defaultModel(): Promise<Model> {
  model ??= import("../../build/default-model.js").then(({ default: text }) => {
    if (!text) throw new IsthmusError("model-missing", "This build of Isthmus holds no embedded model");
    return Model.read(decodeBase64(text));
  });
  return model;
}
