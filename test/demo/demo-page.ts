import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import chromiumFiles from "@sparticuz/chromium";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, vi } from "vitest";

const configFile = fileURLToPath(new URL("../../demo/vite.config.ts", import.meta.url));
/** For machines that have much else to do. */
const timeout = 300_000;
/** Kept for people to look at; git does not see them. */
const pictures = fileURLToPath(new URL("../../build/demo-screenshots/", import.meta.url));

/** The demo page as it is deployed, in a real Chromium. One context: what one test leaves in the browser's storage, the next one finds. */
export function withDemo() {
  let browser: Browser;
  let server: PreviewServer;
  let context: BrowserContext;
  const complaints: string[] = [];
  const requests: string[] = [];
  const pageRequests: string[] = [];
  vi.setConfig({ testTimeout: timeout, hookTimeout: timeout });

  beforeAll(async () => {
    vi.stubEnv("NODE_ENV", "production");
    await build({ configFile, logLevel: "error" });
    vi.unstubAllEnvs();
    server = await preview({ configFile, preview: { port: 0, host: "127.0.0.1" } });
    browser = await chromium.launch({ executablePath: await chromiumFiles.executablePath(), args: ["--no-sandbox"] });
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    context.on("request", (request) => {
      requests.push(request.url());
      if (!request.serviceWorker()) pageRequests.push(request.url());
    });
    await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  return {
    /** What the browser printed as errors or threw, refusals of the content security policy among them. */
    complaints,
    requests,
    /** Those of the page and its workers, without what the service worker keeps for later. */
    pageRequests,
    get url(): string {
      return server.resolvedUrls!.local[0] ?? server.resolvedUrls!.network[0];
    },
    get context(): BrowserContext {
      return context;
    },
    async open(hash = ""): Promise<Page> {
      const page = await context.newPage();
      page.setDefaultTimeout(timeout);
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      await page.goto(this.url + hash);
      return page;
    },
    async keepPicture(page: Page, name: string): Promise<void> {
      await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
    },
  };
}
