import { crc32 } from "../crc32.js";
import type { Steps } from "../steps.js";
import { BitEncoder } from "./bit-encoder.js";
import { codeTensor, headBytes, magic } from "./coded-file.js";
import { inOrder, type Safetensors } from "./safetensors.js";
import { codeText, places } from "./tensor-coder.js";

/** The content of a safetensors file, coded: see coded-file.ts, which decodes it. */
export function* encodeFile({ tensors, metadata }: Safetensors): Steps<Uint8Array<ArrayBuffer>> {
  const named = inOrder(tensors);
  const shapes = named.map(([name, { dtype, shape }]) => [name, dtype, ...shape]);
  const texts = Object.entries(metadata).sort(([left], [right]) => (left < right ? -1 : 1));
  const text = new TextEncoder().encode(JSON.stringify([Object.fromEntries(texts), shapes]));
  const coder = new BitEncoder(places);
  yield* codeText(coder, text);
  for (const [, { dtype, shape, data }] of named) {
    // A copy, because coding puts values back where it found them.
    yield* codeTensor(coder, dtype, shape, data.slice());
  }
  const bits = coder.finish();
  const bytes = new Uint8Array(headBytes + bits.length);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(magic.length + 4, text.length, true);
  bytes.set(bits, headBytes);
  view.setUint32(magic.length, crc32(bytes.subarray(magic.length + 4)), true);
  return bytes;
}
