import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchChromium, type Routes, serveFiles } from "./open-chromium.js";

export * from "./open-chromium.js";

declare global {
  /** See page.js. */
  function load(name: "isthmus"): Promise<typeof import("../../src/index.js")>;
  function load(name: "isthmus/browser"): Promise<typeof import("../../src/browser.js")>;
  function load(name: "isthmus/element"): Promise<typeof import("../../src/element.js")>;
  function load(name: "isthmus/preview"): Promise<typeof import("../../src/preview.js")>;
  function startWorker(): Worker;
  function bytesAt(path: string): Promise<Uint8Array<ArrayBuffer>>;
  function digest(bytes: Uint8Array): Promise<string>;
  function refusal(promise: Promise<unknown>): Promise<{ code: string; message: string }>;
}

/** A browser and a server for the tests of one file. */
export function withChromium(options: { routes?: Routes; args?: readonly string[] } = {}) {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof serveFiles>>;
  beforeAll(async () => {
    browser = await launchChromium(options.args);
    served = await serveFiles(options.routes);
  });
  afterAll(async () => {
    await browser?.close();
    served?.server.closeAllConnections();
    served?.server.close();
  });
  return {
    get url(): string {
      return served.url;
    },
    get browser(): Browser {
      return browser;
    },
    /** A fresh page at a path of the server. */
    async open(path = "/"): Promise<Page> {
      const page = await browser.newPage();
      await page.goto(served.url + path);
      return page;
    },
  };
}
