import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as browser from "../src/browser.js";
import * as library from "../src/index.js";
import {
  createPool,
  IsthmusError,
  inspect,
  loadCodec,
  loadLatentSpace,
  streamMetadata,
  train,
  wrap,
} from "../src/index.js";
import * as node from "../src/node.js";
import * as preview from "../src/preview.js";

/** Calls that anybody may get wrong at first, as JavaScript lets them through. */
const picture = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 };
const calls: [string, (...given: never[]) => unknown, unknown, string][] = [
  [
    "inspect",
    inspect,
    "photo.isth",
    'Expected a Uint8Array, ArrayBuffer, Blob or Response for bytes but received "photo.isth": read or fetch it first',
  ],
  [
    "streamMetadata",
    streamMetadata,
    { length: 8 },
    "Expected a Uint8Array, ArrayBuffer, Blob or Response for bytes but received an object (Object)",
  ],
  ["train", train, picture, "Expected an array of images for images but received an object (Object)"],
  ["train", train, undefined, "Expected an array of images for images but received undefined of type undefined"],
  [
    "createPool",
    createPool,
    picture,
    "Expected a function that starts a worker for startWorker but received an object (Object)",
  ],
];

test.each(calls)("%s says what it expects", async (_, call, given, message) => {
  await expect((async () => call(given as never))()).rejects.toMatchObject({ code: "invalid-parameter", message });
});

/** Anything that may be handed in by mistake, first of all nothing. */
const mistakes: readonly unknown[] = [
  undefined,
  null,
  0,
  Number.NaN,
  "photo.jpg",
  true,
  {},
  [],
  () => {},
  Symbol("x"),
  new Date(0),
  9n,
];

/** Functions that take anything, or nothing. */
const tolerant = ["defaultModel", "train in worker"];

/** The public functions by name: those of the entries, and the methods of what they open. */
async function publicFunctions(): Promise<[string, (...given: never[]) => unknown][]> {
  const file = (name: string) => new Uint8Array(readFileSync(new URL(`./vectors/golden/${name}`, import.meta.url)));
  const codec = await loadCodec(file("photo.isthm"));
  const space = await loadLatentSpace(file("vector.isthm"));
  const receiver = library.createReceiver({ resolveModel: () => file("photo.isthm") });
  const sender = await library.createSender(file("photo.isthm"));
  const found: [string, (...given: never[]) => unknown][] = [];
  for (const [entry, exports] of Object.entries({ library, browser, node, preview })) {
    for (const [name, value] of Object.entries(exports)) {
      const isClass = typeof value === "function" && /^class/.test(Function.prototype.toString.call(value));
      if (typeof value === "function" && !isClass && !tolerant.includes(name))
        found.push([`${entry}.${name}`, value as never]);
    }
  }
  const methods = {
    codec: [codec, ["encode", "encodeTo", "encodeRows", "decode", "decodeRows"]],
    space: [space, ["encode", "decode", "sample", "interpolate", "logLikelihood"]],
    receiver: [receiver, ["decode", "images"]],
    sender: [sender, ["encode", "frames"]],
  } as const;
  for (const [owner, [object, names]] of Object.entries(methods)) {
    for (const name of names) {
      const method = (object as unknown as Record<string, (...given: never[]) => unknown>)[name];
      found.push([`${owner}.${name}`, method.bind(object)]);
    }
  }
  return found;
}

/** What becomes of a call: its error, or undefined. Sequences are asked for their first item. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    const result = await call();
    if (typeof (result as AsyncGenerator | undefined)?.next === "function") await (result as AsyncGenerator).next();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("no mistake gives a plain TypeError:", async () => {
  test.each(await publicFunctions())("%s", async (_, call) => {
    const plain: string[] = [];
    for (const given of mistakes) {
      for (const second of [undefined, null, 7, "text", { Unknown: 1 }]) {
        const error = await errorOf(() => call(given as never, second as never));
        if (error !== undefined && !(error instanceof IsthmusError))
          plain.push(`${String(given)}, ${JSON.stringify(second)}: ${error}`);
      }
    }
    expect(plain).toEqual([]);
  });
});

test("files and elements that are to be encoded are told to be read first", async () => {
  const codec = await loadCodec();
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16);
  const messageOf = async (image: unknown) => ((await errorOf(() => codec.encode(image as never))) as Error).message;
  expect(await messageOf(jpeg)).toBe(
    "Expected an image { data, width, height } for image but received an object (Uint8Array): that is a JPEG, read it with readImage of isthmus/node or isthmus/browser",
  );
  expect(await messageOf("photo.jpg")).toMatch(/received "photo\.jpg": read it with readImage of isthmus\/node/);
  expect(await messageOf(new Blob([]))).toMatch(/received an object \(Blob\): read it with readImage/);
  const inspecting = (async () => inspect(jpeg))();
  await expect(inspecting).rejects.toMatchObject({
    code: "not-isthmus",
    message: "Expected a stream or a model of Isthmus but received a JPEG: did you mean encode?",
  });
  expect(() => wrap(undefined as never)).toThrow(
    "Expected a Worker for worker but received undefined of type undefined",
  );
});
