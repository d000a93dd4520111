import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadDecoder } from "../../src/index.js";
import { createPictureHandler, isthImage, type PictureHandler, toNode } from "../../src/server.js";
import { launchChromium, serveFiles } from "../browser/chromium.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";
import { usePictureFolder } from "./picture-folder.js";

const { at } = usePictureFolder();
let browser: Browser;
let handler: PictureHandler;
let server: Server;
let files: Awaited<ReturnType<typeof serveFiles>>;
let url: string;
/** What is asked of the server, and what takes the place of its answers. */
let asked: string[] = [];
let instead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;

beforeAll(async () => {
  browser = await launchChromium();
  files = await serveFiles();
  handler = createPictureHandler({
    folder: at("pictures"),
    path: "/photos",
    widths: [40, 80],
    model: goldenModel("photo").bytes,
    threads: 1,
  });
  const pictures = toNode(handler);
  server = createServer(async (request, response) => {
    asked.push(`${request.url} ${/x-isthmus/.test(request.headers.accept ?? "") ? "stream" : "file"}`);
    if (instead(request, response)) return;
    if (request.url!.startsWith("/photos/")) {
      // As middleware sets it for a whole site.
      response.setHeader("Content-Security-Policy", "default-src 'self'; script-src 'self'");
      return pictures(request, response);
    }
    if (request.url!.startsWith("/dist/")) {
      const file = await fetch(files.url + request.url);
      return void response.setHeader("content-type", "text/javascript").end(Buffer.from(await file.arrayBuffer()));
    }
    response
      .setHeader("content-type", "text/html")
      .setHeader("cache-control", "max-age=600")
      .end(await pageOf(request.url!));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  handler?.close();
  for (const each of [server, files?.server]) each?.close().closeAllConnections();
});
beforeEach(() => {
  asked = [];
  instead = () => false;
});

/** Pictures in all ways that pages show them; `/element` has one that a server has rendered. */
async function pageOf(path: string): Promise<string> {
  const [photo, alpha] = await Promise.all(["photo.jpg", "alpha.png"].map((name) => handler.describe(name)));
  const head = `<!doctype html><meta charset="utf-8"><title>Pictures</title><link rel="icon" href="data:,">`;
  if (path.startsWith("/element")) {
    const script = `<script type="module" src="/dist/element.js"></script>`;
    const options = {
      alt: "A scene",
      model: path.includes("broken") ? "/photos/nothing.isthm" : "/photos/model.isthm",
    };
    return `${head}${path.includes("script") ? script : ""}<p>${isthImage(photo, options)}</p>`;
  }
  return `${head}
    <style>div { width: 50px; height: 30px; background: url("/photos/grey.png") }</style>
    <script>navigator.serviceWorker.register("/photos/service-worker.js", { scope: "/" });</script>
    <img id="plain" src="${photo.src}"><img id="set" srcset="${photo.srcset}" sizes="40px"><img id="alpha" src="${alpha.src}"><div></div>`;
}

const kindsByPage = new Map<Page, Map<string, string>>();

/** The kinds of the answers that a page was given, by their addresses without versions, since it began to load. */
function watch(page: Page): Page {
  const kinds = new Map<string, string>();
  page.on("framenavigated", () => kinds.clear());
  page.on("response", (answer) => {
    const name = answer
      .url()
      .replace(/.*photos\//, "")
      .replace(/&?v=\w+/, "");
    if (/(jpg|png)/.test(name)) kinds.set(name, answer.headers()["content-type"]);
  });
  kindsByPage.set(page, kinds);
  return page;
}
/** The kinds of the pictures that a page shows. */
async function kindsOf(page: Page, count = 4): Promise<Record<string, string>> {
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  const kinds = kindsByPage.get(page)!;
  await expect.poll(() => kinds.size).toBeGreaterThanOrEqual(count);
  return Object.fromEntries(kinds);
}
const streams = {
  "photo.jpg?": "image/bmp",
  "photo.jpg?width=40": "image/bmp",
  "alpha.png?": "image/png",
  "grey.png": "image/bmp",
};
const filesOnly = Object.fromEntries(Object.keys(streams).map((name) => [name, "image/avif"]));

/** A visitor whose service worker is there and has its model. */
async function secondVisit(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext();
  const page = watch(await context.newPage());
  await page.goto(url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.goto(`${url}/second`);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  return { context, page };
}

/** The samples of a picture of a page. */
const samplesOf = (page: Page, id: string): Promise<number[]> =>
  page.evaluate((id) => {
    const image = document.querySelector<HTMLImageElement>(id)!;
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d")!;
    context.drawImage(image, 0, 0);
    return Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data);
  }, id);

describe("the service worker", () => {
  it("changes nothing of a first visit, and shows streams on a second one, to the samples of the decoder", async () => {
    const context = await browser.newContext();
    const first = watch(await context.newPage());
    await first.goto(url);
    expect(await kindsOf(first)).toEqual(filesOnly);
    await first.evaluate(async () => void (await navigator.serviceWorker.ready));
    const second = watch(await context.newPage());
    await second.goto(`${url}/second`);
    expect(await kindsOf(second)).toEqual(streams);
    expect(asked).toContain("/photos/grey.png stream");
    const decoder = await loadDecoder({ model: goldenModel("photo").bytes });
    for (const [id, name] of [
      ["#plain", "photo.jpg"],
      ["#alpha", "alpha.png"],
    ]) {
      const answer = await handler.fetch(
        new Request(`${url}/photos/${name}`, { headers: { accept: "image/x-isthmus" } }),
      );
      const { data, width, height, channels } = await decoder.decode(answer);
      const shown = await samplesOf(second, id);
      expect(shown.length).toBe(width * height * 4);
      for (let pixel = 0; pixel < width * height; pixel++) {
        const alpha = channels === 4 ? data[pixel * 4 + 3] : 255;
        expect(shown[pixel * 4 + 3]).toBe(alpha);
        // A canvas keeps colour that is multiplied by alpha.
        if (alpha > 127)
          expect(Math.abs(shown[pixel * 4] - data[pixel * channels])).toBeLessThanOrEqual(alpha === 255 ? 0 : 2);
      }
    }
    await context.close();
  });

  it("shows a picture that is opened by itself", async () => {
    const { context, page } = await secondVisit();
    const answer = await page.goto(`${url}/photos/photo.jpg`);
    expect(answer!.headers()["content-type"]).toBe("image/bmp");
    expect(await page.evaluate(() => document.images[0].naturalWidth)).toBe(120);
    // What is no picture is what the server says of it.
    expect((await page.goto(`${url}/photos/nothing.jpg`))!.status()).toBe(404);
    await context.close();
  });

  it("asks for no picture again that has its version in its address, on reload and without a network", async () => {
    const { context, page } = await secondVisit();
    await kindsOf(page);
    await page.waitForTimeout(200);
    asked = [];
    await page.reload();
    expect(await kindsOf(page)).toEqual(streams);
    expect(asked.filter((address) => address.includes("v="))).toEqual([]);
    await context.setOffline(true);
    await page.goto(`${url}/second`);
    expect(await kindsOf(page)).toEqual(streams);
    await page.goto(`${url}/photos/grey.png`);
    expect(await page.evaluate(() => document.images[0].naturalWidth)).toBe(50);
    await context.close();
  });

  it("leaves pictures to the server while there is no model, and where it is broken", async () => {
    const context = await browser.newContext();
    instead = (request, response) => request.url === "/photos/model.isthm" && !!response.end("no model");
    const page = watch(await context.newPage());
    await page.goto(url);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    for (let visit = 0; visit < 2; visit++) {
      await page.goto(`${url}/visit-${visit}`);
      expect(await kindsOf(page)).toEqual(filesOnly);
    }
    // It tries again, and has it on the visit after that.
    instead = () => false;
    asked = [];
    await page.goto(`${url}/mended`);
    await kindsOf(page);
    await expect.poll(() => asked.some((address) => address.includes("model.isthm"))).toBe(true);
    await page.waitForTimeout(500);
    // In a tab of its own: what a page has in memory is not asked for again.
    const after = watch(await context.newPage());
    await after.goto(`${url}/after`);
    expect(await kindsOf(after)).toEqual(streams);
    await context.close();
  });

  it("leaves pictures to the server whose streams are damaged or of a model that is not to be had", async () => {
    const { context, page } = await secondVisit();
    const stream = await (
      await handler.fetch(new Request(`${url}/photos/photo.jpg`, { headers: { accept: "image/x-isthmus" } }))
    ).arrayBuffer();
    const damaged = new Uint8Array(stream);
    damaged[damaged.length - 9] ^= 1;
    const wantsStream = ({ headers }: IncomingMessage) => /x-isthmus/.test(headers.accept ?? "");
    const send = (response: ServerResponse, bytes: Uint8Array) =>
      !!response.setHeader("content-type", "image/x-isthmus").end(bytes);
    const kindOf = async (name: string) => {
      const width = await page.evaluate(async (src) => {
        const image = Object.assign(new Image(), { src });
        await image.decode();
        return image.naturalWidth;
      }, `/photos/${name}`);
      return [width, (await kindsOf(page))[name]];
    };
    instead = (request, response) => wantsStream(request) && send(response, damaged);
    expect(await kindOf("photo.jpg?damaged")).toEqual([120, "image/avif"]);
    instead = (request, response) => wantsStream(request) && !!response.writeHead(500).end();
    expect(await kindOf("photo.jpg?refused")).toEqual([120, "image/avif"]);
    instead = () => false;
    expect(await kindOf("photo.jpg?whole")).toEqual([120, "image/bmp"]);
    const foreign = readGolden("grey-61x45.isth");
    instead = (request, response) => wantsStream(request) && send(response, foreign);
    expect(await kindOf("photo.jpg?foreign")).toEqual([120, "image/avif"]);
    // For a while nothing is asked for that would fail, too.
    asked = [];
    expect(await kindOf("photo.jpg?after")).toEqual([120, "image/avif"]);
    expect(asked).toEqual(["/photos/photo.jpg?after file"]);
    await context.close();
  });

  it("asks again for a stream that it has kept and cannot show, as after a change of the model", async () => {
    const { context, page } = await secondVisit();
    const { src } = await handler.describe("photo.jpg");
    const foreign = [...readGolden("grey-61x45.isth")];
    await page.evaluate(
      async ([src, bytes]) => {
        const cache = await caches.open("isthmus-worker-pictures");
        const headers = { "content-type": "image/x-isthmus", "cache-control": "public, max-age=31536000, immutable" };
        await cache.put(src, new Response(Uint8Array.from(bytes), { headers }));
      },
      [src, foreign] as const,
    );
    asked = [];
    const after = watch(await context.newPage());
    await after.goto(`${url}/after`);
    expect(await kindsOf(after)).toEqual(streams);
    expect(asked).toContain(`${src} stream`);
    await context.close();
  });

  it("works inside a service worker of the site's own, and on streams of a server that knows no type for them", async () => {
    const model = goldenModel("photo").receiver();
    const stream = readGolden("photo-quality-100.isth");
    instead = (request, response) => {
      const [path] = request.url!.split("?");
      const own: Record<string, [type: string, body: string | Uint8Array]> = {
        "/my-worker.js": ["text/javascript", `importScripts("/photos/service-worker.js");`],
        "/files/my-model.isthm": ["application/octet-stream", model],
        "/files/photo.isth": ["application/octet-stream", stream],
        "/own": ["text/html", `<title>Own</title><link rel="icon" href="data:,">`],
      };
      const [type, body] = own[path] ?? [];
      return !!type && !!response.setHeader("content-type", type).end(body);
    };
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${url}/own`);
    const widths = await page.evaluate(async () => {
      await navigator.serviceWorker.register("/my-worker.js?model=/files/my-model.isthm");
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller) {
        await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
      }
      const images = ["/files/photo.isth", "/photos/photo.jpg"].map((src) => Object.assign(new Image(), { src }));
      await Promise.all(images.map((image) => image.decode()));
      return images.map((image) => image.naturalWidth);
    });
    expect(widths).toEqual([75, 120]);
    expect(asked).toContain("/photos/photo.jpg stream");
    await context.close();
  });
});

describe("<isth-img> as a server renders it", () => {
  const boxOf = (page: Page) =>
    page.evaluate(() => {
      const { width, height } = document.querySelector("isth-img")!.getBoundingClientRect();
      return [width, height];
    });

  it("has its place and its preview before any script, and the picture after", async () => {
    const page = await browser.newPage();
    await page.goto(`${url}/element-without`);
    expect(await boxOf(page)).toEqual([120, 80]);
    expect(await page.evaluate(() => getComputedStyle(document.querySelector("isth-img")!).backgroundImage)).toMatch(
      /^url\("data:image\/png/,
    );
    await page.goto(`${url}/element-script`);
    await page.waitForSelector("isth-img[loaded]");
    expect(await boxOf(page)).toEqual([120, 80]);
    expect(
      asked.filter((address) => address.includes("photo.jpg")).every((address) => address.endsWith("stream")),
    ).toBe(true);
    await page.close();
  });

  it("shows an <img> without JavaScript, and where the model is missing", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = watch(await context.newPage());
    await page.goto(`${url}/element-script`);
    const image = page.locator("isth-img img");
    expect(await image.boundingBox()).toMatchObject({ width: 120, height: 80 });
    await expect
      .poll(() => asked.filter((address) => address.includes("photo.jpg")))
      .toEqual([expect.stringMatching(/ file$/)]);
    await context.close();
    const broken = await browser.newPage();
    await broken.goto(`${url}/element-script-broken`);
    await broken.waitForSelector("isth-img > img");
    expect(
      await broken.evaluate(async () => {
        const image = document.querySelector<HTMLImageElement>("isth-img > img")!;
        await image.decode();
        return [image.naturalWidth, document.querySelectorAll("isth-img > style, isth-img > slot").length];
      }),
    ).toEqual([120, 0]);
    await broken.close();
  });
});
