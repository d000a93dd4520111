// What the demo page transfers until its first picture is encoded and decoded, in bytes after gzip; then what each rival adds.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import chromiumFiles from "@sparticuz/chromium";
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { printTable, writeResults } from "./results.mjs";

const configFile = fileURLToPath(new URL("../demo/vite.config.ts", import.meta.url));
await build({ configFile, logLevel: "error" });
const server = await preview({ configFile, preview: { port: 0, host: "127.0.0.1" } });
const browser = await chromium.launch({ executablePath: await chromiumFiles.executablePath(), args: ["--no-sandbox"] });
// The service worker fetches everything for offline use, later and by itself.
const context = await browser.newContext({ serviceWorkers: "block" });
const page = await context.newPage();
let transferred = new Map();
context.on("response", (response) => {
  const body = response.body().catch(() => Buffer.alloc(0));
  transferred.set(response.url(), body);
});

/** What has come since the last call, by kind. */
async function take() {
  const kinds = { page: 0, library: 0, model: 0, pictures: 0, wasm: 0 };
  for (const [url, body] of transferred) kinds[kindOf(url)] += sizeOf(url, await body);
  transferred = new Map();
  return { ...kinds, total: Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0) };
}

function kindOf(url) {
  if (/default-model/.test(url)) return "model";
  if (/isthmus\.worker|kernels-/.test(url)) return "library";
  if (/\.wasm$/.test(url)) return "wasm";
  return /\.(jpg|svg)$/.test(url) ? "pictures" : "page";
}

/** Photographs are not made smaller by gzip, and servers do not try. */
const sizeOf = (url, body) => (url.endsWith(".jpg") ? body.length : gzipSync(body).length);

await page.goto(server.resolvedUrls.local[0] ?? server.resolvedUrls.network[0]);
await page.locator("tr.isthmus:not(.running) td.size").waitFor({ timeout: 120_000 });
const steps = [{ step: "first picture encoded and decoded", bytes: await take() }];
for (const name of ["JPEG", "WebP", "AVIF"]) {
  await page.getByRole("button", { name: `Compare with ${name}` }).click();
  await page.locator(`tr.${name.toLowerCase()}:not(.running) td.size`).waitFor({ timeout: 400_000 });
  steps.push({ step: `compared with ${name}`, bytes: await take() });
}
await browser.close();
await server.close();

const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
printTable(
  ["kB after gzip", ...Object.keys(steps[0].bytes)],
  steps.map(({ step, bytes }) => [step, ...Object.values(bytes).map(kilobytes)]),
);
await writeResults("demo", { steps });
