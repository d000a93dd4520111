import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it, vi } from "vitest";
import { inspect, loadDecoder } from "../src/index.js";
import { launchChromium, serveFiles } from "./browser/chromium.js";
import { goldenModel, readGolden } from "./vectors/golden-files.js";
import { startWorkerd } from "./workerd.js";

/** The examples as a reader would run them, over the build in dist/. */
const root = fileURLToPath(new URL("../", import.meta.url));
const output = `${root}build/examples/`;
const run = promisify(execFile);
const node = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, args, { cwd: root })).stdout.trim();

/** What examples/webrtc shows to the test. */
interface Compared {
  compare(): Promise<boolean>;
}

const browser = await launchChromium();
afterAll(() => browser.close());

const bundlers: Record<string, () => Promise<unknown>> = {
  esbuild: () => node("examples/with-esbuild/build.mjs", `${output}with-esbuild`),
  async vite() {
    const { build } = await import("vite");
    const folder = `${root}examples/with-vite`;
    const outDir = `${output}with-vite`;
    await build({
      root: folder,
      configFile: `${folder}/vite.config.js`,
      logLevel: "error",
      build: { outDir, emptyOutDir: true },
    });
  },
  async webpack() {
    const { default: webpack } = await import("webpack");
    const { default: options } = await import(pathToFileURL(`${root}examples/with-webpack/webpack.config.mjs`).href);
    const compiler = webpack({
      ...options,
      optimization: { minimize: false },
      output: { ...options.output, path: `${output}with-webpack` },
    })!;
    const stats = await new Promise<{ hasErrors(): boolean; toString(): string }>((resolve, reject) =>
      compiler.run((error, result) => (error ? reject(error) : resolve(result!))),
    );
    if (stats.hasErrors()) throw new Error(stats.toString());
  },
};

