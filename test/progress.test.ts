import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createReceiver, loadCodec, loadLatentSpace } from "../src/index.js";
import { drawPicture } from "./reference/pictures.js";

const file = (name: string) => new Uint8Array(readFileSync(new URL(`./vectors/golden/${name}`, import.meta.url)));
const model = file("photo.isthm");
const codec = await loadCodec({ model });
const receiver = createReceiver({ resolveModel: () => model });
const picture = drawPicture(40, 30, 3);
const lossless = { data: new Uint8Array(64).fill(255), width: 8, height: 8, channels: 1 };
const [stream, plain] = [await codec.encode(picture), await codec.encode(lossless)];
const rows = { width: 40, height: 30, channels: 3, rows: [picture.data] };

const calls: [string, (onProgress: (fraction: number) => void) => Promise<unknown>][] = [
  ["encode", (onProgress) => codec.encode(picture, { onProgress })],
  ["encode to a target", (onProgress) => codec.encodeTo(picture, { targetBytes: 2000, effort: 1, onProgress })],
  ["encode of rows", (onProgress) => codec.encodeRows(rows, { onProgress })],
  ["decode", (onProgress) => codec.decode(stream, { onProgress })],
  ["decode of a lossless stream", (onProgress) => codec.decode(plain, { onProgress })],
  ["decode of a frame", (onProgress) => receiver.decode(stream, { onProgress })],
];

describe("progress", () => {
  test.each(calls)("of %s ends at 1, and never goes back", async (_, call) => {
    const told: number[] = [];
    await call((fraction) => void told.push(fraction));
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  test("of rows ends with the last of them", async () => {
    const told: number[] = [];
    const decoded = await codec.decodeRows(stream, { onProgress: (fraction) => void told.push(fraction) });
    expect(told).not.toContain(1);
    for await (const piece of decoded.rows) expect(piece.length).toBeGreaterThan(0);
    expect(told.at(-1)).toBe(1);
  });
});

test("a model of pictures of any size is no latent space, and the message says which is", async () => {
  await expect(loadLatentSpace({ model })).rejects.toMatchObject({
    message: expect.stringMatching(/preset photo", of pictures of any size: train one with the preset variational/),
  });
});
