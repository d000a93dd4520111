import { elementBytes, invalid, type Tensor, type TensorType } from "../ground/safetensors.js";
import type { Parameter, Storage } from "../nn/parameters.js";
import { float16Bytes, float16Values } from "./float16.js";

/**
 * How trained values lie in a file. Vectors keep 12 significant bits; of matrices, those of residual blocks, of the context prior and of the projections of photo models are
 * integers with one scale for each column, all others 16-bit floats.
 */

const scaleSuffix = ".scale";

export type TensorMap = ReadonlyMap<string, Tensor>;
type Stored = Pick<Parameter, "name" | "shape" | "storage">;

export const storageOf = ({ shape, storage }: Pick<Stored, "shape" | "storage">): Storage =>
  storage ?? (shape.length > 1 ? "float16" : "float32");

/** Whether a parameter lies in files as whole numbers, with a scale for each column. */
export const hasWholeNumbers = (parameter: Pick<Stored, "shape" | "storage">): boolean =>
  typeof storageOf(parameter) === "object";

/** The tensors that hold a parameter. */
export function storedTensors(parameter: Stored, values: Float32Array): [string, Tensor][] {
  const { name, shape } = parameter;
  const storage = storageOf(parameter);
  if (storage === "float32") return [[name, { dtype: "F32", shape, data: bytesOf(shortened(values)) }]];
  if (storage === "float16") return [[name, { dtype: "F16", shape, data: float16Bytes(values) }]];
  const columns = shape[shape.length - 1];
  const scales = columnScales(values, columns, storage.largest);
  const dtype = storage.type === "int8" ? "I8" : "I16";
  const integers = new { I8: Int8Array, I16: Int16Array }[dtype](values.length);
  values.forEach((value, i) => {
    integers[i] = Math.round(value / (scales[i % columns] || 1));
  });
  return [
    [name, { dtype, shape, data: bytesOf(integers) }],
    [name + scaleSuffix, { dtype: "F32", shape: [columns], data: bytesOf(scales) }],
  ];
}

/** How a parameter is stored: `storedTensors`, or near a parent's tensors. */
export type Storing = (parameter: Stored, values: Float32Array) => [string, Tensor][];

/** Bits of a vector's element that stay as in the parent, or change by one at a time: what is finer costs more than it gains. */
const vectorUnit = 0x8000;

/**
 * The tensors that hold a parameter on the grid of its parent's: matrices on the parent's scales, vectors by few changed bits. As usual where the parent has it otherwise, or
 * its scales do not reach.
 */
export const besideParent =
  (parent: TensorMap): Storing =>
  (parameter, values) => {
    const { name, shape } = parameter;
    const before = parent.get(name);
    const usual = storedTensors(parameter, values);
    const [[, { dtype }]] = usual;
    if (before?.dtype !== dtype || String(before.shape) !== String(shape)) return usual;
    if (dtype === "F32") {
      const old = new Int32Array(before.data.slice().buffer);
      const bits = new Int32Array(values.slice().buffer).map(
        (bits, i) => old[i] + Math.round((bits - old[i]) / vectorUnit) * vectorUnit,
      );
      const areNumbers = new Float32Array(bits.buffer).every(Number.isFinite);
      return areNumbers ? [[name, { dtype, shape, data: new Uint8Array(bits.buffer) }]] : usual;
    }
    const scale = parent.get(name + scaleSuffix);
    if (!hasScales(dtype) || scale?.dtype !== "F32") return usual;
    const scales = new Float32Array(scale.data.slice().buffer);
    const integers = dtype === "I8" ? new Int8Array(values.length) : new Int16Array(values.length);
    const isWithin = values.every((value, i) => {
      integers[i] = Math.round(value / (scales[i % scales.length] || 1));
      return Math.abs(value) <= (scales[i % scales.length] || 0) * (dtype === "I8" ? 127.5 : 32767);
    });
    if (!isWithin) return usual;
    return [
      [name, { dtype, shape, data: bytesOf(integers) }],
      [name + scaleSuffix, scale],
    ];
  };

/** Values that are converted at a time. */
const partValues = 1 << 18;

/** A part of the values of a parameter: those from `from` on. */
export interface ValuePart {
  readonly from: number;
  readonly values: Float32Array;
}