describe("the examples", () => {
  it.each(Object.keys(bundlers))("with-%s: a page that encodes and decodes in a worker", async (name) => {
    await bundlers[name]();
    const html = await readFile(`${root}examples/with-${name}/index.html`);
    const served = await serveFiles(
      { "/index.html": (_, response) => void response.setHeader("content-type", "text/html").end(html) },
      pathToFileURL(`${output}with-${name}/`),
    );
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on("pageerror", (error) => void errors.push(error));
    // Vite writes the page itself, since it renames the script.
    const path = name === "vite" ? "/./index.html?built" : "/index.html";
    if (name === "vite")
      await page.route("**/index.html*", async (route) => route.fulfill({ path: `${output}with-vite/index.html` }));
    await page.goto(served.url + path);
    await page.waitForFunction(() => document.querySelector("p")!.textContent !== "", undefined, { timeout: 60_000 });
    expect(errors).toEqual([]);
    expect(await page.textContent("p")).toMatch(/^\d+ bytes$/);
    expect(await page.evaluate(() => document.querySelector("canvas")!.width)).toBe(96);
    await page.close();
    served.server.close();
  });

  it("node: the same from ES modules and from CommonJS", async () => {
    const said = await node("examples/node/esm.mjs");
    expect(said).toMatch(/^64 x 48, \d+ bytes$/);
    expect(await node("examples/node/require.cjs")).toBe(said);
  });

  it("worker: a pool of threads", async () => {
    expect(await node("examples/worker/pool.mjs")).toMatch(/^4 images, \d+ bytes$/);
  });

  it("cloudflare: a worker that decodes, to the pixels of Node, in an engine that compiles no WebAssembly", async () => {
    await node("examples/cloudflare/build.mjs", `${output}cloudflare`);
    const { id, bytes } = goldenModel("photo");
    await mkdir(`${output}cloudflare/models`, { recursive: true });
    await writeFile(`${output}cloudflare/models/${id}.isthm`, bytes);
    const worker = await startWorkerd(`${output}cloudflare/config.capnp`, { models: `${output}cloudflare/models` });
    const ask = (name: string) =>
      fetch(worker.url, { method: "POST", body: new Uint8Array(readGolden(`${name}.isth`)) });
    try {
      const decoder = await loadDecoder({ model: bytes });
      for (const name of ["photo-8x8", "photo-alpha", "photo-grey"]) {
        const { data, width, height, channels } = await decoder.decode(readGolden(`${name}.isth`));
        const picture = Buffer.from(await (await ask(name)).arrayBuffer());
        const header = `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${channels}\nMAXVAL 255\nENDHDR\n`;
        expect(picture.subarray(0, header.length).toString()).toBe(header);
        expect(picture.subarray(header.length).equals(data)).toBe(true);
      }
      const damaged = await ask("bit-flip");
      expect(damaged.status).toBe(422);
      expect(await damaged.json()).toMatchObject({ code: "corrupt" });
    } finally {
      worker.stop();
    }
  });

  it("sender-receiver: over HTTP and WebSocket to a page that fetches the model once, ever", async () => {
    const { startServer } = await import(pathToFileURL(`${root}examples/sender-receiver/server.mjs`).href);
    const { server, sender, url } = await startServer({ model: goldenModel("photo").bytes, count: 5 });
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors: Error[] = [];
    page.on("pageerror", (error) => void errors.push(error));
    let modelRequests = 0;
    page.on("request", (request) => {
      if (request.url().includes("/models/")) modelRequests++;
    });
    for (let visit = 0; visit < 2; visit++) {
      await page.goto(url);
      await page.waitForFunction(() => document.querySelector("#live")!.textContent !== "", undefined, {
        timeout: 60_000,
      });
      expect(await page.textContent("#http")).toBe("5 pictures");
      expect(await page.textContent("#live")).toBe("5 pictures");
    }
    expect(errors).toEqual([]);
    expect(modelRequests).toBe(1);
    expect(sender.modelId).toBe(goldenModel("photo").id);
    expect(readGolden("photo.isthm").length).toBeGreaterThan(sender.receiverModel.length);
    await context.close();

    const offline = await browser.newContext();
    await offline.route("**/models/*", (route) => route.abort("internetdisconnected"));
    const without = await offline.newPage();
    await without.goto(url);
    await without
      .locator("#live", { hasText: `Could not get model ${sender.modelId}, which the frame needs: Failed to fetch` })
      .waitFor();
    await offline.close();
    server.closeAllConnections();
    server.close();
  });

  it("webrtc: a scene over a data channel, the same pixels at both ends, also after a message was lost", async () => {
    const { startServer } = await import(pathToFileURL(`${root}examples/webrtc/server.mjs`).href);
    const { server, url } = await startServer();
    // Both ends are on this machine, which may have no network.
    const args = ["--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection"];
    const peers = await launchChromium(args);
    const page = await peers.newPage();
    const errors: Error[] = [];
    page.on("pageerror", (error) => void errors.push(error));
    await page.goto(url);
    const counts = async (): Promise<Record<string, number>> => {
      const told = (await page.textContent("#told"))!;
      return Object.fromEntries([...told.matchAll(/(\w+) (\d+)/g)].map(([, name, count]) => [name, Number(count)]));
    };
    const until = (test: (counts: Record<string, number>) => boolean) =>
      expect.poll(async () => test(await counts()), { timeout: 60_000, interval: 200 }).toBe(true);
    await until(({ shown }) => shown >= 5);
    expect(await counts()).toMatchObject({ keys: 1, refused: 0 });

    await page.click("#lose");
    await until(({ keys }) => keys === 2);
    const { shown, refused } = await counts();
    expect(refused).toBeGreaterThan(0);
    await until((now) => now.shown > shown + 3);
    expect((await counts()).keys).toBe(2);

    await page.uncheck("#moving");
    await until(({ bytes }) => bytes < 40);
    await until((now) => now.shown > shown + 5);
    // What arrived is what a receiver that lost nothing shows: one that begins at a key frame of the picture that stands still.
    const held = await page.evaluate(async () => {
      const canvas = document.querySelector<HTMLCanvasElement>("#arrived")!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const drawn = document.querySelector<HTMLCanvasElement>("#drawn")!;
      const source = drawn.getContext("2d")!.getImageData(0, 0, drawn.width, drawn.height).data;
      let squares = 0;
      for (let i = 0; i < data.length; i++) squares += (data[i] - source[i]) ** 2;
      return { error: Math.sqrt(squares / data.length), same: await (globalThis as never as Compared).compare() };
    });
    expect(held.error).toBeLessThan(8);
    expect(held.same).toBe(true);
    expect(errors).toEqual([]);
    await peers.close();
    server.closeAllConnections();
    server.close();
  });

  it("vite-pictures: an import that is a picture with its widths, preview and fallback", async () => {
    const { build } = await import("vite");
    const folder = `${root}examples/vite-pictures`;
    const outDir = `${output}vite-pictures`;
    await build({
      root: folder,
      configFile: `${folder}/vite.config.js`,
      cacheDir: `${output}vite-pictures-cache`,
      logLevel: "error",
      build: { outDir, emptyOutDir: true },
    });
    const html = await readFile(`${outDir}/index.html`);
    const served = await serveFiles(
      { "/index.html": (_, response) => void response.setHeader("content-type", "text/html").end(html) },
      pathToFileURL(`${outDir}/`),
    );
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(request.url().split("/").pop()!));
    await page.goto(`${served.url}/index.html`);
    await page.waitForSelector("isth-img[loaded]", { timeout: 60_000 });
    const size = await page.evaluate(() => {
      const image = document.querySelector("isth-img") as HTMLImageElement;
      return [image.dataset.size, image.width, `${image.naturalWidth} x ${image.naturalHeight}`];
    });
    expect(size[0]).toMatch(/^\d+ x \d+$/);
    expect(size[1]).toBe(320);
    expect(asked.filter((name) => name.endsWith(".isth"))).toEqual([expect.stringMatching(/^cat-320-.*\.isth$/)]);
    expect(asked.filter((name) => name.endsWith(".webp"))).toEqual([]);
    await page.close();
    served.server.close();
  });

  it("serving: encodes a folder beforehand, once, and goes on after a picture that cannot be read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "isthmus-warm-"));
    const [photos, cacheFolder] = [join(folder, "photos"), join(folder, "cache")];
    await mkdir(join(photos, "inner"), { recursive: true });
    const alps = `${root}examples/next/photos/alps.webp`;
    await copyFile(alps, join(photos, "inner", "the alps.webp"));
    await writeFile(join(photos, "broken.jpg"), "no picture");
    const { warm } = await import(pathToFileURL(`${root}examples/serving/warm.mjs`).href);
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const first = await warm({ folder: photos, cacheFolder, widths: [320] });
    expect(first).toMatchObject({ pictures: 2, done: 2, failed: ["broken.jpg"] });
    expect(told).toHaveBeenCalledTimes(1);
    const kept = await readdir(cacheFolder);
    // A stream, an AVIF, a WebP and a preview.
    expect(kept.length).toBe(4);
    expect(await warm({ folder: photos, cacheFolder, widths: [320] })).toMatchObject({ bytes: first.bytes });
    expect(await readdir(cacheFolder)).toEqual(kept);
    told.mockRestore();
    await rm(folder, { recursive: true });
  });

  it("serving: the server that docs/SERVING.md begins with, and the command beside it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "isthmus-minutes-"));
    await mkdir(join(folder, "photos"));
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules", "isthmus"));
    await copyFile(`${root}examples/next/photos/alps.webp`, join(folder, "photos", "the alps.webp"));
    const [, code] = /```js\n(\/\/ server\.mjs[\s\S]*?)```/.exec(await readFile(`${root}docs/SERVING.md`, "utf8"))!;
    const onFreePort = code.replace("listen(8080)", "listen(0, function () { console.log(this.address().port); })");
    await writeFile(join(folder, "server.mjs"), onFreePort);
    const child = spawn(process.execPath, ["server.mjs"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [port] = await once(child.stdout, "data");
      const url = `http://localhost:${String(port).trim()}`;
      const page = await (await fetch(url)).text();
      const [, src] = /<img src="([^"]+)"/.exec(page)!;
      const answer = await fetch(url + src, { headers: { accept: "image/x-isthmus" } });
      expect(inspect(new Uint8Array(await answer.arrayBuffer()))).toMatchObject({ width: 640, height: 303 });
      expect((await fetch(`${url}/photos/service-worker.js`)).status).toBe(200);
    } finally {
      child.kill();
      await rm(folder, { recursive: true });
    }
  });

  it("serving: files on the first visit, streams by the service worker on the second", async () => {
    const { startServer } = await import(pathToFileURL(`${root}examples/serving/server.mjs`).href);
    const { server, handler, url } = await startServer();
    const context = await browser.newContext();
    const errors: Error[] = [];
    const visit = async (): Promise<Record<string, string>> => {
      const page = await context.newPage();
      page.on("pageerror", (error) => void errors.push(error));
      const kinds: Record<string, string> = {};
      page.on("response", (answer) => {
        const [, name] = /photos\/(picture-\d)/.exec(answer.url()) ?? [];
        if (name) kinds[name] = answer.headers()["content-type"];
      });
      await page.goto(url);
      await page.waitForSelector("isth-img[loaded]", { timeout: 60_000 });
      await page.evaluate(async () => {
        await Promise.all([...document.images].map((image) => image.decode()));
        await navigator.serviceWorker.ready;
      });
      await expect.poll(() => Object.keys(kinds).length).toBe(4);
      await page.close();
      return kinds;
    };
    const first = { "picture-0": "image/avif", "picture-1": "image/avif", "picture-2": "image/avif" };
    expect(await visit()).toEqual({ ...first, "picture-3": "image/x-isthmus" });
    const second = { "picture-0": "image/bmp", "picture-1": "image/bmp", "picture-2": "image/bmp" };
    expect(await visit()).toEqual({ ...second, "picture-3": "image/x-isthmus" });
    expect(errors).toEqual([]);
    await context.close();
    handler.close();
    server.closeAllConnections();
    server.close();
  });
});
