import { expect, test } from "vitest";
import { createPool, inspect, streamMetadata, train } from "../src/index.js";

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
