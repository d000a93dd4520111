import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { DiskCache, keptOf } from "../../src/server/disk-cache.js";

/** While it is true, every file is written to a device that is always full. */
const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock("../../src/node/output-file.js", async (load) => {
  const real = await load<typeof import("../../src/node/output-file.js")>();
  return {
    ...real,
    writeBytes: (path: string, bytes: Uint8Array) => real.writeBytes(disk.isFull ? "/dev/full" : path, bytes),
  };
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "isthmus-disk-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("a full disk is told and survived, and the cache goes on when there is room", async () => {
  const told: string[] = [];
  const cache = new DiskCache(folder, 1000, ({ code, message }) => void told.push(`${code}: ${message}`));
  const [key, kept] = ["0123456789abcdef0123456789abcdef", keptOf(Uint8Array.of(1, 2, 3))];
  disk.isFull = true;
  await cache.set(key, kept);
  expect(told).toEqual([expect.stringMatching(/^output-unwritable: Expected to write .* but the disk is full$/)]);
  expect(await cache.get(key)).toBe(undefined);
  expect(await readdir(folder)).toEqual([]);
  disk.isFull = false;
  await cache.set(key, kept);
  expect([...((await cache.get(key))?.bytes ?? [])]).toEqual([1, 2, 3]);
  // What is larger than the whole cache is not kept at all.
  await cache.set(key.replace("0", "f"), keptOf(new Uint8Array(2000)));
  expect(await readdir(folder)).toEqual([`${key}.cached`]);
  expect(told.length).toBe(1);
});
