import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { inspect, streamMetadata } from "../../src/codec/inspect.js";
import { unpackFrames } from "../../src/exchange/frames.js";
import { IsthmusError } from "../../src/ground/errors.js";
import { createReceiver, loadCodec, loadDecoder, loadModel } from "../../src/index.js";
import { Memory } from "../../src/kernels/memory.js";
import { averageColor, decodePreview, previewToDataURL } from "../../src/preview/decode-preview.js";
import { encodePreview } from "../../src/preview/encode-preview.js";
import { loadPreviewModel, writePreviewModel } from "../../src/preview/preview-model.js";
import type { PreviewModel, Weights } from "../../src/preview/preview-network.js";
import { type TensorName, tensorNames, tensorTable } from "../../src/preview/tensors.js";
import type { Answer, Port } from "../../src/worker/messages.js";
import { serve } from "../../src/worker/serve.js";
import { readTensorFile, writeTensorFile } from "../reference/decoder/safetensors.js";
import { drawPicture } from "../reference/pictures.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";

/** Whatever goes in where bytes from outside go in, nothing comes out but a result or an `IsthmusError`. */

const decoder = await createDecoder(goldenModel("grey"));
const stream = readGolden("grey-1x1.isth");
const model = readGolden("planes.isthm");

const bytesOnly = (given: unknown): Uint8Array => (given instanceof Uint8Array ? given : new Uint8Array(9));

type Door = (given: never) => unknown;
const doors: Record<string, Door> = {
  inspect,
  streamMetadata,
  loadModel: (given) => loadModel(given),
  "loadCodec({ model })": (given) => loadCodec({ model: given }),
  "loadDecoder({ model })": (given) => loadDecoder({ model: given }),
  "decoder.decode": (given) => decoder.decode(given),
  "decoder.decodeRows": (given) => decoder.decodeRows(given),
  "decode, maxPixels": (given) => decoder.decode(stream, { maxPixels: given }),
  "decode, bare": (given) => decoder.decode(stream, { bare: given }),
  "receiver.decode": (given) => createReceiver({ resolveModel: () => model }).decode(given),
  resolveModel: (given) => createReceiver({ resolveModel: () => given }).decode(stream),
  unpackFrames: async (given) => {
    for await (const _ of unpackFrames([given]));
  },
  decodePreview: (given) => decodePreview(given),
  averageColor: (given) => averageColor(given),
  previewToDataURL: (given) => previewToDataURL(given),
  loadPreviewModel: (given) => given !== undefined && loadPreviewModel(bytesOnly(given)),
};

/** What JavaScript lets through, nested and with members that have the names of ours. */
const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withTypedArray: true });
const member = fc.constantFrom(
  "width",
  "height",
  "grey",
  "bare",
  "maxPixels",
  "signal",
  "size",
  "model",
  "data",
  "bytes",
);
const something = fc.oneof(anything, fc.dictionary(member, anything), fc.uint8Array({ maxLength: 40 }));

async function errorOf(door: Door, given: unknown): Promise<unknown> {
  try {
    await door(given as never);
    return undefined;
  } catch (error) {
    return error ?? new Error("nothing was thrown");
  }
}

describe("only errors of our own", () => {
  test.each(Object.entries(doors))("come out of %s", async (_, door) => {
    await fc.assert(
      fc.asyncProperty(something, async (given) => {
        const error = await errorOf(door, given);
        if (error !== undefined) expect(error).toBeInstanceOf(IsthmusError);
      }),
      { numRuns: 150, seed: 16 },
    );
  });

  test("come out of models whose header holds any JSON in any place", async () => {
    const file = readTensorFile(model);
    const configuration = JSON.parse(String(file.metadata.configuration));
    const deep = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constant({ toString: 1 }),
      fc.constant({ constructor: { name: {} } }),
      fc.constant(deep),
    );
    const members = fc.constantFrom(...Object.keys(configuration), "extra", "restoration", "__proto__", "likelihood");
    await fc.assert(
      fc.asyncProperty(members, odd, fc.constantFrom("configuration", "training"), async (name, value, text) => {
        const base = text === "training" ? {} : { ...configuration };
        Object.defineProperty(base, name, { value, enumerable: true });
        const metadata = {
          ...file.metadata,
          [text]: JSON.stringify(base, (_, inner) => (inner === deep ? "DEEP" : inner)).replace(
            '"DEEP"',
            "[".repeat(20_000) + "]".repeat(20_000),
          ),
        };
        const given = writeTensorFile({ ...file, metadata });
        for (const door of [loadModel, inspect, doors["loadCodec({ model })"], doors["loadDecoder({ model })"]]) {
          const error = await errorOf(door as Door, given);
          if (error !== undefined) expect(error).toBeInstanceOf(IsthmusError);
        }
      }),
      { numRuns: 150, seed: 16 },
    );
  });

  test.each([
    '{"a":{"dtype":{"toString":1},"shape":[1],"data_offsets":[0,1]}}',
    '{"a":{"dtype":["I8"],"shape":[1],"data_offsets":[0,1]}}',
    `{"a":${"[".repeat(120_000)}${"]".repeat(120_000)}}`,
    `${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}`,
  ])("come out of the header %#", async (header) => {
    const text = Buffer.from(header);
    const claim = Buffer.alloc(8);
    claim.writeBigUInt64LE(BigInt(text.length));
    const given = new Uint8Array(Buffer.concat([claim, text, Buffer.alloc(1)]));
    for (const door of [loadModel, inspect, loadPreviewModel, doors["loadCodec({ model })"]]) {
      expect(await errorOf(door as Door, given)).toBeInstanceOf(IsthmusError);
    }
  });
});

