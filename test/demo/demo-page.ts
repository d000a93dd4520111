import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, vi } from "vitest";
import { launchChromium } from "../browser/chromium.js";

export const configFile = fileURLToPath(new URL("../../demo/vite.config.ts", import.meta.url));
/** For machines that have much else to do. */
const timeout = 300_000;
export const patiently = { timeout: timeout / 2, interval: 200 };
/** Kept for people to look at; git does not see them. */
const pictures = fileURLToPath(new URL("../../build/demo-screenshots/", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
/** Test files share the page as it was built last, in a folder that is called by the time of the newest thing that it is made of. */
const pages = join(root, "build/demo-pages");

/** When the newest file of a folder was written; before all others where there is none. */
async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return Math.max(0, ...times);
}

/** The folder of the page, which is built unless it is there. Files that run side by side may both build it: the first one stays. */
async function builtPage(): Promise<string> {
  const sources = ["demo", "src", "assembly", "dist", "models"].map((name) => newestIn(join(root, name)));
  const newest = String(Math.floor(Math.max(...(await Promise.all(sources)))));
  const folder = join(pages, newest);
  const there: string[] = await readdir(pages).catch(() => []);
  if (there.includes(newest)) return folder;
  const own = `${folder}-${process.pid}`;
  vi.stubEnv("NODE_ENV", "production");
  await build({ configFile, logLevel: "error", build: { outDir: own } });
  vi.unstubAllEnvs();
  // Where another one came first, that is as good. Nobody serves what is of older sources.
  await rename(own, folder).catch(() => rm(own, { recursive: true }));
  const older = there.filter((name) => /^\d+$/.test(name));
  for (const name of older) await rm(join(pages, name), { recursive: true, force: true });
  return folder;
}

/** The demo page as it is deployed, in a real Chromium. One context: what one test leaves in the browser's storage, the next one finds. */
export function withDemo() {
  let browser: Browser;
  let server: PreviewServer;
  let outDir: string;
  let context: BrowserContext;
  const servers: PreviewServer[] = [];
  const complaints: string[] = [];
  const requests: string[] = [];
  const pageRequests: string[] = [];
  vi.setConfig({ testTimeout: timeout, hookTimeout: timeout });

  /** Serves the page with headers that a site may send. */
  async function serve(headers: Record<string, string> = {}): Promise<PreviewServer> {
    const started = await preview({
      configFile,
      build: { outDir },
      preview: { port: 0, host: "127.0.0.1", headers },
    });
    servers.push(started);
    return started;
  }

  beforeAll(async () => {
    outDir = await builtPage();
    server = await serve();
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    context.on("request", (request) => {
      requests.push(request.url());
      if (!request.serviceWorker()) pageRequests.push(request.url());
    });
    await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    for (const started of servers) await started.close();
  });

  async function openIn(opener: Browser | BrowserContext, address: string): Promise<Page> {
    const page = await opener.newPage();
    // Sooner than the test, so that a failure names what was waited for.
    page.setDefaultTimeout(timeout / 2);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(address);
    return page;
  }

  return {
    /** What the browser printed as errors or threw, refusals of the content security policy among them. */
    complaints,
    requests,
    /** Those of the page and its workers, without what the service worker keeps for later. */
    pageRequests,
    get url(): string {
      return addressOf(server);
    },
    get context(): BrowserContext {
      return context;
    },
    open: (hash = ""): Promise<Page> => openIn(context, addressOf(server) + hash),
    /** The page as a site shows it that sends such headers. */
    openServedWith: async (headers: Record<string, string>): Promise<Page> =>
      openIn(context, addressOf(await serve(headers))),
    /** The page in another browser, such as one of little memory. */
    openIn: (other: Browser): Promise<Page> => openIn(other, addressOf(server)),
    /** A visitor for the first time, who has nothing kept. `prepare` runs before the page is asked for. */
    async openAfresh(
      options: BrowserContextOptions & { hash?: string } = {},
      prepare: (context: BrowserContext) => Promise<unknown> = async () => undefined,
    ): Promise<Page> {
      const { hash = "", ...others } = options;
      const fresh = await browser.newContext({ serviceWorkers: "block", ...others });
      await prepare(fresh);
      return openIn(fresh, addressOf(server) + hash);
    },
    async keepPicture(page: Page, name: string): Promise<void> {
      await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
    },
  };
}

const addressOf = ({ resolvedUrls }: PreviewServer): string => resolvedUrls!.local[0] ?? resolvedUrls!.network[0];
