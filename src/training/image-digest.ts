import { hexOf } from "../bytes.js";
import { crc32 } from "../codec/crc32.js";
import type { DecodedImage } from "../image/image.js";
import { sha256 } from "../models/sha256.js";
import type { Breath } from "./breath.js";

/** Bytes that are looked at without a pause. */
const pieceBytes = 1 << 20;

/** Tells sets of images apart that differ in anything: their number, order, sizes or samples. Hexadecimal. */
export async function digestOf(sets: readonly (readonly DecodedImage[])[], breath: Breath): Promise<string> {
  const numbers: number[] = [];
  for (const images of sets) {
    numbers.push(images.length);
    for (const { data, width, height, channels } of images) {
      numbers.push(width, height, channels);
      for (let at = 0; at < data.length; at += pieceBytes) {
        numbers.push(crc32(data.subarray(at, at + pieceBytes)));
        await breath.breathe();
      }
    }
  }
  return hexOf(sha256(new Uint8Array(Float64Array.from(numbers).buffer)).subarray(0, 16));
}
