import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import type { DecodeOptions } from "../../src/codec/codec-options.js";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { brokenCases, encodeGood, goodCases } from "../vectors/golden-cases.js";
import { goldenModel, goldenPath as pathOf, readGolden as read } from "../vectors/golden-files.js";
import { goldenModelNames, trainGoldenModel } from "../vectors/golden-models.js";

/**
 * The committed models and streams of test/vectors/golden: what a decoder of any engine, and in any language, must make of
 * them. A change of these files is a breaking change of the format. After such a change, UPDATE_VECTORS=1 writes the streams
 * and golden.json anew, and trains the models that are missing.
 */
const update = process.env.UPDATE_VECTORS === "1";

/** The entries of golden.json: whatever a decoder needs to know beside the files. */
interface GoodEntry {
  readonly name: string;
  readonly model: string;
  readonly bare?: DecodeOptions["bare"];
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** SHA-256 of the decoded samples. */
  readonly sha256: string;
}
interface BrokenEntry {
  readonly name: string;
  readonly model: string;
  readonly code: string;
}

const readModel = (name: string): Uint8Array => read(`${name}.isthm`);
const stream = (name: string): Uint8Array => read(`${name}.isth`);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

async function writeVectors(): Promise<void> {
  mkdirSync(pathOf("."), { recursive: true });
  for (const name of goldenModelNames) {
    if (!existsSync(pathOf(`${name}.isthm`)))
      writeFileSync(pathOf(`${name}.isthm`), (await trainGoldenModel(name)).bytes);
  }
  const codecs = await openCodecs();
  const good: GoodEntry[] = [];
  for (const one of goodCases) {
    const { name, model, picture, options } = one;
    const codec = codecs.get(model)!;
    const bytes = await encodeGood(codec, one);
    writeFileSync(pathOf(`${name}.isth`), bytes);
    const { width, height } = picture;
    const bare = options.bare && { width, height, grey: picture.channels === 1 };
    const { data, channels } = await codec.decode(bytes, bare ? { bare } : {});
    good.push({ name, model, ...(bare && { bare }), width, height, channels, sha256: hex(sha256(data)) });
  }
  for (const { name, make } of brokenCases) writeFileSync(pathOf(`${name}.isth`), make(stream));
  const broken = brokenCases.map(({ name, model, code }) => ({ name, model, code }));
  const lines = (entries: readonly object[]): string =>
    entries.map((entry) => `\n  ${JSON.stringify(entry)}`).join(",");
  writeFileSync(pathOf("golden.json"), `{\n "good": [${lines(good)}\n ],\n "broken": [${lines(broken)}\n ]\n}\n`);
}

async function openCodecs(): Promise<Map<string, Codec>> {
  const open = async (name: string) => [name, await Codec.create(goldenModel(name))] as const;
  return new Map(await Promise.all(goldenModelNames.map(open)));
}

if (update) await writeVectors();
const { good, broken }: { good: GoodEntry[]; broken: BrokenEntry[] } = JSON.parse(
  new TextDecoder().decode(read("golden.json")),
);
const codecs = await openCodecs();
/** Those whose kernels do nothing but decode. */
const decoders = new Map(
  await Promise.all(goldenModelNames.map(async (name) => [name, await createDecoder(readModel(name))] as const)),
);

describe("a golden stream", () => {
  test.each(good)(
    "decodes to the same samples as ever: $name",
    async ({ name, model, bare, sha256: wanted, ...shape }) => {
      const decoded = await codecs.get(model)!.decode(stream(name), bare ? { bare } : {});
      expect(decoded).toMatchObject({ width: shape.width, height: shape.height, channels: shape.channels });
      expect(hex(sha256(decoded.data))).toBe(wanted);
      expect(await decoders.get(model)!.decode(stream(name), bare ? { bare } : {})).toEqual(decoded);
    },
  );

  test.each(goodCases)("is what its picture encodes to: $name", async (one) => {
    expect(hex(await encodeGood(codecs.get(one.model)!, one))).toBe(hex(stream(one.name)));
  });

  test("has an entry for every case", () => {
    expect(good.map(({ name }) => name)).toEqual(goodCases.map(({ name }) => name));
    expect(broken.map(({ name }) => name)).toEqual(brokenCases.map(({ name }) => name));
  });
});

test.each(broken)("a broken stream is refused: $name, $code", async ({ name, model, code }) => {
  for (const decoder of [codecs.get(model)!, decoders.get(model)!]) {
    await expect(decoder.decode(stream(name))).rejects.toMatchObject({ name: "IsthmusError", code });
  }
});
