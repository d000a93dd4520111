import { decodeBase64 } from "../ground/base64.js";
import { IsthmusError } from "../ground/errors.js";
import { once } from "../ground/once.js";
import { Model } from "./model.js";

/** The photo model that comes with the package; loaded on first use. Throws `model-missing` in a build without one. */
export const defaultModel: () => Promise<Model> = /* @__PURE__ */ once(async () => {
  const { default: text } = await import("../../build/default-model.js");
  if (text) return Model.read(decodeBase64(text));
  throw new IsthmusError("model-missing", "This build of Isthmus holds no embedded model");
});
