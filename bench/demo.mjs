// What the demo page transfers until its first picture is decoded, in bytes after gzip; then what encoding adds, and each rival.
//   npm run bench:demo
// Writes bench/results/demo.json and prints its section.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, preview } from "vite";
import { loadSource, place, report, sum } from "./frame/index.mjs";

const configFile = place("demo/vite.config.ts");
const { launchChromium } = await loadSource();
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

const steps = [];
await page.goto(server.resolvedUrls.local[0] ?? server.resolvedUrls.network[0]);
await page.locator("tr.isthmus:not(.running) td.size").waitFor({ timeout: 120_000 });
await take("first picture decoded");
await page.getByLabel("Quality", { exact: true }).fill("40");
const time = page.locator("tr.isthmus:not(.running) td.size ~ td", { hasText: /\d m?s$/ });
await time.first().waitFor();
await take("a setting changed, encoded anew");
for (const name of ["JPEG", "WebP", "AVIF"]) {
  await page.getByRole("button", { name: `Compare with ${name}` }).click();
  await page.locator(`tr.${name.toLowerCase()}:not(.running) td.size`).waitFor({ timeout: 400_000 });
  await take(`compared with ${name}`);
}
await browser.close();
await server.close();
await report("demo", { steps });

/** What has come since the last call, by kind. */
async function take(step) {
  const kinds = { page: 0, library: 0, model: 0, pictures: 0, wasm: 0 };
  for (const path of transferred) kinds[kindOf(path)] += sizeOf(path, await readFile(place(`demo/dist${path}`)));
  transferred = new Set();
  steps.push({ step, bytes: { ...kinds, total: sum(Object.values(kinds)) } });
}

function kindOf(path) {
  if (/\.isthm$/.test(path)) return "model";
  if (/isthmus\.worker|kernels-/.test(path)) return "library";
  if (/\.wasm$/.test(path)) return "wasm";
  return /\.(jpg|svg|isth)$/.test(path) ? "pictures" : "page";
}

/** Servers do not try gzip on photographs, nor on files whose kind they do not know. */
function sizeOf(path, body) {
  return /\.(jpg|isthm?)$/.test(path) ? body.length : gzipSync(body).length;
}
