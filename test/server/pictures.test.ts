import { copyFile, unlink } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { createReceiver, inspect, psnr } from "../../src/index.js";
import { readImage } from "../../src/node.js";
import { previewToDataURL } from "../../src/preview.js";
import { goldenModel } from "../vectors/golden-files.js";
import { at, bytesOf, get, handlerWith, stream } from "./handlers.js";

describe("a picture", () => {
  it("is a stream for those who ask for one, which the model beside it decodes", async () => {
    const handler = handlerWith();
    const answer = await get(handler, "/photos/photo.jpg", stream);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/x-isthmus",
      vary: "Accept",
      "cache-control": "public, no-cache",
      "x-content-type-options": "nosniff",
    });
    const receiver = createReceiver({ resolveModel: (id) => get(handler, `/photos/${id}.isthm`) });
    const decoded = await receiver.decode(await bytesOf(answer));
    const original = await readImage(at("pictures", "photo.jpg"));
    expect([decoded.width, decoded.height]).toEqual([120, 80]);
    expect(psnr(original, decoded)).toBeGreaterThan(20);
    const byName = await get(handler, "/photos/model.isthm");
    const byId = await get(handler, `/photos/${goldenModel("photo").id}.isthm`);
    expect(await bytesOf(byName)).toEqual(goldenModel("photo").receiver());
    expect(byName.headers.get("cache-control")).toBe("public, no-cache");
    expect(byId.headers.get("cache-control")).toContain("immutable");
    expect((await get(handler, "/photos/0123456789abcdef.isthm")).status).toBe(404);
  });

  it("is an AVIF, a WebP or a JPEG for others, a PNG with alpha, and moves where it did", async () => {
    const handler = handlerWith();
    const shown = async (name: string, accept: string) => {
      const answer = await get(handler, `/photos/${name}`, { accept });
      const bytes = await bytesOf(answer);
      const { format, width, height, pages = 1, hasAlpha, exif } = await sharp(bytes).metadata();
      expect(answer.headers.get("content-length")).toBe(`${bytes.length}`);
      return { type: answer.headers.get("content-type"), format, width, height, pages, hasAlpha, exif };
    };
    const all = "image/avif,image/webp,*/*;q=0.8";
    const photo = { width: 120, height: 80, pages: 1, hasAlpha: false };
    expect(await shown("photo.jpg", all)).toMatchObject({ ...photo, type: "image/avif", format: "heif" });
    expect(await shown("photo.jpg", "image/webp,*/*")).toMatchObject({ ...photo, type: "image/webp", format: "webp" });
    expect(await shown("photo.jpg", "*/*")).toMatchObject({ ...photo, type: "image/jpeg", format: "jpeg" });
    expect(await shown("link-in.jpg", "*/*")).toMatchObject({ ...photo, format: "jpeg" });
    expect(await shown("photo.jpg?width=40", "*/*")).toMatchObject({ width: 40, height: 27 });
    expect(await shown("photo.jpg?width=1000", "*/*")).toMatchObject({ width: 120, height: 80 });
    expect(await shown("more%20pictures/%C3%BCbung%201.png", "*/*")).toMatchObject({ width: 40, height: 60 });
    expect(await shown("alpha.png", "*/*")).toMatchObject({ format: "png", hasAlpha: true });
    expect(await shown("alpha.png?width=40", all)).toMatchObject({
      format: "heif",
      width: 40,
      height: 24,
      hasAlpha: true,
    });
    expect(await shown("grey.png", "*/*")).toMatchObject({ format: "jpeg", width: 50 });
    expect(await shown("moving.gif", "*/*")).toMatchObject({ format: "gif", pages: 2, width: 20 });
    expect(await shown("moving.gif", `image/x-isthmus,${all}`)).toMatchObject({ format: "webp", pages: 2 });
    for (const [name, size] of [
      ["alpha.png", [50, 30]],
      ["grey.png?width=40", [40, 24]],
    ] as const) {
      const report = inspect(await bytesOf(await get(handler, `/photos/${name}`, stream)));
      expect(report).toMatchObject({ width: size[0], height: size[1] });
    }
    expect(handler.problems).toEqual([]);
  });

  it("is not sent again to who has it, nor more of it than is asked for", async () => {
    const handler = handlerWith({ headers: { "access-control-allow-origin": "*" } });
    const whole = await get(handler, "/photos/photo.jpg");
    const tag = whole.headers.get("etag")!;
    const bytes = await bytesOf(whole);
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    const other = await get(handler, "/photos/photo.jpg", { accept: "image/webp" });
    expect(other.headers.get("etag")).not.toBe(tag);
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const answer = await get(handler, "/photos/photo.jpg", { "if-none-match": known });
      expect([answer.status, (await bytesOf(answer)).length]).toEqual([304, 0]);
      expect(answer.headers.get("vary")).toBe("Accept");
      expect(answer.headers.get("etag")).toBe(tag);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    }
    expect((await get(handler, "/photos/photo.jpg", { "if-none-match": '"x"' })).status).toBe(200);
    const head = await get(handler, "/photos/photo.jpg", {}, "HEAD");
    expect(head.headers.get("content-length")).toBe(`${bytes.length}`);
    expect((await bytesOf(head)).length).toBe(0);
    const length = bytes.length;
    const cases: [range: string, status: number, start?: number, end?: number][] = [
      ["bytes=0-9", 206, 0, 10],
      ["bytes=10-", 206, 10, length],
      ["bytes=-5", 206, length - 5, length],
      [`bytes=0-${10 * length}`, 206, 0, length],
      [`bytes=-${10 * length}`, 206, 0, length],
      [`bytes=${length}-`, 416],
      ["bytes=-0", 416],
      ["bytes=0-1,4-5", 200],
      ["bytes=9-2", 200],
      ["bytes=-", 200],
      ["lines=0-9", 200],
      [`bytes=0-${"9".repeat(400)}`, 200],
    ];
    for (const [range, status, start, end] of cases) {
      const answer = await get(handler, "/photos/photo.jpg", { range });
      expect([range, answer.status]).toEqual([range, status]);
      const body = await bytesOf(answer);
      if (status === 206) expect(body).toEqual(bytes.slice(start, end));
      if (status === 206) expect(answer.headers.get("content-range")).toBe(`bytes ${start}-${end! - 1}/${length}`);
      if (status === 200) expect(body).toEqual(bytes);
      if (status === 416) expect(answer.headers.get("content-range")).toBe(`bytes */${length}`);
    }
    const since = (condition: string) =>
      get(handler, "/photos/photo.jpg", { range: "bytes=0-9", "if-range": condition });
    expect([(await since(tag)).status, (await since('"x"')).status]).toEqual([206, 200]);
  });

  it("is kept for good by an address that tells its version, and found anew when its file changes", async () => {
    const handler = handlerWith();
    await copyFile(at("pictures", "photo.jpg"), at("pictures", "changing.jpg"));
    const before = await handler.describe("changing.jpg");
    expect(before).toMatchObject({ width: 120, height: 80 });
    expect(before.src).toMatch(/^\/photos\/changing\.jpg\?v=[0-9a-f]{24}$/);
    // Browsers that keep pictures for good would keep those of other settings and models, too.
    const others = [handlerWith(), handlerWith({ quality: { isth: 30 } }), handlerWith({ model: undefined })];
    const [same, coarser, foreign] = await Promise.all(others.map((other) => other.describe("changing.jpg")));
    expect(same).toEqual(before);
    expect(before.model).toBe("/photos/model.isthm");
    expect(foreign.model).toBe(undefined);
    expect(new Set([before.src, coarser.src, foreign.src]).size).toBe(3);
    expect(before.srcset.split(", ").map((source) => source.split(" ")[1])).toEqual(["40w", "80w", "120w"]);
    expect(previewToDataURL(before.preview)).toMatch(/^data:image\/png/);
    for (const source of before.srcset.split(", ")) {
      const [address, width] = source.split(" ");
      const answer = await get(handler, address);
      expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(`${(await sharp(await bytesOf(answer)).metadata()).width}w`).toBe(width);
    }
    const tag = (await get(handler, before.src)).headers.get("etag")!;
    await copyFile(at("pictures", "grey.png"), at("pictures", "changing.jpg"));
    const stale = await get(handler, before.src, { "if-none-match": tag });
    expect([stale.status, stale.headers.get("cache-control")]).toEqual([200, "public, no-cache"]);
    expect(await handler.describe("changing.jpg")).toMatchObject({ width: 50, height: 30 });
    await unlink(at("pictures", "changing.jpg"));
    expect((await get(handler, before.src)).status).toBe(404);
    await expect(handler.describe("changing.jpg")).rejects.toMatchObject({ code: "file-not-found" });
    await expect(handler.describe("../outside/secret.png")).rejects.toMatchObject({ code: "file-not-found" });
    await expect(handler.describe("broken.jpg")).rejects.toMatchObject({ code: "invalid-image" });
    const inner = await handler.describe("more pictures/übung 1.png");
    expect((await get(handler, inner.src)).status).toBe(200);
    expect((await get(handlerWith({ maxAge: 60 }), "/photos/photo.jpg")).headers.get("cache-control")).toBe(
      "public, max-age=60",
    );
  });
});
