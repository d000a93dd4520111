import { crc32 } from "../../src/ground/crc.js";
import type { TensorType } from "../../src/ground/safetensors.js";
import { finish } from "../../src/ground/steps.js";
import { BitEncoder } from "../../src/models/bit-encoder.js";
import { codeTensor, headBytes, magic, versions } from "../../src/models/coded-file.js";
import { allPlaces, codeText } from "../../src/models/tensor-coder.js";
import type { TensorFile } from "../reference/decoder/safetensors.js";
import type { Dice } from "./dice.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateJson } from "./mutate-model.js";

/** A coded model file whose header claims something else, or whose bits do; most often under a checksum that is right. */
export function mutateCoded({ tensors, metadata }: TensorFile, dice: Dice): Uint8Array {
  const shapes = [...tensors].map(([name, { type, shape }]) => [name, type, ...shape]);
  let header: unknown = [metadata, shapes];
  const claims = dice.chance(0.5);
  for (let count = 1 + dice.length(3); claims && count > 0; count--) header = mutateJson(header, dice);
  const text = new TextEncoder().encode(JSON.stringify(header));
  const coder = new BitEncoder(allPlaces);
  finish(codeText(coder, text));
  for (const { type, shape, bytes } of tensors.values()) {
    finish(codeTensor(coder, type as TensorType, shape, Uint8Array.from(bytes)));
  }
  const head = new Uint8Array(headBytes);
  head.set([...magic, versions.alone]);
  const written = new Uint8Array(Buffer.concat([head, coder.finish()]));
  new DataView(written.buffer).setUint32(magic.length + 5, dice.chance(0.95) ? text.length : dice.extreme(), true);
  const file = !claims || dice.chance(0.3) ? mutateBytes(written, dice) : written;
  if (file.length >= headBytes && dice.chance(0.9)) {
    new DataView(file.buffer, file.byteOffset).setUint32(
      magic.length + 1,
      crc32(file.subarray(magic.length + 5)),
      true,
    );
  }
  return file;
}
