import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test, vi } from "vitest";

/** How often the bytes of a length were checked, and models opened. */
const counts = vi.hoisted(() => ({ checks: new Map<number, number>() }));
vi.mock("../../src/ground/crc.js", async (original) => {
  const crcs = await original<typeof import("../../src/ground/crc.js")>();
  return {
    ...crcs,
    crc16: (bytes: Uint8Array) => {
      counts.checks.set(bytes.length, (counts.checks.get(bytes.length) ?? 0) + 1);
      return crcs.crc16(bytes);
    },
  };
});

const { Codecs, takeApart } = await import("../../src/cli/codecs.js");
const { decode } = await import("../../src/cli/commands/decode.js");
const { verify } = await import("../../src/cli/commands/verify.js");
const { createReceiver, Model } = await import("../../src/index.js");

const golden = (name: string) => new URL(`../vectors/golden/${name}`, import.meta.url);
const folder = await mkdtemp(join(tmpdir(), "isthmus-once-"));
const model = join(folder, "photo.isthm");
const stream = new Uint8Array(await readFile(golden("photo-8x8.isth")));
await writeFile(model, await readFile(golden("photo.isthm")));
for (const name of ["a", "b"]) await writeFile(join(folder, `${name}.isth`), stream);

beforeEach(() => counts.checks.clear());
afterAll(() => rm(folder, { recursive: true }));

test("a stream is checked once, by commands and by receivers", async () => {
  const { signal } = new AbortController();
  const options = { model: [model], threads: 1, quiet: true, output: folder, force: true } as never;
  const sources = [join(folder, "a.isth"), join(folder, "b.isth")];
  const seen = () => counts.checks.get(stream.length - 2);
  expect(await decode.run({ sources, options, signal } as never)).toBe(0);
  expect(seen()).toBe(2);
  expect(await verify.run({ sources, options, signal } as never)).toBe(0);
  expect(seen()).toBe(4);
  await createReceiver({ resolveModel: async () => readFile(model) }).decode(stream);
  expect(seen()).toBe(5);
});

test("a model is opened once for all streams that wait for it, and again after a failure", async () => {
  const open = vi.spyOn(Model, "open");
  const codecs = new Codecs([model]);
  const parts = takeApart(stream);
  const found = await Promise.all([1, 2, 3].map(() => codecs.codecFor(parts)));
  expect(new Set(found).size).toBe(1);
  expect(open).toHaveBeenCalledTimes(1);
  open.mockRejectedValueOnce(new RangeError("out of memory"));
  const again = new Codecs([model]);
  await expect(again.codecFor(parts)).rejects.toThrow("out of memory");
  expect((await again.codecFor(parts)).model.id).toBe(found[0].model.id);
});

test("a picture that is to be decoded is told to be one", () => {
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16);
  expect(() => takeApart(jpeg)).toThrow("Expected a stream of Isthmus but received a JPEG: did you mean encode?");
});
