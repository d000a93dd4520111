import { embedded } from "../../build/preview-model.js";
import { IsthmusError } from "../ground/errors.js";
import { alphabet } from "./base64url.js";
import type { PreviewModel, Weights } from "./preview-network.js";
import { type TensorName, tensorNames, tensorTable, valuesOf } from "./tensors.js";

let model: PreviewModel | undefined;

/** The model that comes with the package, read on first use. */
export function defaultPreviewModel(): PreviewModel {
  model ??= { id: embedded.id, weights: readWeights() };
  return model;
}

/**
 * Each tensor is a text that gzip shrinks well: an integer takes one character where it lies within +-31, else two,
 * in base64url (scripts/embed-preview-model.mjs).
 */
function readWeights(): Weights {
  const { id, scales, tensors, ...widths } = embedded;
  if (!id) throw new IsthmusError("model-missing", "This build of Isthmus holds no embedded preview model");
  const digits = new Map(Array.from(alphabet, (character, value) => [character, value]));
  const read = (name: TensorName): Float64Array => {
    const [characters, zero] = tensorTable[name].levels > 31 ? [2, 2047] : [1, 31];
    const text = tensors[name];
    const integers = new Int32Array(text.length / characters);
    for (let i = 0; i < text.length; i++) {
      const at = Math.floor(i / characters);
      integers[at] = integers[at] * 64 + digits.get(text[i])!;
    }
    return valuesOf({ scale: scales[name], integers: integers.map((value) => value - zero) });
  };
  return {
    ...widths,
    ...(Object.fromEntries(tensorNames.map((name) => [name, read(name)])) as Record<TensorName, Float64Array>),
  };
}
