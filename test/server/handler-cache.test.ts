import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { StreamEncoder } from "../../src/server/stream-encoder.js";
import type { PictureHandler } from "../../src/server.js";
import { at, bytesOf, get, handlerWith, stream } from "./handlers.js";

describe("the cache on the disk", () => {
  const warm = async (handler: PictureHandler, path = "/photos/photo.jpg") => bytesOf(await get(handler, path));

  it("tells of a damaged file and makes it again", async () => {
    const cacheFolder = at("damaged");
    const bytes = await warm(handlerWith({ cacheFolder }));
    const [name] = await readdir(cacheFolder);
    const file = await readFile(`${cacheFolder}/${name}`);
    for (const damaged of [
      file.subarray(0, 10),
      file.subarray(0, -1),
      Buffer.alloc(0),
      Buffer.from(file).fill(7, 50, 51),
    ]) {
      await writeFile(`${cacheFolder}/${name}`, damaged);
      const handler = handlerWith({ cacheFolder });
      expect(await warm(handler)).toEqual(bytes);
      expect(handler.problems).toEqual(["corrupt"]);
      expect(await readFile(`${cacheFolder}/${name}`)).toEqual(file);
    }
  });

  it("answers at once, while pictures are encoded", async () => {
    const cacheFolder = at("at-once");
    const stored = await bytesOf(await get(handlerWith({ cacheFolder }), "/photos/photo.jpg", stream));
    let letGo = (): void => {};
    const held = new Promise<Uint8Array>((resolve) => {
      letGo = () => resolve(stored);
    });
    vi.spyOn(StreamEncoder.prototype, "encode").mockReturnValue(held);
    const handler = handlerWith({ cacheFolder });
    const slow = get(handler, "/photos/grey.png", stream);
    expect(await bytesOf(await get(handler, "/photos/photo.jpg", stream))).toEqual(stored);
    letGo();
    expect((await slow).status).toBe(200);
  });

  it("is done without where it cannot be written, which is told", async () => {
    await writeFile(at("no-folder"), "");
    const handler = handlerWith({ cacheFolder: at("no-folder", "cache") });
    expect((await warm(handler)).length).toBeGreaterThan(100);
    expect(handler.problems).toEqual(["output-unwritable"]);
    expect((await get(handler, "/photos/photo.jpg")).status).toBe(200);
  });

  it("holds so many bytes, those that were used last, and leaves other files alone", async () => {
    const cacheFolder = at("bounded");
    await mkdir(cacheFolder);
    await writeFile(`${cacheFolder}/mine.txt`, "mine".repeat(10_000));
    const handler = handlerWith({
      cacheFolder,
      maxCacheBytes: 12_000,
      widths: [20, 30, 40, 50, 60, 70, 80, 90, 100, 110],
    });
    const paths = [20, 30, 40, 50, 60, 70, 80, 90, 100, 110].flatMap((width) => [
      `photo.jpg?width=${width}`,
      `grey.png?width=${width}`,
    ]);
    for (const path of [...paths, ...paths]) {
      await warm(handler, `/photos/${path}`);
      expect(await bytesIn(cacheFolder)).toBeLessThanOrEqual(12_000);
    }
    expect(await bytesIn(cacheFolder)).toBeGreaterThan(3_000);
    expect((await readFile(`${cacheFolder}/mine.txt`)).length).toBe(40_000);
    expect(handler.problems).toEqual([]);
  });

  const bytesIn = async (folder: string): Promise<number> => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".cached"));
    return (await Promise.all(names.map((name) => stat(`${folder}/${name}`)))).reduce((sum, { size }) => sum + size, 0);
  };
});
