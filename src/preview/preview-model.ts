import { type Bytes, bytesIn } from "../ground/byte-source.js";
import { crc32 } from "../ground/crc.js";
import { IsthmusError } from "../ground/errors.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../ground/safetensors.js";
import { isCoded } from "../models/coded-file.js";
import { encodeBase64Url } from "./base64url.js";
import type { PreviewModel, Weights } from "./preview-network.js";
import {
  type StoredTensor,
  store,
  type TensorName,
  tensorNames,
  tensorTable,
  valuesOf,
  type Widths,
} from "./tensors.js";

const previewPreset = "preview" as const;
const version = "1";

/** The file of a model, `.isthm`: a safetensors file. `facts` are kept in its header. */
export function writePreviewModel(
  weights: Weights,
  facts: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const scales: Partial<Record<TensorName, number>> = {};
  const tensors = new Map<string, Tensor>();
  for (const name of tensorNames) {
    const { scale, integers } = store(name, weights[name]);
    scales[name] = scale;
    const wide = tensorTable[name].levels > 127;
    const data = wide ? new Uint8Array(integers.buffer.slice(0)) : new Uint8Array(Int8Array.from(integers).buffer);
    tensors.set(name, { dtype: wide ? "I32" : "I8", shape: [integers.length], data });
  }
  const { priorHidden, synthesisHidden } = weights;
  const widths = JSON.stringify({ priorHidden, synthesisHidden });
  return writeSafetensors({
    tensors,
    metadata: { ...facts, preset: previewPreset, version, widths, scales: JSON.stringify(scales) },
  });
}

/** True for the file of a preview model. Throws what `readSafetensors` throws. */
export const isPreviewModel = (bytes: Uint8Array): boolean =>
  !isCoded(bytes) && readSafetensors(bytes).metadata.preset === previewPreset;

/**
 * Reads a model that `isthmus train --preset preview` wrote.
 *
 * @throws IsthmusError `not-isthmus`, `truncated`, `corrupt`, `unsupported-version`, or `invalid-model` for a model of another preset and for wrong shapes.
 */
export function loadPreviewModel(file: Bytes): PreviewModel {
  const bytes = bytesIn(file, "model");
  if (isCoded(bytes)) throw invalid(`preset "${previewPreset}"`, "a model of another preset");
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.preset !== previewPreset) throw invalid(`preset "${previewPreset}"`, `"${metadata.preset}"`);
  if (metadata.version !== version) {
    const message = `Expected a preview model of version ${version} but received version ${metadata.version}`;
    throw new IsthmusError("unsupported-version", message);
  }
  const widths = parse(metadata.widths) as Widths;
  for (const name of ["priorHidden", "synthesisHidden"] as const) {
    const width = widths[name];
    if (!Number.isInteger(width) || width < 1 || width > 256) throw invalid(`1 .. 256 for ${name}`, width);
  }
  const scales = parse(metadata.scales) as Record<TensorName, unknown>;
  const read = (name: TensorName): StoredTensor => {
    const { levels, count } = tensorTable[name];
    const tensor = tensors.get(name);
    const scale = scales[name];
    const length = count(widths);
    if (tensor?.shape.length !== 1 || tensor.shape[0] !== length) {
      throw invalid(`${length} numbers for ${name}`, tensor ? `shape [${tensor.shape}]` : "none");
    }
    if (tensor.dtype !== (levels > 127 ? "I32" : "I8")) throw invalid(`integers for ${name}`, tensor.dtype);
    if (typeof scale !== "number" || !(scale > 0 && scale < 1e6)) throw invalid(`a scale for ${name}`, scale);
    const copy = tensor.data.slice().buffer;
    const integers = Int32Array.from(levels > 127 ? new Int32Array(copy) : new Int8Array(copy));
    if (integers.some((integer) => Math.abs(integer) > levels))
      throw invalid(`integers within ${levels} for ${name}`, "more");
    return { scale, integers };
  };
  return { id: modelId(bytes), weights: weightsOf(widths, read) };
}

const modelId = (bytes: Uint8Array): string => {
  const sum = crc32(bytes);
  return encodeBase64Url(Uint8Array.of(sum >>> 24, sum >>> 16, sum >>> 8));
};

/** What a model file says about itself. Throws as `loadPreviewModel`. */
export function previewModelFacts(bytes: Uint8Array) {
  const { id } = loadPreviewModel(bytes);
  const { tensors, metadata } = readSafetensors(bytes);
  const structure = ["preset", "version", "scales", "widths"];
  const training = Object.fromEntries(Object.entries(metadata).filter(([name]) => !structure.includes(name)));
  const parameters = [...tensors.values()].reduce((sum, { shape }) => sum + shape[0], 0);
  return { bytes: bytes.length, id, preset: previewPreset, parameters, training };
}

/** Checks what the networks rely on. */
function weightsOf(widths: Widths, read: (name: TensorName) => StoredTensor): Weights {
  const { priorHidden, synthesisHidden } = widths;
  const tensors = Object.fromEntries(tensorNames.map((name) => [name, valuesOf(read(name))])) as Record<
    TensorName,
    Float64Array
  >;
  const { order, deviation, stepPrior } = tensors;
  if ([...order].sort((a, b) => a - b).some((value, i) => value !== i))
    throw invalid("an order of the coefficients", "another");
  if (deviation.some((value) => value <= 0)) throw invalid("deviations above 0", "less");
  if (!(stepPrior[2] > 0)) throw invalid("a scale of steps above 0", stepPrior[2]);
  return { priorHidden, synthesisHidden, ...tensors };
}

function parse(text: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // told below
  }
  throw new IsthmusError(
    "corrupt",
    "Expected JSON objects in the header of a preview model but received something else",
  );
}

const invalid = (what: string, received: unknown): IsthmusError =>
  new IsthmusError(
    "invalid-model",
    `Expected ${what} in a preview model but received ${typeof received === "object" ? "an object" : received}`,
  );
