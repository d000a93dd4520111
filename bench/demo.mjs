// What the demo page transfers until its first picture is decoded, in bytes after gzip; then what encoding adds, and each rival.
//   npm run bench:demo
// Writes bench/results/demo.json and prints its section.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, preview } from "vite";
import { launchChromium } from "./frame/chromium.mjs";
import { place } from "./frame/places.mjs";
import { report } from "./frame/results.mjs";

const configFile = place("demo/vite.config.ts");
const built = new URL("../demo/dist/", import.meta.url);
await build({ configFile, logLevel: "error" });
const server = await preview({ configFile, preview: { port: 0, host: "127.0.0.1" } });
const browser = await launchChromium();
// The service worker fetches everything for offline use, later and by itself.
const context = await browser.newContext({ serviceWorkers: "block" });
const page = await context.newPage();
let transferred = new Set();
context.on("response", (response) => {
  const { pathname, protocol } = new URL(response.url());
  if (protocol === "http:") transferred.add(pathname === "/" ? "/index.html" : pathname);
});

/** What has come since the last call, by kind. */
async function take() {
  const kinds = { page: 0, library: 0, model: 0, pictures: 0, wasm: 0 };
  for (const path of transferred) kinds[kindOf(path)] += sizeOf(path, await readFile(new URL(`.${path}`, built)));
  transferred = new Set();
  return { ...kinds, total: Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0) };
}

function kindOf(path) {
  if (/\.isthm$/.test(path)) return "model";
  if (/isthmus\.worker|kernels-/.test(path)) return "library";
  if (/\.wasm$/.test(path)) return "wasm";
  return /\.(jpg|svg|isth)$/.test(path) ? "pictures" : "page";
}

/** Servers do not try gzip on photographs, nor on files whose kind they do not know. */
const sizeOf = (path, body) => (/\.(jpg|isthm?)$/.test(path) ? body.length : gzipSync(body).length);

await page.goto(server.resolvedUrls.local[0] ?? server.resolvedUrls.network[0]);
await page.locator("tr.isthmus:not(.running) td.size").waitFor({ timeout: 120_000 });
const steps = [{ step: "first picture decoded", bytes: await take() }];
await page.getByLabel("Quality", { exact: true }).fill("40");
await page
  .locator("tr.isthmus:not(.running) td.size ~ td", { hasText: /\d m?s$/ })
  .first()
  .waitFor();
steps.push({ step: "a setting changed, encoded anew", bytes: await take() });
for (const name of ["JPEG", "WebP", "AVIF"]) {
  await page.getByRole("button", { name: `Compare with ${name}` }).click();
  await page.locator(`tr.${name.toLowerCase()}:not(.running) td.size`).waitFor({ timeout: 400_000 });
  steps.push({ step: `compared with ${name}`, bytes: await take() });
}
await browser.close();
await server.close();

await report("demo", { steps });
