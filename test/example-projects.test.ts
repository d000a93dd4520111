import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { BrowserContext } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { launchChromium, serveFiles } from "./browser/chromium.js";

/** Examples with a package.json of their own, installed from the packed package, built, and opened in Chromium. */
const { installExample } = await import("../scripts/example-project.mjs" as string);
const run = promisify(execFile);
const browser = await launchChromium();
const servers: ChildProcess[] = [];
afterAll(async () => {
  await browser.close();
  for (const server of servers) server.kill("SIGKILL");
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const build = (folder: string) =>
  run("npm", ["run", "build"], {
    cwd: folder,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" },
  });

/** Starts a project's own server, and waits until it answers. */
async function start(folder: string, args: (port: number) => string[]): Promise<string> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HOST: "127.0.0.1", NODE_ENV: "production" };
  const server = spawn(process.execPath, args(port), { cwd: folder, env });
  servers.push(server);
  let said = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (text) => {
      said += text;
    });
  }
  const url = `http://localhost:${port}`;
  for (let tries = 0; tries < 600; tries++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return url;
    if (server.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Expected a server in ${folder} but it said ${said}`);
}

/** Opens the page, waits for both pictures, and tells the type that the plain one came as. */
async function visit(context: BrowserContext, url: string) {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => void errors.push(message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  const types: string[] = [];
  const ofImages: string[] = [];
  page.on("response", (answer) => {
    if (!answer.url().includes("/photos/alps.webp")) return;
    types.push(answer.headers()["content-type"]);
    if (answer.request().resourceType() === "image") ofImages.push(answer.headers()["content-type"]);
  });
  await page.goto(url);
  await page.waitForSelector("isth-img[loaded]", { timeout: 60_000 });
  const shown = await page.evaluate(async () => {
    await Promise.all([...document.images].map((image) => image.decode()));
    const waiting = new Promise((_, reject) => setTimeout(() => reject(new Error("no service worker")), 30_000));
    await Promise.race([navigator.serviceWorker.ready, waiting]);
    const element = document.querySelector("isth-img") as HTMLImageElement;
    return { plain: document.images[0].naturalWidth > 0, width: element.width, alt: element.alt };
  });
  await page.close();
  return { errors, types, ofImages, shown };
}

/** Files on the first visit, streams by the service worker on the second; an image for those who have no scripts. */
async function expectPictures(url: string): Promise<void> {
  const context = await browser.newContext();
  const first = await visit(context, url);
  expect(first.errors).toEqual([]);
  expect(first.ofImages).toEqual(["image/avif"]);
  expect(first.types).toContain("image/x-isthmus");
  expect(first.shown).toEqual({ plain: true, width: 320, alt: "The Alps, in an element" });
  const second = await visit(context, url);
  expect(second.errors).toEqual([]);
  expect(second.ofImages).toEqual(["image/bmp"]);
  await context.close();

  const bare = await browser.newContext({ javaScriptEnabled: false });
  const page = await bare.newPage();
  const asked: string[] = [];
  page.on("response", (answer) => {
    if (answer.url().includes("/photos/")) asked.push(answer.headers()["content-type"]);
  });
  await page.goto(url, { waitUntil: "networkidle" });
  expect(new Set(asked)).toEqual(new Set(["image/avif"]));
  expect(await page.locator("isth-img img").count()).toBe(1);
  await bare.close();

  const head = await fetch(`${url}/photos/alps.webp?width=320`, { method: "HEAD", headers: { accept: "image/webp" } });
  expect([head.status, head.headers.get("content-type")]).toEqual([200, "image/webp"]);
  expect(head.headers.get("vary")).toMatch(/accept/i);
  expect((await fetch(`${url}/photos/..%2fpackage.json`)).status).toBe(404);
}

describe("examples that are projects of their own", () => {
  it("with-react: an import that is a picture, in a component with a preview and a fallback", async () => {
    const folder: string = await installExample("with-react");
    await build(folder);
    const html = await readFile(`${folder}/dist/index.html`);
    const { url, server } = await serveFiles(
      { "/index.html": (_, response) => void response.setHeader("content-type", "text/html").end(html) },
      pathToFileURL(`${folder}/dist/`),
    );
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(request.url().split("/").pop()!));
    await page.goto(`${url}/index.html`);
    await page.waitForSelector("isth-img[loaded]", { timeout: 60_000 });
    const shown = () =>
      page.evaluate(() => {
        const { width, height, alt, style } = document.querySelector("isth-img") as HTMLImageElement;
        return { width, height, alt, preview: style.getPropertyValue("--isth-placeholder").slice(0, 14) };
      });
    expect(await shown()).toEqual({ width: 320, height: 152, alt: "The Alps", preview: "url(data:image" });
    expect(asked.filter((name) => name.endsWith(".isth"))).toEqual([expect.stringMatching(/^alps-320-.*\.isth$/)]);
    expect(asked.filter((name) => name.endsWith(".webp"))).toEqual([]);

    // Where the stream cannot be shown, the component shows the WebP.
    await page.route("**/*.isth", (route) => route.fulfill({ body: "no stream" }));
    await page.reload();
    await page.waitForSelector("img", { timeout: 60_000 });
    await page.evaluate(() => document.images[0].decode());
    expect(await page.evaluate(() => document.images[0].currentSrc.split("/").pop())).toMatch(/^alps-320-.*\.webp$/);
    expect(await page.locator("isth-img").count()).toBe(0);
    await page.close();
    server.closeAllConnections();
    server.close();
  }, 300_000);

  it("sveltekit: an endpoint and an element that the server renders", async () => {
    const folder: string = await installExample("sveltekit");
    await build(folder);
    await expectPictures(await start(folder, () => ["build"]));
  }, 300_000);

  it("next: a route handler and a server component", async () => {
    const folder: string = await installExample("next");
    await build(folder);
    await expectPictures(
      await start(folder, (port) => ["node_modules/next/dist/bin/next", "start", "-p", String(port)]),
    );
  }, 300_000);
});
