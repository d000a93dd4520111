import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import chromiumFiles from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

const root = new URL("../../", import.meta.url);
const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".png": "image/png",
};

/** Answers for paths that are no files of the repository. */
export type Routes = Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

/** Serves the repository's files (`/dist/index.js`, `/test/vectors/...`), an empty page at `/`, and the routes. */
export async function serveFiles(routes: Routes = {}, folder: URL = root): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, "http://localhost").pathname;
    const route = routes[path];
    if (route) return route(request, response);
    if (path === "/") return void response.setHeader("content-type", "text/html").end(emptyPage);
    try {
      const bytes = await readFile(new URL(`.${path}`, folder));
      response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, server };
}

export const emptyPage = `<!doctype html>
<meta charset="utf-8"><title>Isthmus</title><link rel="icon" href="data:,">
<script type="module" src="/test/browser/page.js"></script>
<body></body>`;

/** A page that is sent with a content security policy. */
export const pageWithPolicy =
  (policy: string, html = emptyPage) =>
  (_: IncomingMessage, response: ServerResponse): void =>
    void response.setHeader("content-type", "text/html").setHeader("content-security-policy", policy).end(html);

/**
 * Chromium as npm brings it, without the arguments that its package adds: some of them hide faults of policies and isolation. `megabytes` bounds
 * what each of its processes may hold.
 */
export async function launchChromium(
  args: readonly string[] = [],
  { megabytes }: { megabytes?: number } = {},
): Promise<Browser> {
  const executablePath = await chromiumFiles.executablePath(fileURLToPath(new URL("bin", chromiumPackage())));
  const launch = (path: string) => chromium.launch({ executablePath: path, args: ["--no-sandbox", ...args] });
  if (!megabytes) return launch(executablePath);
  const folder = await mkdtemp(join(tmpdir(), "isthmus-limited-"));
  const limited = join(folder, "chromium");
  const script = `#!/bin/sh\nulimit -d ${megabytes * 1024}\nexec "${executablePath}" "$@"\n`;
  await writeFile(limited, script, { mode: 0o755 });
  const browser = await launch(limited);
  browser.on("disconnected", () => void rm(folder, { recursive: true }));
  return browser;
}

const chromiumPackage = (): URL =>
  new URL("../", import.meta.resolve("@sparticuz/chromium").replace(/build\/.*/, "build/"));
