import { copyFile, mkdir, readdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import sharp from "sharp";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createReceiver, inspect, psnr } from "../../src/index.js";
import { readImage } from "../../src/node.js";
import { previewToDataURL } from "../../src/preview.js";
import { StreamEncoder } from "../../src/server/stream-encoder.js";
import { createPictureHandler, type PictureHandler, toExpress, toHono, toNode } from "../../src/server.js";
import { goldenModel } from "../vectors/golden-files.js";
import { usePictureFolder } from "./picture-folder.js";

const { at } = usePictureFolder();
const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  vi.restoreAllMocks();
});

const site = "http://localhost";
const stream = { accept: "image/x-isthmus,image/avif,*/*;q=0.8" };
type Options = Partial<Parameters<typeof createPictureHandler>[0]>;

function handlerWith(options: Options = {}): PictureHandler & { problems: string[] } {
  const problems: string[] = [];
  const handler = createPictureHandler({
    folder: at("pictures"),
    path: "/photos",
    widths: [40, 80, 1000],
    model: goldenModel("photo").bytes,
    threads: 1,
    onProblem: ({ code }) => void problems.push(code),
    ...options,
  });
  open.push(handler);
  return Object.assign(handler, { problems });
}

const get = (handler: PictureHandler, path: string, headers: Record<string, string> = {}, method = "GET") =>
  handler.fetch(new Request(site + path, { headers, method }));
const bytesOf = async (answer: Response): Promise<Uint8Array> => new Uint8Array(await answer.arrayBuffer());

async function listen(
  listener: Parameters<typeof createServer>[1] | ReturnType<typeof express>,
): Promise<{ url: string; server: Server }> {
  const server = createServer(listener as Parameters<typeof createServer>[1]);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ close: () => server.close().closeAllConnections() });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A request whose target goes out as it is, where `fetch` would tidy it. */
const raw = (url: string, target: string): Promise<{ status: number; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest({ hostname, port, path: target, headers: stream }, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      resolve({ status: answer.statusCode!, body: Buffer.concat(parts) });
    });
    request.on("error", reject).end();
  });

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
    expect(before.src).toMatch(/^\/photos\/changing\.jpg\?v=2[0-9a-f]{16}$/);
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

describe("what nobody should ask for", () => {
  it("leads to no file outside of the folder, and to none that is no picture", async () => {
    const handler = handlerWith();
    const { url } = await listen(toNode(handler));
    const targets = [
      "/photos/../outside/secret.png",
      "/photos/%2e%2e/outside/secret.png",
      "/photos/..%2foutside%2fsecret.png",
      "/photos/..%5coutside%5csecret.png",
      "/photos/%252e%252e/outside/secret.png",
      `/photos/${at("outside", "secret.png")}`,
      `/photos//${at("outside", "secret.png")}`,
      "/photos/link-out.png",
      "/photos/folder-out/secret.png",
      "/photos/loop.jpg",
      "/photos/folder.jpg",
      "/photos/.hidden.jpg",
      "/photos/notes.txt",
      "/photos/photo.jpg%00.png",
      "/photos/%",
      "/photos/nothing.jpg",
      "/photos/",
      "/photos",
      "/outside/secret.png",
      "*",
      `${url}/photos/../outside/secret.png`,
      `/photos/${"a".repeat(5000)}.jpg`,
      `/photos/${"a/".repeat(2000)}a.jpg`,
      `/photos/${"a".repeat(300)}.jpg`,
    ];
    for (const target of targets) expect([target, (await raw(url, target)).status]).toEqual([target, 404]);
    expect((await raw(url, `${url}/photos/photo.jpg`)).status).toBe(200);
    expect(handler.problems).toEqual(["file-unreadable", "file-unreadable"]);
  });

  it("is refused in one sentence: widths that are not listed, other methods, pictures that are none or too large", async () => {
    const handler = handlerWith();
    for (const query of [
      "width=41",
      "width=4e1",
      "width=99999999999999999999",
      "width=-40",
      "width=40&width=80",
      "width=",
    ]) {
      const answer = await get(handler, `/photos/photo.jpg?${query}`);
      expect([query, answer.status, await answer.text()]).toEqual([
        query,
        400,
        "Expected one of 40, 80, 1000 for width, once\n",
      ]);
    }
    expect((await get(handler, "/photos/photo.jpg?utm_source=x&v=y")).status).toBe(200);
    const posted = await get(handler, "/photos/photo.jpg", {}, "POST");
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    for (let i = 0; i < 3; i++) {
      const broken = await get(handler, "/photos/broken.jpg");
      expect([broken.status, broken.headers.get("cache-control")]).toEqual([500, "no-store"]);
      expect(await broken.text()).not.toContain(at());
    }
    expect(handler.problems).toEqual(["invalid-image"]);
    const small = handlerWith({ maxPixels: 1000 });
    expect((await get(small, "/photos/photo.jpg")).status).toBe(500);
    expect(small.problems).toEqual(["image-too-large"]);
  });

  it.each([
    [{ folder: 3 as never }, "a text for folder"],
    [{ widths: [0] }, "an array of integers between 1 and 65536"],
    [{ formats: ["jxl" as never] }, "an array of isth, avif and webp for formats"],
    [{ quality: { png: 3 } as never }, "one of isth, avif, webp, jpeg"],
    [{ quality: { avif: 101 } }, "a number between 0 and 100 for quality of avif"],
    [{ threads: 0 }, "an integer between 1 and 64 for threads"],
    [{ effort: 10 }, "an integer between 0 and 9 for effort"],
    [{ cacheDir: "x" } as never, "an option of createPictureHandler"],
  ])("is refused as an option: %j", (options, message) => {
    expect(() => handlerWith(options)).toThrow(message);
  });
});

