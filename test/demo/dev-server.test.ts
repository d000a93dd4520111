import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { expect, it } from "vitest";
import { launchChromium } from "../browser/chromium.js";
import { configFile } from "./demo-page.js";
import { openFile, png, ready, told } from "./visitor.js";

it("the page of `npm run demo` opens, encodes and compares, and prints no error", { timeout: 300_000 }, async () => {
  const cacheDir = fileURLToPath(new URL("../../build/demo-dev-server/", import.meta.url));
  const server = await createServer({
    configFile,
    cacheDir,
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1" },
  });
  const browser = await launchChromium();
  try {
    await server.listen();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
    await page.goto(server.resolvedUrls!.local[0] ?? server.resolvedUrls!.network[0]);
    await ready(page);
    await openFile(page, "mine.png", await png(64, 48));
    await page.getByText("mine.png, 64 × 48").waitFor();
    await ready(page);
    await page.getByRole("button", { name: "Compare with WebP" }).click();
    await page.locator("tr.webp:not(.running) td.size").waitFor();
    await openFile(page, "empty.png", new Uint8Array(0));
    await told(page, "empty.png is empty.");
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
