import { crc32 } from "../ground/crc.js";
import { IsthmusError } from "../ground/errors.js";
import { readUniqueJson } from "../ground/json.js";
import {
  elementBytes,
  invalid,
  isSizes,
  maxHeaderBytes,
  type Safetensors,
  type Tensor,
  type TensorType,
  truncated,
} from "../ground/safetensors.js";
import type { Steps } from "../ground/steps.js";
import type { BitCoder } from "./bit-coder.js";
import { BitDecoder } from "./bit-decoder.js";
import { allPlaces, codeBytes, codeIntegers, codeText, tensorPlaces } from "./tensor-coder.js";

/** The tensors and the metadata of a safetensors file in about half the bytes, exactly (docs/FORMAT.md, "Coded tensors" and "Differences"). */

export const magic = [0xca, 0x49, 0x53, 0x4d];
/** Of files that stand alone, and of those that say how a model differs from its parent. */
export const versions = { alone: 1, difference: 2 } as const;
/** Magic, version, checksum of all behind it, and the length of the text that says what the tensors are. */
export const headBytes = magic.length + 9;

/** Bytes whose checksum is taken at a time. */
const bytesAtOnce = 1 << 20;

const integers = { I8: Int8Array, I16: Int16Array, I32: Int32Array, U16: Uint16Array } as const;

export const isCoded = (bytes: Uint8Array): boolean => bytes[0] === magic[0];

/** True for a file that is read beside its parent's: see difference.ts. */
export const isDifference = (bytes: Uint8Array): boolean =>
  isCoded(bytes) && bytes[magic.length] === versions.difference;

/**
 * The tensors of a coded file that stands alone, of `maxModelBytes` bytes at most together.
 * @throws IsthmusError `unsupported-version`, `truncated`, `corrupt` where the checksum or what follows from it is wrong, `invalid-model`
 */
export function* decodeFile(bytes: Uint8Array, maxModelBytes: number): Steps<Safetensors> {
  const { coder, metadata, shapes } = yield* decodeHeader(bytes, versions.alone, headBytes);
  checkTotal(shapes, maxModelBytes);
  return { tensors: yield* decodeTensors(coder, bytes, shapes), metadata };
}

/** A tensor that a header claims, and its bytes. */
interface Claim extends Pick<Tensor, "dtype" | "shape"> {
  readonly name: string;
  readonly size: number;
}

/** What the header of a coded file of a version says, and the coder behind it; coded bits begin at `start`. Throws as `decodeFile`. */
export function* decodeHeader(bytes: Uint8Array, version: number, start: number) {
  if (bytes.length < start) throw truncated(start, bytes.length);
  if (magic.some((byte, i) => bytes[i] !== byte)) {
    throw new IsthmusError("not-isthmus", "Expected a model but received something else");
  }
  const received = bytes[magic.length];
  if (received !== version) {
    throw new IsthmusError("unsupported-version", `Expected version 1 or 2 of coded tensors but received ${received}`);
  }
  const checksum = yield* checksumOf([bytes.subarray(magic.length + 5)]);
  if (checksum !== numberAt(bytes, magic.length + 1)) throw damaged();
  const length = numberAt(bytes, magic.length + 5);
  if (length > maxHeaderBytes) throw invalid(`a header of at most ${maxHeaderBytes} bytes`, length);
  const coder = new BitDecoder(allPlaces, bytes, start);
  const text = new Uint8Array(length);
  yield* codeText(coder, text);
  return { coder, ...readHeader(text) };
}

/** Throws `invalid-model` before anything is asked for. */
export function checkTotal(claims: readonly Pick<Claim, "size">[], maxModelBytes: number): void {
  const total = claims.reduce((sum, { size }) => sum + size, 0);
  // A side of 0 beside huge ones makes no number.
  if (!(total <= maxModelBytes)) throw invalid(`at most ${maxModelBytes} bytes for the tensors of a model`, total);
}

/** The last tensors of a file. */
export function* decodeTensors(
  coder: BitDecoder,
  bytes: Uint8Array,
  claims: readonly Claim[],
): Steps<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, size } of claims) {
    const data = new Uint8Array(size);
    yield;
    yield* withinFile(coder, bytes, codeTensor(coder, dtype, shape, data));
    tensors.set(name, { dtype, shape, data });
  }
  if (coder.next !== bytes.length) throw damaged();
  return tensors;
}

/** Few bytes do not hold up whoever waits for all that they claim. */
export function* withinFile(coder: BitDecoder, { length }: Uint8Array, steps: Steps<void>): Steps<void> {
  for (const _ of steps) {
    if (coder.next > length) throw damaged();
    yield;
  }
}

export function* checksumOf(pieces: readonly Uint8Array[]): Steps<number> {
  let checksum = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += bytesAtOnce) {
      checksum = crc32(piece.subarray(at, at + bytesAtOnce), checksum);
      yield;
    }
  }
  return checksum;
}

/** 32 bits, the lowest byte first. */
export const numberAt = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);

/** `data`: the tensor's own, and nobody else's. */
export function* codeTensor(
  coder: BitCoder,
  dtype: TensorType,
  shape: readonly number[],
  data: Uint8Array<ArrayBuffer>,
): Steps<void> {
  coder.forget(tensorPlaces);
  const Values = integers[dtype as keyof typeof integers];
  if (Values)
    yield* codeIntegers(
      coder,
      new Values(data.buffer),
      shape[shape.length - 1] ?? 1,
      dtype === "I8" || dtype === "I16",
    );
  else yield* codeBytes(coder, data, elementBytes[dtype]);
}

function readHeader(text: Uint8Array) {
  const { value: header, cause } = readUniqueJson(text);
  const [metadata, shapes, gone] = Array.isArray(header) ? header : [];
  const isText = (value: unknown) => typeof value === "string";
  if (!metadata || !Object.values(metadata).every(isText) || !Array.isArray(shapes)) {
    throw new IsthmusError("corrupt", "Expected metadata and shapes of tensors in the model's header", { cause });
  }
  const names = new Set<string>();
  const claims = shapes.map((claim) => {
    const [name, dtype, ...shape] = Array.isArray(claim) ? claim : [];
    if (!isText(name) || names.has(name) || !Object.hasOwn(elementBytes, dtype) || !isSizes(shape)) {
      throw invalid("a name of its own, a type and sizes for each tensor", "others");
    }
    names.add(name);
    const type = dtype as TensorType;
    return { name, dtype: type, shape, size: shape.reduce((product, side) => product * side, elementBytes[type]) };
  });
  return { metadata: metadata as Record<string, string>, shapes: claims, gone: gone as unknown };
}

const damaged = () => new IsthmusError("corrupt", "The model is damaged: its checksum does not match");
