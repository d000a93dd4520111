import type { Worker } from "node:worker_threads";
import { describe, expect, it, vi } from "vitest";
import { StreamEncoder } from "../../src/server/stream-encoder.js";
import { toNode } from "../../src/server.js";
import { at, get, handlerWith, listen, raw, stream } from "./handlers.js";

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
    [{ quality: { isth: "60" } } as never, "a number between 0 and 100 for quality of isth"],
    [{ model: "my.isthm" } as never, "a model or its bytes for model"],
    [{ cacheDir: "x" } as never, "an option of createPictureHandler"],
  ])("is refused as an option: %j", (options, message) => {
    expect(() => handlerWith(options)).toThrow(message);
  });
});

/** The threads of a handler that has encoded. */
const threadsOf = (handler: unknown): Worker[] =>
  (handler as { encoder: { team: { workers: Worker[] } } }).encoder.team.workers;

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
    await Promise.all(threadsOf(handler).map((worker) => worker.terminate()));
    expect((await raw(url, "/photos/photo.jpg?width=40")).status).toBe(200);
    expect(handler.problems).toEqual([]);
  });

  it("get their pictures from the other threads, and from new ones, where a thread ends meanwhile", async () => {
    const handler = handlerWith({ threads: 2, effort: 9 });
    await get(handler, "/photos/grey.png?width=40", stream);
    const threads = threadsOf(handler);
    // Ends with a picture in its hands, however quick it is.
    const ending = threads[1];
    const send = ending.postMessage.bind(ending);
    vi.spyOn(ending, "postMessage").mockImplementationOnce((...given) => {
      send(...given);
      void ending.terminate();
    });
    const answers = await Promise.all(
      ["photo.jpg", "alpha.png"].map((name) => get(handler, `/photos/${name}`, stream)),
    );
    expect(ending.postMessage).toHaveBeenCalled();
    expect(answers.map(({ headers }) => headers.get("content-type"))).toEqual(["image/x-isthmus", "image/x-isthmus"]);
    expect(threadsOf(handler)).not.toBe(threads);
    expect(handler.problems).toEqual([]);
  });
});
