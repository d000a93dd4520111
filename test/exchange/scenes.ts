import { expect } from "vitest";
import { crc32 } from "../../src/ground/crc.js";
import type { DecodedImage } from "../../src/image/image.js";
import { createReceiver, createSender, receiveScene, type SceneFrameReport, sendScene } from "../../src/index.js";
import { drawMovingScene } from "../reference/moving-scenes.js";
import { goldenModel } from "../vectors/golden-files.js";

export const photo = goldenModel("photo");
export const sender = await createSender({ model: photo });
export const receiver = createReceiver({ resolveModel: () => photo });

/** A disc on its way over a still picture. */
export const scene = (count: number, size = { width: 97, height: 75 }, channels: 1 | 3 = 3): DecodedImage[] =>
  Array.from({ length: count }, (_, i) => drawMovingScene({ ...size, channels, step: i }));

export interface Sent {
  readonly frames: Uint8Array[];
  readonly reports: SceneFrameReport[];
}

export async function send(pictures: readonly DecodedImage[], options = {}, interval = 40): Promise<Sent> {
  const reports: SceneFrameReport[] = [];
  const sending = sendScene(sender, { ...options, onFrame: (report) => void reports.push(report) });
  const frames: Uint8Array[] = [];
  for (const [i, picture] of pictures.entries()) {
    const frame = await sending.encode(picture, { time: 1000 + i * interval });
    if (frame) frames.push(frame);
  }
  return { frames, reports };
}

export const withChecksum = (bytes: Uint8Array): Uint8Array => {
  const forged = bytes.slice();
  new DataView(forged.buffer).setUint32(forged.length - 4, crc32(forged.subarray(0, -4)), true);
  return forged;
};
export const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
};
export const pixelsOf = (image: DecodedImage | undefined) => {
  expect(image).toBeDefined();
  const { data, width, height, channels } = image!;
  return { data, width, height, channels };
};

/** What is shown after the last of the frames. */
export const decodeAll = async (frames: readonly Uint8Array[]) => {
  const receiving = receiveScene(receiver);
  let shown: Awaited<ReturnType<typeof receiving.decode>>;
  for (const frame of frames) shown = await receiving.decode(frame);
  return shown;
};

/** The checksum by which the next frame names this one. */
export const checksumOf = (frame: Uint8Array): number =>
  new DataView(frame.buffer, frame.byteOffset).getUint32(frame.length - 4, true);
