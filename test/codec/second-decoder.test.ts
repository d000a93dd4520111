import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { fieldsOf, writeStream } from "../fuzz/mutate-stream.js";
import { type BareShape, decodeBareFrame, decodeStream } from "../reference/decoder/decode.js";
import { ReferenceModel } from "../reference/decoder/model.js";
import { Refused } from "../reference/decoder/refused.js";
import { drawExactPicture } from "../reference/exact-pictures.js";

/** The decoder of test/reference/decoder, written from docs/FORMAT.md alone, on all golden files. */

const golden = new URL("../vectors/golden/", import.meta.url);
const read = (file: string) => new Uint8Array(readFileSync(new URL(file, golden)));
const { good, broken } = JSON.parse(readFileSync(new URL("golden.json", golden), "utf8")) as {
  good: {
    name: string;
    model: string;
    bare?: BareShape;
    width: number;
    height: number;
    channels: number;
    sha256: string;
  }[];
  broken: { name: string; model: string }[];
};
const models = new Map(
  readdirSync(golden)
    .filter((file) => file.endsWith(".isthm"))
    .map((file) => [file.slice(0, -6), new ReferenceModel(read(file))]),
);

test.each(good)("gives the samples of the first: $name", ({ name, model, bare, sha256, ...shape }) => {
  const stream = read(`${name}.isth`);
  const decoded = bare ? decodeBareFrame(models.get(model)!, stream, bare) : decodeStream(models.get(model)!, stream);
  expect(decoded).toMatchObject(shape);
  expect(createHash("sha256").update(decoded.data).digest("hex")).toBe(sha256);
});

test.each(broken)("refuses what the first refuses: $name", ({ name, model }) => {
  expect(() => decodeStream(models.get(model)!, read(`${name}.isth`))).toThrow(Refused);
});

test("agrees with the first where nothing is coded, behind a mask and without", async () => {
  const model = models.get("photo")!;
  const decoder = await createDecoder(read("photo.isthm"));
  const fields = { ...fieldsOf(read("photo-alpha.isth")), alpha: Uint8Array.of(0) };
  for (const masked of [false, true]) {
    const body = Uint8Array.of(...(masked ? [0, 0] : []), 1, 0, 0);
    const stream = writeStream({ ...fields, third: masked, body });
    expect(await decoder.decode(stream)).toEqual(decodeStream(model, stream));
    const behind = writeStream({ ...fields, third: masked, body: Uint8Array.of(...body, 0) });
    await expect(decoder.decode(behind)).rejects.toMatchObject({ code: "corrupt" });
    expect(() => decodeStream(model, behind)).toThrow(Refused);
  }
});

test("gives the pixels of the first with the embedded model", { timeout: 60_000 }, async () => {
  const bytes = new Uint8Array(readFileSync(new URL("../../models/default.isthm", import.meta.url)));
  const codec = await Codec.create(bytes);
  const stream = await codec.encode(drawExactPicture({ width: 50, height: 30, channels: 4, kind: "scene", seed: 3 }));
  expect(await codec.decode(stream)).toEqual(decodeStream(new ReferenceModel(bytes), stream));
});
