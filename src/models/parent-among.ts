import { type Bytes, bytesIn } from "../ground/byte-source.js";
import type { ModelLimits } from "../ground/limits.js";
import { isDifference } from "./coded-file.js";
import { kinshipOf } from "./difference.js";
import { checkedChain, checkedKinship, isOpen, missing, type Relation, relate } from "./parents.js";
import type { ReceiverModel } from "./receiver-model.js";

/** How a model is read at once. */
export interface ReadLimits extends Pick<ModelLimits, "maxModelBytes"> {
  /** The models that the model may be the difference to, or their files, in memory. */
  readonly parents?: readonly (ReceiverModel | Bytes)[] | undefined;
}

interface Reading extends ReadLimits {
  readonly children?: readonly string[];
}

/** `relationOf`, at once; undefined for a file that stands alone. */
export function relationAmong(
  file: Uint8Array,
  limits: Reading,
  read: (bytes: Uint8Array, limits: Reading) => ReceiverModel,
): Relation | undefined {
  if (!isDifference(file)) return undefined;
  const kinship = checkedKinship(file);
  const children = checkedChain(kinship, limits.children);
  for (const source of limits.parents ?? []) {
    const bytes = isOpen(source) ? undefined : bytesIn(source, "parents");
    if (bytes && (kinshipOf(bytes)?.id ?? kinship.parent) !== kinship.parent) continue;
    const model = bytes ? read(bytes, { ...limits, children }) : (source as ReceiverModel);
    if (model.id === kinship.parent) return relate(model, kinship);
  }
  throw missing(kinship);
}
