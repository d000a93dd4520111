import { decodeBase64 } from "../ground/base64.js";
import { IsthmusError } from "../ground/errors.js";
import { once } from "../ground/once.js";
import { ReceiverModel } from "./receiver-model.js";

/** The receiver's half of the photo model that comes with the package; loaded on first use. Throws `model-missing` in a build without one. */
export const defaultReceiver: () => Promise<ReceiverModel> = /* @__PURE__ */ once(async () => {
  const { default: text } = await import("../../build/default-receiver.js");
  if (text) return ReceiverModel.open(decodeBase64(text));
  throw new IsthmusError("model-missing", "This build of Isthmus holds no embedded model");
});
