import { Pacer } from "../../src/ground/pacer.js";
import { readSafetensors, type Safetensors, writeSafetensors } from "../../src/ground/safetensors.js";
import { finish, paced, type Steps } from "../../src/ground/steps.js";
import { decodeFile, isCoded } from "../../src/models/coded-file.js";
import { encodeFile } from "../../src/models/encode-file.js";

function* read(bytes: Uint8Array): Steps<Safetensors> {
  return isCoded(bytes) ? yield* decodeFile(bytes, 1 << 26) : readSafetensors(bytes);
}

/** What a sender needs beyond the receiver's half of the same model: the other tensors, and the facts of the whole. */
export function sendersHalf(whole: Uint8Array, receiversHalf: Uint8Array): Uint8Array {
  const { tensors, metadata } = finish(read(whole));
  for (const name of finish(read(receiversHalf)).tensors.keys()) tensors.delete(name);
  return finish(encodeFile({ tensors, metadata }));
}

/** The whole model again, plain. Breathes, since a page waits for it. */
export async function joinHalves(receiversHalf: Uint8Array, sendersHalf: Uint8Array): Promise<Uint8Array> {
  const pacer = new Pacer({});
  const { tensors, metadata } = await paced(read(sendersHalf), pacer);
  const received = await paced(read(receiversHalf), pacer);
  return writeSafetensors({ tensors: new Map([...tensors, ...received.tensors]), metadata });
}
