import { readSafetensors, type Safetensors, writeSafetensors } from "../../src/ground/safetensors.js";
import { finish } from "../../src/ground/steps.js";
import { decodeFile, isCoded } from "../../src/models/coded-file.js";
import { encodeFile } from "../../src/models/encode-file.js";

const read = (bytes: Uint8Array): Safetensors =>
  isCoded(bytes) ? finish(decodeFile(bytes, 1 << 26)) : readSafetensors(bytes);

/** What a sender needs beyond the receiver's half of the same model: the other tensors, and the facts of the whole. */
export function sendersHalf(whole: Uint8Array, receiversHalf: Uint8Array): Uint8Array {
  const { tensors, metadata } = read(whole);
  for (const name of read(receiversHalf).tensors.keys()) tensors.delete(name);
  return finish(encodeFile({ tensors, metadata }));
}

/** The whole model again, plain. */
export function joinHalves(receiversHalf: Uint8Array, sendersHalf: Uint8Array): Uint8Array {
  const { tensors, metadata } = read(sendersHalf);
  return writeSafetensors({ tensors: new Map([...tensors, ...read(receiversHalf).tensors]), metadata });
}
