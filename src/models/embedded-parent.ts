import embeddedId from "../../build/default-id.js";
import { decodeBase64 } from "../ground/base64.js";
import { defaultReceiver } from "./default-receiver.js";
import type { FindParent } from "./parents.js";

/** The embedded model, where it is the one that is looked for: loaded on first use. Whole it is a file, so that receivers need nothing that reads more than a receiver's half. */
export const embeddedParent: FindParent = async (id, { part }) => {
  if (id !== embeddedId) return undefined;
  if (part === "receiver") return defaultReceiver();
  return decodeBase64((await import("../../build/default-model.js")).default);
};
