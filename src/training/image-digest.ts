import { hexOf } from "../ground/bytes.js";
import { crc32 } from "../ground/crc.js";
import { sha256 } from "../models/sha256.js";
import type { Breath } from "./breath.js";
import { type CheckedSource, isLazy } from "./gallery.js";

/** Bytes that are looked at without a pause. */
const pieceBytes = 0x100000;

/** Tells sets of images apart that differ in anything: their number, order, sizes or samples, or digests of their own. Hexadecimal. */
export async function digestOf(sets: readonly (readonly CheckedSource[])[], breath: Breath): Promise<string> {
  let digest = "";
  for (const images of sets) {
    digest = digestOfText(`${digest} ${images.length}`);
    for (const image of images) {
      digest = digestOfText(`${digest} ${image.width} ${image.height} ${await marksOf(image, breath)}`);
      await breath.breathe();
    }
  }
  return digest;
}

async function marksOf(image: CheckedSource, breath: Breath): Promise<string> {
  if (isLazy(image)) return image.digest;
  const { data, channels } = image;
  const marks: number[] = [channels];
  for (let at = 0; at < data.length; at += pieceBytes) {
    marks.push(crc32(data.subarray(at, at + pieceBytes)));
    await breath.breathe();
  }
  return marks.join(" ");
}

const digestOfText = (text: string): string => hexOf(sha256(new TextEncoder().encode(text)).subarray(0, 16));
