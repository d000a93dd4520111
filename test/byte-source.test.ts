import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { ByteSource } from "../src/index.js";
import {
  createReceiver,
  createRestorer,
  inspect,
  loadCodec,
  loadDecoder,
  loadModel,
  packFrames,
  streamMetadata,
  unpackFrames,
} from "../src/index.js";
import { decodePreview, encodePreview } from "../src/preview.js";
import { drawPicture } from "./reference/pictures.js";

const file = (name: string) => new Uint8Array(readFileSync(new URL(`./vectors/golden/${name}`, import.meta.url)));
const model = file("photo.isthm");
const codec = await loadCodec({ model });
const picture = drawPicture(9, 7, 3);
const stream = await codec.encode(picture, { metadata: { xmp: Uint8Array.of(1, 2, 3) } });
const decoded = await codec.decode(stream);

/** The same values in another realm, as of an iframe or a test runner's environment. */
const realm = createContext({});
function elsewhere(bytes: Uint8Array, kind = "Uint8Array"): Uint8Array {
  const made = runInContext(`new ${kind}(${bytes.length})`, realm) as Uint8Array;
  made.set(bytes);
  return made;
}

const shared = (bytes: Uint8Array): Uint8Array => {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length));
  view.set(bytes);
  return view;
};
const inside = (bytes: Uint8Array): Uint8Array => {
  const room = new Uint8Array(bytes.length + 20);
  room.set(bytes, 7);
  return room.subarray(7, 7 + bytes.length);
};

const forms: [string, (bytes: Uint8Array) => ByteSource][] = [
  ["a view into a larger buffer", inside],
  ["a Buffer", (bytes) => Buffer.from(bytes)],
  ["an ArrayBuffer", (bytes) => bytes.slice().buffer],
  ["a DataView", (bytes) => new DataView(inside(bytes).buffer, 7, bytes.length)],
  ["a Uint8ClampedArray", (bytes) => new Uint8ClampedArray(bytes)],
  ["shared memory", shared],
  ["a Uint8Array of another realm", (bytes) => elsewhere(bytes)],
  ["an ArrayBuffer of another realm", (bytes) => elsewhere(bytes).buffer],
  ["a Blob", (bytes) => new Blob([bytes as Uint8Array<ArrayBuffer>])],
  ["a Response", (bytes) => new Response(bytes as Uint8Array<ArrayBuffer>)],
  ["the promise of a Response", async (bytes) => new Response(bytes as Uint8Array<ArrayBuffer>)],
];

describe.each(forms)("bytes as %s", (_, form) => {
  test("are decoded, and open a model", async () => {
    expect(await codec.decode(form(stream))).toEqual(decoded);
    expect(await (await loadDecoder({ model: form(model) })).decode(form(stream))).toEqual(decoded);
    const receiver = createReceiver({ resolveModel: () => form(model) });
    expect(await receiver.decode(form(stream))).toEqual(decoded);
    expect((await loadCodec({ model: form(model) })).model.id).toBe(codec.model.id);
    expect((await loadModel(form(model) as never)).id).toBe(codec.model.id);
    await expect(createRestorer(form(model))).rejects.toMatchObject({ code: "model-unsuited" });
  });

  test("are inspected", async () => {
    expect(await inspect(form(stream) as never)).toEqual(inspect(stream));
    expect(await streamMetadata(form(stream) as never)).toEqual({ xmp: Uint8Array.of(1, 2, 3) });
  });
});

test("answers that tell of a failure are told as such", async () => {
  const missing = new Response("", { status: 404 });
  const message = 'Expected a file for bytes but received "status 404"';
  await expect(codec.decode(missing)).rejects.toMatchObject({ code: "invalid-parameter", message });
});

describe("of another realm", () => {
  test("pixels are encoded", async () => {
    const plain = await codec.encode(picture);
    for (const kind of ["Uint8Array", "Uint8ClampedArray"]) {
      expect(await codec.encode({ ...picture, data: elsewhere(picture.data, kind) })).toEqual(plain);
    }
    const { width, height, channels, data } = picture;
    expect(await codec.encodeRows({ width, height, channels, rows: [elsewhere(data)] })).toEqual(plain);
  });

  test("signals end the work", async () => {
    const signal = { aborted: true, reason: "enough", addEventListener() {}, removeEventListener() {} };
    await expect(codec.decode(stream, { signal: signal as never })).rejects.toMatchObject({ code: "aborted" });
  });

  test("frames and previews are read", async () => {
    const frames: Uint8Array[] = [];
    const packed = packFrames([elsewhere(stream)]);
    for await (const frame of unpackFrames(packed)) frames.push(frame);
    expect(frames).toEqual([stream]);
    const preview = encodePreview(picture);
    expect(decodePreview(elsewhere(preview))).toEqual(decodePreview(preview));
  });
});

describe("what was handed in may change as soon as a promise is there:", () => {
  test("an image", async () => {
    const before = await codec.encode(drawPicture(64, 64, 3), { effort: 1 });
    const image = drawPicture(64, 64, 3);
    const data = image.data.slice();
    const encoding = codec.encode({ ...image, data }, { effort: 1 });
    data.fill(0);
    expect(await encoding).toEqual(before);
  });

  test("a stream", async () => {
    const bytes = stream.slice();
    const decoding = codec.decode(bytes);
    bytes.fill(0);
    expect(await decoding).toEqual(decoded);
  });

  test("metadata", async () => {
    const xmp = Uint8Array.of(1, 2, 3);
    const encoding = codec.encode(picture, { metadata: { xmp } });
    xmp.fill(0);
    expect(await encoding).toEqual(stream);
  });
});

describe("metadata", () => {
  test.each([
    ["a text", "<x/>"],
    ["a list of numbers", [1, 2]],
    ["something with a length", { length: 8 }],
    ["a number", 7],
    ["null", null],
  ])("may not be %s", async (_, icc) => {
    const message = expect.stringMatching(/^Expected a Uint8Array.* for metadata\.icc but received /);
    const encoding = codec.encode(picture, { metadata: { icc } as never });
    await expect(encoding).rejects.toMatchObject({ code: "invalid-parameter", message });
  });

  test("of an unknown kind is refused", async () => {
    const encoding = codec.encode(picture, { metadata: { exfi: Uint8Array.of(1) } as never });
    await expect(encoding).rejects.toMatchObject({ message: expect.stringMatching(/did you mean "exif"\?$/) });
  });

  test("that is undefined is not there, and elements of any size are bytes", async () => {
    const plain = await codec.encode(picture);
    expect(await codec.encode(picture, { metadata: { icc: undefined, xmp: undefined } })).toEqual(plain);
    const words = Uint16Array.of(0x0201, 0x0403);
    const carried = streamMetadata(await codec.encode(picture, { metadata: { exif: words } }));
    expect(carried).toEqual({ exif: new Uint8Array(words.buffer) });
  });
});
