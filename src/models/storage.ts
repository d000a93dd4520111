import type { Parameter } from "../nn/parameters.js";
import { float16Bytes, float16Values } from "./float16.js";
import type { Tensor } from "./safetensors.js";

/**
 * How trained values lie in a file. Vectors keep 32 bits; of matrices, those that start at principal components take 16 bits, and the many
 * others 8 bits with one scale for each column, which cost nothing that could be measured.
 */

const scaleSuffix = ".scale";
const largest = 127;

export type TensorMap = ReadonlyMap<string, Tensor>;
type Stored = Pick<Parameter, "name" | "shape" | "storage">;

/** The tensors that hold a parameter. */
export function storedTensors(parameter: Stored, values: Float32Array): [string, Tensor][] {
  const { name, shape, storage } = parameter;
  if (storage === "float32") return [[name, { dtype: "F32", shape, data: bytesOf(values) }]];
  if (storage === "float16") return [[name, { dtype: "F16", shape, data: float16Bytes(values) }]];
  const columns = shape[shape.length - 1];
  const scales = columnScales(values, columns);
  const integers = Int8Array.from(values, (value, i) => Math.round(value / (scales[i % columns] || 1)));
  return [
    [name, { dtype: "I8", shape, data: bytesOf(integers) }],
    [name + scaleSuffix, { dtype: "F32", shape: [columns], data: bytesOf(scales) }],
  ];
}

/** The values of a parameter as its tensors hold them; undefined where one of them is missing or of another type or shape. */
export function storedValues(
  { name, shape }: Pick<Stored, "name" | "shape">,
  tensors: TensorMap,
): Float32Array | undefined {
  const tensor = tensors.get(name);
  if (!tensor || !sameShape(tensor.shape, shape)) return undefined;
  if (tensor.dtype === "F16") return float16Values(tensor.data);
  if (tensor.dtype === "F32") return new Float32Array(tensor.data.slice().buffer);
  if (tensor.dtype !== "I8") return undefined;
  const columns = shape[shape.length - 1];
  const scale = tensors.get(name + scaleSuffix);
  if (!columns || scale?.dtype !== "F32" || !sameShape(scale.shape, [columns])) return undefined;
  const scales = new Float32Array(scale.data.slice().buffer);
  return Float32Array.from(new Int8Array(tensor.data.slice().buffer), (value, i) => value * scales[i % columns]);
}

/** Names of the tensors that hold a parameter in a file. */
export function storedNames(name: string, tensors: TensorMap): string[] {
  return tensors.get(name)?.dtype === "I8" ? [name, name + scaleSuffix] : [name];
}

/** Values as they come back from storage. */
export function asStored(parameter: Stored, values: Float32Array): Float32Array {
  return storedValues(parameter, new Map(storedTensors(parameter, values))) ?? values;
}

function columnScales(values: Float32Array, columns: number): Float32Array {
  const scales = new Float32Array(columns);
  values.forEach((value, i) => {
    scales[i % columns] = Math.max(scales[i % columns], Math.abs(value) / largest);
  });
  return scales;
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