/**
 * The values of a parameter as its tensors hold them, part by part.
 * @throws IsthmusError `invalid-model` where one of them is missing, or of another type or shape
 */
export function* storedParts(
  { name, shape }: Pick<Stored, "name" | "shape">,
  tensors: TensorMap,
): Generator<ValuePart, void, void> {
  const { dtype, data } = tensorOf(name, shape, tensors);
  const columns = shape[shape.length - 1];
  const types = `F16, F32, or I8 or I16 with F32 for its scales, for tensor "${name}"`;
  const floats = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer);
  let scales: Float32Array;
  if (hasScales(dtype)) {
    const scale = tensorOf(name + scaleSuffix, [columns], tensors);
    if (scale.dtype !== "F32") throw invalid(types, scale.dtype);
    scales = floats(scale.data);
  } else if (dtype !== "F16" && dtype !== "F32") throw invalid(types, dtype);
  const width = elementBytes[dtype];
  for (let from = 0; from * width < data.length; from += partValues) {
    const bytes = data.subarray(from * width, (from + partValues) * width);
    const values =
      dtype === "F32" ? floats(bytes) : dtype === "F16" ? float16Values(bytes) : integerValues(bytes, width);
    if (hasScales(dtype)) for (let i = 0; i < values.length; i++) values[i] *= scales![(from + i) % columns];
    yield { from, values };
  }
}

const hasScales = (dtype: TensorType): boolean => dtype === "I8" || dtype === "I16";

function integerValues(bytes: Uint8Array, width: number): Float32Array {
  const { buffer } = bytes.slice();
  return Float32Array.from(width === 1 ? new Int8Array(buffer) : new Int16Array(buffer));
}

/** All values of a parameter. Throws as `storedParts`. */
export function storedValues(parameter: Pick<Stored, "name" | "shape">, tensors: TensorMap): Float32Array {
  tensorOf(parameter.name, parameter.shape, tensors);
  const all = new Float32Array(parameter.shape.reduce((product, side) => product * side, 1));
  for (const { from, values } of storedParts(parameter, tensors)) all.set(values, from);
  return all;
}

function tensorOf(name: string, shape: readonly number[], tensors: TensorMap): Tensor {
  const tensor = tensors.get(name);
  if (tensor?.shape.length === shape.length && tensor.shape.every((side, i) => side === shape[i])) return tensor;
  throw invalid(`tensor "${name}" of shape [${shape}]`, tensor ? `[${tensor.shape}]` : "none");
}

/** The bytes of a vector of `least` to `most` elements, by themselves. Throws `invalid-model` where there is none of that name and type. */
export function storedVector(
  name: string,
  dtype: TensorType,
  tensors: TensorMap,
  most: number,
  least = 0,
): ArrayBuffer {
  const tensor = tensors.get(name);
  const [length, ...others] = tensor?.shape ?? [];
  if (tensor?.dtype === dtype && !others.length && length >= least && length <= most)
    return tensor.data.slice().buffer as ArrayBuffer;
  throw invalid(`tensor "${name}" of ${least} to ${most} elements of type ${dtype}`, tensor ? "another" : "none");
}

/** Names of the tensors that hold a parameter in a file. */
export function storedNames(name: string, tensors: TensorMap): string[] {
  return hasScales(tensors.get(name)?.dtype ?? "F32") ? [name, name + scaleSuffix] : [name];
}

/** Values as they come back from storage. */
export function asStored(parameter: Stored, values: Float32Array, storing: Storing = storedTensors): Float32Array {
  return storedValues(parameter, new Map(storing(parameter, values)));
}

function columnScales(values: Float32Array, columns: number, largest: number): Float32Array {
  const scales = new Float32Array(columns);
  values.forEach((value, i) => {
    scales[i % columns] = Math.max(scales[i % columns], Math.abs(value) / largest);
  });
  return shortened(scales);
}

/** The nearest numbers of 12 significant bits, ties away from zero: the rest would cost bytes, and make no difference. */
function shortened(values: Float32Array): Float32Array<ArrayBuffer> {
  const bits = Int32Array.from(new Int32Array(values.slice().buffer), (number) => (number + 0x800) & ~0xfff);
  return new Float32Array(bits.buffer).map((value, i) => (Number.isFinite(value) ? value : values[i]));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int8Array | Int16Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
