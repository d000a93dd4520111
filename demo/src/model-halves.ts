import { readSafetensors, writeSafetensors } from "../../src/models/safetensors.js";

/** What a sender needs beyond the receiver's half of the same model: the other tensors, and the facts of the whole. */
export function sendersHalf(whole: Uint8Array, receiversHalf: Uint8Array): Uint8Array {
  const { tensors, metadata } = readSafetensors(whole);
  for (const name of readSafetensors(receiversHalf).tensors.keys()) tensors.delete(name);
  return writeSafetensors({ tensors, metadata });
}

/** The whole model again, byte for byte. */
export function joinHalves(receiversHalf: Uint8Array, sendersHalf: Uint8Array): Uint8Array {
  const { tensors, metadata } = readSafetensors(sendersHalf);
  return writeSafetensors({ tensors: new Map([...tensors, ...readSafetensors(receiversHalf).tensors]), metadata });
}
