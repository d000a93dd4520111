import { crc32 } from "../crc32.js";
import { IsthmusError } from "../errors.js";
import type { Steps } from "../steps.js";
import type { BitCoder } from "./bit-coder.js";
import { BitDecoder } from "./bit-decoder.js";
import { parseUniqueJson } from "./json.js";
import {
  elementBytes,
  invalid,
  isSizes,
  maxHeaderBytes,
  type Safetensors,
  type Tensor,
  type TensorType,
} from "./safetensors.js";
import { codeBytes, codeIntegers, codeText, places, tensorPlaces } from "./tensor-coder.js";

/** The tensors and the metadata of a safetensors file in about half the bytes, exactly (docs/FORMAT.md, "Coded tensors"). */

export const magic = [0xca, 0x49, 0x53, 0x4d, 1];
/** Magic, checksum of all behind it, and the length of the text that says what the tensors are. */
export const headBytes = magic.length + 8;

/** Bytes whose checksum is taken at a time. */
const bytesAtOnce = 1 << 20;

const integers = { I8: Int8Array, I16: Int16Array, I32: Int32Array, U16: Uint16Array } as const;

export const isCoded = (bytes: Uint8Array): boolean => bytes[0] === magic[0];

/**
 * The tensors of a coded file, of `maxModelBytes` bytes at most together.
 * @throws IsthmusError `unsupported-version`, `truncated`, `corrupt` where the checksum or what follows from it is wrong, `invalid-model`
 */
export function* decodeFile(bytes: Uint8Array, maxModelBytes: number): Steps<Safetensors> {
  if (bytes.length < headBytes) {
    throw new IsthmusError(
      "truncated",
      `Expected at least ${headBytes} bytes for the model but received ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  magic.forEach((byte, i) => {
    if (bytes[i] === byte) return;
    const isNewer = i === magic.length - 1;
    throw isNewer
      ? new IsthmusError("unsupported-version", `Expected version ${byte} of coded tensors but received ${bytes[i]}`)
      : new IsthmusError("not-isthmus", "Expected a model but received something else");
  });
  let checksum = 0;
  for (let at = magic.length + 4; at < bytes.length; at += bytesAtOnce) {
    checksum = crc32(bytes.subarray(at, at + bytesAtOnce), checksum);
    yield;
  }
  if (checksum !== view.getUint32(magic.length, true)) throw damaged();
  const length = view.getUint32(magic.length + 4, true);
  if (length > maxHeaderBytes) throw invalid(`a header of at most ${maxHeaderBytes} bytes`, length);
  const coder = new BitDecoder(places, bytes, headBytes);
  const text = new Uint8Array(length);
  yield* codeText(coder, text);
  const { metadata, shapes } = readHeader(text);
  const total = shapes.reduce((sum, { size }) => sum + size, 0);
  // A side of 0 beside huge ones makes no number.
  if (!(total <= maxModelBytes)) throw invalid(`at most ${maxModelBytes} bytes for the tensors of a model`, total);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, size } of shapes) {
    const data = new Uint8Array(size);
    yield;
    for (const _ of codeTensor(coder, dtype, shape, data)) {
      // Few bytes do not hold up whoever waits for all that they claim.
      if (coder.next > bytes.length) throw damaged();
      yield;
    }
    tensors.set(name, { dtype, shape, data });
  }
  if (coder.next !== bytes.length) throw damaged();
  return { tensors, metadata };
}

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
  let header: unknown;
  let cause: unknown;
  try {
    header = parseUniqueJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text));
  } catch (error) {
    cause = error;
  }
  const [metadata, shapes] = Array.isArray(header) ? header : [];
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
  return { metadata: metadata as Record<string, string>, shapes: claims };
}

const damaged = () => new IsthmusError("corrupt", "The model is damaged: its checksum does not match");
