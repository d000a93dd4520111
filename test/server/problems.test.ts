import { readFile, truncate, unlink, writeFile } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { IsthmusError } from "../../src/ground/errors.js";
import { StreamEncoder } from "../../src/server/stream-encoder.js";
import { tellSeldom } from "../../src/server/tell-seldom.js";
import { at, get, handlerWith, stream } from "./handlers.js";

describe("what goes wrong", () => {
  it("is told once, however often it is asked for", async () => {
    const photo = await readFile(at("pictures", "photo.jpg"));
    await writeFile(at("pictures", "cut.jpg"), photo.subarray(0, photo.length / 2));
    await writeFile(at("pictures", "endless.jpg"), "");
    await truncate(at("pictures", "endless.jpg"), 2 ** 30 + 1);
    const handler = handlerWith();
    for (const [name, status, code] of [
      ["cut.jpg", 500, "invalid-image"],
      ["endless.jpg", 500, "image-too-large"],
      ["link-out.png", 404, "file-unreadable"],
    ] as const) {
      for (let i = 0; i < 3; i++) expect((await get(handler, `/photos/${name}`)).status).toBe(status);
      expect(handler.problems.splice(0)).toEqual([code]);
    }
    for (const name of ["cut.jpg", "endless.jpg"]) await unlink(at("pictures", name));
  });

  it("is told again after a minute, and of the last thousand problems alone it is known that they were told", () => {
    const told: string[] = [];
    const tell = tellSeldom(({ message }) => void told.push(message));
    const now = vi.spyOn(Date, "now").mockReturnValue(0);
    const meet = (message: string) => tell(new IsthmusError("corrupt", message));
    for (const message of ["a", "b", "a"]) meet(message);
    now.mockReturnValue(60_000);
    meet("a");
    expect(told.splice(0)).toEqual(["a", "b", "a"]);
    for (let i = 0; i < 1000; i++) meet(`${i}`);
    meet("999");
    meet("0");
    expect(told.length).toBe(1000);
    meet("a");
    expect(told.length).toBe(1001);
  });

  it("is told of a folder that is none", async () => {
    for (const folder of [at("picturse"), at("pictures", "photo.jpg")]) {
      const handler = handlerWith({ folder });
      expect((await get(handler, "/photos/photo.jpg")).status).toBe(404);
      expect(handler.problems).toEqual(["file-not-found"]);
    }
    const handler = handlerWith();
    expect((await get(handler, "/photos/nothing.jpg")).status).toBe(404);
    expect(handler.problems).toEqual([]);
  });
});

describe("a stream that cannot be made", () => {
  it("is replaced by the next format, and not tried again for each who asks", async () => {
    const encode = vi.spyOn(StreamEncoder.prototype, "encode");
    encode.mockRejectedValue(new IsthmusError("unsupported-engine", "Memory is short"));
    const handler = handlerWith();
    const { src } = await handler.describe("photo.jpg");
    for (let i = 0; i < 3; i++) {
      const answer = await get(handler, src, stream);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/avif"]);
      // A stream may be there the next time.
      expect(answer.headers.get("cache-control")).toBe("public, no-cache");
    }
    expect(encode).toHaveBeenCalledTimes(1);
    expect(handler.problems).toEqual(["unsupported-engine"]);
    const file = await get(handler, src, { accept: "image/avif" });
    expect(file.headers.get("cache-control")).toContain("immutable");
    const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    encode.mockRestore();
    expect((await get(handler, src, stream)).headers.get("content-type")).toBe("image/x-isthmus");
    later.mockRestore();
  });

  it("is replaced where the model is none", async () => {
    const handler = handlerWith({ model: new Uint8Array(100) });
    const answer = await get(handler, "/photos/photo.jpg", { accept: "image/x-isthmus" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
    expect(handler.problems).toEqual(["not-isthmus"]);
    expect((await get(handler, "/photos/model.isthm")).status).toBe(500);
  });
});