describe("many who ask at once", () => {
  it("get one new picture by one encoding", async () => {
    const encode = vi.spyOn(StreamEncoder.prototype, "encode");
    const handler = handlerWith({ cacheFolder: at("cache-of-many") });
    const answers = await Promise.all(Array.from({ length: 1000 }, () => get(handler, "/photos/photo.jpg", stream)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(1);
    expect(encode).toHaveBeenCalledTimes(1);
    // Another process, as it were: from the disk.
    const later = await get(handlerWith({ cacheFolder: at("cache-of-many") }), "/photos/photo.jpg", stream);
    expect(later.headers.get("etag")).toBe(answers[0].headers.get("etag"));
    expect(encode).toHaveBeenCalledTimes(1);
  });

  it("are told to come again where too many pictures wait, and one picture is encoded once at a time", async () => {
    let [running, mostRunning] = [0, 0];
    const { encode } = StreamEncoder.prototype;
    vi.spyOn(StreamEncoder.prototype, "encode").mockImplementation(async function (this: StreamEncoder, ...given) {
      mostRunning = Math.max(mostRunning, ++running);
      try {
        return await encode.apply(this, given);
      } finally {
        running--;
      }
    });
    const handler = handlerWith({ maxWaiting: 2, threads: 2 });
    const paths = ["photo.jpg", "photo.jpg?width=40", "photo.jpg?width=80", "alpha.png", "grey.png"];
    const answers = await Promise.all(paths.map((path) => get(handler, `/photos/${path}`, stream)));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0].headers.get("retry-after")).toBe("1");
    for (const path of paths) expect((await get(handler, `/photos/${path}`, stream)).status).toBe(200);
    const patient = handlerWith({ threads: 2 });
    mostRunning = 0;
    await Promise.all(paths.slice(0, 3).map((path) => get(patient, `/photos/${path}`, stream)));
    expect(mostRunning).toBe(1);
  });

  it("survive those who leave before the answer, and a thread that ends", async () => {
    const encode = vi.spyOn(StreamEncoder.prototype, "encode");
    const handler = handlerWith();
    const { url } = await listen(toNode(handler));
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const gone = new AbortController();
        const asked = fetch(`${url}/photos/photo.jpg`, { headers: stream, signal: gone.signal }).catch(() => "gone");
        setTimeout(() => gone.abort(), 5);
        await asked;
      }),
    );
    expect((await raw(url, "/photos/photo.jpg")).status).toBe(200);
    expect(encode).toHaveBeenCalledTimes(1);
    const { workers } = (handler as unknown as { encoder: { workers: { terminate(): Promise<unknown> }[] } }).encoder;
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect((await raw(url, "/photos/photo.jpg?width=40")).status).toBe(200);
    expect(handler.problems).toEqual([]);
  });
});

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

describe("adapters", () => {
  it("serve by Express and by Hono, and leave to others what is no picture", async () => {
    const handler = handlerWith();
    const app = express();
    app.use("/photos", toExpress(handler));
    app.use((_request, response) => void response.status(418).send("others"));
    const hono = new Hono();
    hono.get("/photos/*", toHono(handler));
    hono.notFound((context) => context.text("others", 418));
    for (const listener of [app, getRequestListener(hono.fetch)]) {
      const { url } = await listen(listener);
      const answer = await fetch(`${url}/photos/photo.jpg?width=40`, { headers: { accept: "image/webp" } });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/webp"]);
      const bytes = await bytesOf(answer);
      expect((await sharp(bytes).metadata()).width).toBe(40);
      const known = await fetch(`${url}/photos/photo.jpg?width=40`, {
        headers: { accept: "image/webp", "if-none-match": answer.headers.get("etag")! },
      });
      expect(known.status).toBe(304);
      const head = await fetch(`${url}/photos/photo.jpg?width=40`, {
        method: "HEAD",
        headers: { accept: "image/webp" },
      });
      expect(head.headers.get("content-length")).toBe(`${bytes.length}`);
      for (const path of ["/photos/nothing.jpg", "/photos/notes.txt", "/other"]) {
        expect([path, (await fetch(url + path)).status]).toEqual([path, 418]);
      }
    }
  });

  it("give out the service worker for the whole site", async () => {
    const { url } = await listen(toNode(handlerWith()));
    const answer = await fetch(`${url}/photos/service-worker.js`, { headers: { "accept-encoding": "gzip, br" } });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "service-worker-allowed": "/",
      "content-encoding": "br",
    });
    const plain = await fetch(`${url}/photos/service-worker.js`, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBe(null);
    const text = await plain.text();
    expect(text).toBe(await answer.text());

    // Hono hands on what it is given; others may not.
    const handler = handlerWith();
    const ask = () => new Request(`${url}/photos/service-worker.js`, { headers: { "accept-encoding": "gzip, br" } });
    const packed = await toHono(handler)({ req: { raw: ask() } }, async () => {});
    expect(packed?.headers.get("content-encoding")).toBe("br");
    const whole = await handler.fetch(ask());
    expect(whole.headers.get("content-encoding")).toBe(null);
    expect(await whole.text()).toBe(text);
  });
});
