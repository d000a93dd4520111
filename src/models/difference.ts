import { hexOf } from "../ground/bytes.js";
import { IsthmusError } from "../ground/errors.js";
import {
  elementBytes,
  inOrder,
  invalid,
  type Safetensors,
  type Tensor,
  type TensorType,
} from "../ground/safetensors.js";
import type { Steps } from "../ground/steps.js";
import type { BitCoder } from "./bit-coder.js";
import type { BitDecoder } from "./bit-decoder.js";
import {
  checksumOf,
  checkTotal,
  decodeHeader,
  decodeTensors,
  headBytes,
  isDifference,
  numberAt,
  versions,
  withinFile,
} from "./coded-file.js";
import { changedPlace, codeIntegers, tensorPlaces } from "./tensor-coder.js";

/** How the tensors of a model lie beside those of its parent (docs/FORMAT.md, "Differences"). */

/** Behind the head of a file: which part of a model it is, the ids of the model and of its parent, and the checksum of all tensors that come out. */
export const kinshipBytes = 21;
/** Parts of a model by number. */
export const parts = ["all", "receiver"] as const;
export type Part = (typeof parts)[number];

/** Whose difference a file is, and to what, as it says itself. Ids have 16 hexadecimal digits. */
export interface Kinship {
  readonly id: string;
  readonly parent: string;
  /** Of the parent, as of the model: a whole one can only be made of a whole one. */
  readonly part: Part;
}

/** What a difference says of itself; undefined for all other files, and where it ends too early. */
export function kinshipOf(bytes: Uint8Array): Kinship | undefined {
  if (!isDifference(bytes) || bytes.length < headBytes + kinshipBytes) return undefined;
  const idAt = (at: number): string => hexOf(bytes.subarray(headBytes + at, headBytes + at + 8));
  return { part: parts[bytes[headBytes]], id: idAt(1), parent: idAt(9) };
}

/** Tensors that a model may have though its parent has none or others: all that do not belong to its architecture. */
export const mayDiffer = /^(tables|plane)\./;
/** A unit divides all changes of a tensor: 1 .. 2^16. */
export const unitBits = 16;

export type Whole = Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

const wholes = { 1: Int8Array, 2: Int16Array, 4: Int32Array } as const;

/** The bits of the elements as whole numbers, of a copy. Changes are those of these numbers, modulo what their type holds. */
export const wholesOf = (dtype: TensorType, bytes: Uint8Array): Whole =>
  new wholes[elementBytes[dtype]](bytes.slice().buffer as ArrayBuffer);

/** Changes in units, in rows of as many columns as the last size says; of narrow elements their last bits are as likely as not. */
export function codeChanges(
  coder: BitCoder,
  { dtype, shape }: Pick<Tensor, "dtype" | "shape">,
  changes: Whole,
): Steps<void> {
  coder.forget(tensorPlaces);
  return codeIntegers(coder, changes, shape[shape.length - 1] ?? 1, elementBytes[dtype] < 4);
}

/** What a difference says of itself, and the coder behind that. Throws as `decodeFile`. */
export const decodeDifferenceHeader = (bytes: Uint8Array) =>
  decodeHeader(bytes, versions.difference, headBytes + kinshipBytes);

/**
 * The tensors that a difference makes of those of its parent's part, of `maxModelBytes` bytes at most together.
 * @throws IsthmusError as `decodeFile`; `corrupt` also where another model than the one that was written comes out
 */
export function* decodeDifference(
  bytes: Uint8Array,
  maxModelBytes: number,
  { part, parent }: Kinship,
  parents: ReadonlyMap<string, Tensor>,
): Steps<Safetensors> {
  const { coder, metadata, shapes, gone = [] } = yield* decodeDifferenceHeader(bytes);
  if (metadata.part !== part) throw invalid(`part "${part}" for the difference`, `"${metadata.part}"`);
  const others = new Set([...shapes.map(({ name }) => name), ...(Array.isArray(gone) ? gone : [gone])]);
  for (const name of others) {
    if (mayDiffer.test(name)) continue;
    throw invalid("a parent of the model's architecture", `model ${parent}, whose tensor "${name}" is another`);
  }
  const kept = inOrder(parents).filter(([name]) => !others.has(name));
  checkTotal([...kept.map(([, { data }]) => ({ size: data.length })), ...shapes], maxModelBytes);
  const changed: [string, Tensor][] = [];
  for (const [name, tensor] of kept) changed.push([name, yield* changedTensor(coder, bytes, tensor)]);
  const tensors = new Map([...changed, ...(yield* decodeTensors(coder, bytes, shapes))]);
  if ((yield* checksumOf(contentOf(tensors))) === numberAt(bytes, headBytes + 17)) return { tensors, metadata };
  throw new IsthmusError(
    "corrupt",
    `The model is no difference to this model ${parent}: what comes out is not what went in`,
  );
}

/** What the checksum of a difference covers. */
export const contentOf = (tensors: Iterable<[string, Tensor]>): Uint8Array[] =>
  inOrder(tensors).map(([, { data }]) => data);

/** A tensor by what it was in the parent. */
function* changedTensor(coder: BitDecoder, bytes: Uint8Array, before: Tensor): Steps<Tensor> {
  if (!coder.code(changedPlace)) return before;
  const { dtype, shape, data } = before;
  const values = wholesOf(dtype, data);
  const unit = coder.plain(unitBits) + 1;
  const changes = values.slice().fill(0);
  yield* withinFile(coder, bytes, codeChanges(coder, { dtype, shape }, changes));
  for (let i = 0; i < values.length; i++) values[i] += changes[i] * unit;
  return { dtype, shape, data: new Uint8Array(values.buffer) };
}
