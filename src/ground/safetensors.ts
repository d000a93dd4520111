import { concatenate } from "./bytes.js";
import { IsthmusError } from "./errors.js";
import { readUniqueJson } from "./json.js";

/**
 * safetensors: an 8-byte header length, a JSON header, then the tensors' bytes without a gap. The reader accepts the
 * part of the format that models need and refuses all else; the writer gives the same bytes for the same content.
 */
export type TensorType = keyof typeof elementBytes;

export interface Tensor {
  readonly dtype: TensorType;
  /** Sizes from the slowest dimension to the fastest; none for a single number. */
  readonly shape: readonly number[];
  /** Little-endian elements, row-major. */
  readonly data: Uint8Array;
}

export interface Safetensors {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

export const elementBytes = { F32: 4, I32: 4, F16: 2, I16: 2, U16: 2, I8: 1, U8: 1 } as const;
/** JSON takes longest: what a stranger may put there is read at once, in some tens of milliseconds. */
export const maxHeaderBytes = 1 << 18;
const metadataKey = "__metadata__";

/** The file of some tensors: wide elements first, then by name, so that every tensor is aligned to its element. */
export const writeSafetensors = (file: Safetensors): Uint8Array<ArrayBuffer> => concatenate(safetensorsPieces(file));

/** The same in pieces: its beginning, then the bytes of the tensors as they are. */
export function safetensorsPieces({ tensors, metadata }: Safetensors): Uint8Array[] {
  const named = inOrder(tensors);
  const entries: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([left], [right]) => compare(left, right));
  if (texts.length > 0) entries.push([metadataKey, Object.fromEntries(texts)]);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of named) {
    if (name === metadataKey) throw invalid("another name for a tensor", name);
    checkLength(name, dtype, shape, data.length);
    entries.push([name, { dtype, shape, data_offsets: [offset, offset + data.length] }]);
    offset += data.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > maxHeaderBytes) throw invalid(`a header of at most ${maxHeaderBytes} bytes`, headerBytes);
  const start = new Uint8Array(8 + headerBytes).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerBytes), true);
  start.set(text, 8);
  return [start, ...named.map(([, tensor]) => tensor.data)];
}

/**
 * The tensors of a file, in the order of their bytes; `data` are views.
 * @throws IsthmusError `not-isthmus` for what is no safetensors file, `truncated`, `corrupt` for a header that is no JSON,
 * repeats a key, or leaves gaps or overlaps, `invalid-model` for unknown types and wrong shapes.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, body } = splitHeader(bytes);
  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  const claims: { name: string; dtype: TensorType; shape: number[]; begin: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) metadata = readMetadata(value);
    else claims.push({ name, ...readClaim(name, value) });
  }
  claims.sort((left, right) => left.begin - right.begin || left.end - right.end);
  let offset = 0;
  for (const { name, dtype, shape, begin, end } of claims) {
    if (begin !== offset || end < begin) throw corrupt(`tensor "${name}" from byte ${offset} on`, `${begin} .. ${end}`);
    if (end > body.length) throw truncated(end, body.length);
    checkLength(name, dtype, shape, end - begin);
    tensors.set(name, { dtype, shape, data: body.subarray(begin, end) });
    offset = end;
  }
  if (offset !== body.length) throw corrupt(`${offset} bytes of tensors`, body.length);
  return { tensors, metadata };
}

/** Tensors by name as files have them: wide elements first, then by name. */
export const inOrder = (tensors: Iterable<[string, Tensor]>): [string, Tensor][] =>
  [...tensors].sort(
    ([leftName, left], [rightName, right]) =>
      elementBytes[right.dtype] - elementBytes[left.dtype] || compare(leftName, rightName),
  );

function splitHeader(bytes: Uint8Array): { header: Record<string, unknown>; body: Uint8Array } {
  if (bytes.length < 8) throw truncated(8, bytes.length);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length < 2n || length > maxHeaderBytes || (bytes.length > 8 && bytes[8] !== 0x7b)) {
    throw new IsthmusError("not-isthmus", "Expected a model (a safetensors file) but received something else");
  }
  const end = 8 + Number(length);
  if (bytes.length < end) throw truncated(end, bytes.length);
  const { value: header, cause } = readUniqueJson(bytes.subarray(8, end));
  if (!isRecord(header)) {
    throw new IsthmusError("corrupt", "Expected a JSON object without repeated keys for the model's header", { cause });
  }
  // A plain array, because the `slice` of Node's Buffer copies nothing.
  return { header, body: new Uint8Array(bytes.buffer, bytes.byteOffset + end, bytes.length - end) };
}

function readMetadata(value: unknown): Record<string, string> {
  if (isRecord(value) && Object.values(value).every((text) => typeof text === "string")) {
    return value as Record<string, string>;
  }
  throw corrupt(`texts for ${metadataKey}`, "others");
}

function readClaim(name: string, value: unknown) {
  const { dtype, shape, data_offsets: offsets, ...others } = isRecord(value) ? value : {};
  if (Object.keys(others).length > 0 || !isSizes(offsets) || offsets.length !== 2) {
    throw corrupt(`dtype, shape and data_offsets for tensor "${name}"`, "others");
  }
  if (typeof dtype !== "string" || !Object.hasOwn(elementBytes, dtype) || !isSizes(shape)) {
    throw invalid(`a type and sizes for tensor "${name}"`, "others");
  }
  return { dtype: dtype as TensorType, shape, begin: offsets[0], end: offsets[1] };
}

export function checkLength(name: string, dtype: TensorType, shape: readonly number[], received: number): void {
  const length = shape.reduce((product, size) => product * size, elementBytes[dtype]);
  if (length !== received) throw invalid(`${length} bytes for tensor "${name}" of shape [${shape}]`, received);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** By code units: the order of a sort must not depend on the locale. */
const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);

const corrupt = (what: string, received: unknown) =>
  new IsthmusError("corrupt", `Expected ${what} but received ${received}`);

export const invalid = (what: string, received: unknown) =>
  new IsthmusError("invalid-model", `Expected ${what} but received ${received}`);

export const truncated = (wanted: number, received: number) =>
  new IsthmusError("truncated", `Expected at least ${wanted} bytes for the model but received ${received}`);