describe("a model of previews that nobody trained", () => {
  const widths = { priorHidden: 1, synthesisHidden: 1 };
  const forged = (value: (name: TensorName, i: number) => number): Uint8Array => {
    const tensors = tensorNames.map((name) => {
      const numbers = Float64Array.from({ length: tensorTable[name].count(widths) }, (_, i) => value(name, i));
      return [name, name === "order" ? numbers.map((_, i) => i) : numbers];
    });
    return writePreviewModel({ ...widths, ...Object.fromEntries(tensors) } as Weights);
  };
  const picture = drawPicture(40, 30, 3);

  test("ends the search where no symbols fit", () => {
    // Each latent is expected far from where it may lie.
    const model = loadPreviewModel(forged((name) => (name === "priorBias" ? 1e6 : name === "mean" ? 0 : 1)));
    for (const bytes of [8, 21, 64]) {
      const started = performance.now();
      const error = (() => {
        try {
          return encodePreview(picture, { model, bytes });
        } catch (error) {
          return error;
        }
      })();
      if (!(error instanceof Uint8Array)) expect(error).toMatchObject({ name: "IsthmusError", code: "invalid-model" });
      expect(performance.now() - started).toBeLessThan(10_000);
    }
  });

  test("gives a picture or an error, whatever its numbers", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 30 }),
        fc.integer(),
        fc.integer({ min: 8, max: 64 }),
        (power, seed, bytes) => {
          const spread = (i: number, name: string) => Math.sin(i * 7.3 + name.length + seed) * 10 ** power;
          const positive = ["deviation", "stepPrior"];
          const file = forged((name, i) =>
            positive.includes(name) ? Math.abs(spread(i, name)) + 1e-3 : spread(i, name),
          );
          const attempt = (work: (model: PreviewModel) => unknown): void => {
            try {
              work(loadPreviewModel(file));
            } catch (error) {
              expect(error).toMatchObject({ name: "IsthmusError" });
            }
          };
          attempt((model) => encodePreview(picture, { model, bytes }));
          attempt((model) => decodePreview(new Uint8Array(bytes).fill(seed), { model, size: 8 }));
          attempt((model) => averageColor(new Uint8Array(bytes).fill(seed >> 8), { model }));
        },
      ),
      { numRuns: 60, seed: 16 },
    );
  });
});

test("a worker leaves messages alone that are none of ours", async () => {
  const heard: Answer[] = [];
  let receive: (message: never) => void = () => {};
  const port = {
    post: (answer: Answer) => void heard.push(answer),
    listen: (one: typeof receive) => {
      receive = one;
    },
  };
  serve(port as Port, () => Promise.reject(new Error("no pictures here")));
  const call = { id: 1, call: "close", given: { opened: 1 } };
  for (const message of [null, undefined, 7, "text", [], {}, { id: 1 }, call, { id: "1", call: "train", wants: [] }]) {
    await (receive as (message: unknown) => unknown)(message);
  }
  await (receive as (message: unknown) => unknown)({ id: 2, signal: "constructor" });
  await (receive as (message: unknown) => unknown)({ id: 2, image: new Uint8Array(1), use: "constructor" });
  expect(heard).toEqual([]);
  await (receive as (message: unknown) => unknown)({ ...call, wants: [] });
  expect(heard).toEqual([{ id: 1, returned: undefined }]);
});

test("short memory is an error of our own", async () => {
  const decoder = await createDecoder(goldenModel("photo"));
  const shortage = new RangeError("Array buffer allocation failed");
  vi.spyOn(Memory.prototype, "place").mockImplementation(() => {
    throw shortage;
  });
  try {
    const decoding = decoder.decode(readGolden("photo-9x9.isth"));
    await expect(decoding).rejects.toMatchObject({ name: "IsthmusError", code: "unsupported-engine" });
  } finally {
    vi.restoreAllMocks();
  }
});
