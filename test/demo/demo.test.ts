import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import type { Download, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { inspect, loadCodec, loadModel } from "../../src/index.js";
import { drawPicture } from "../reference/pictures.js";
import { patiently, withDemo } from "./demo-page.js";
import { closeTab, openFile, png, ready, slide, startTraining } from "./visitor.js";

const demo = withDemo();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The text of a cell of the table of results, once its codec is at rest. */
async function cell(page: Page, codec: string, column: number): Promise<string> {
  const row = page.locator(`tr.${codec}:not(.running)`);
  return (await row.locator("td").nth(column).textContent())!;
}

/** Bytes as the table tells them: "1.2 kB". */
function bytesOf(text: string): number {
  const [, number, unit] = /^([\d.,]+) (B|kB|MB)/.exec(text)!;
  return Number(number.replaceAll(",", "")) * { B: 1, kB: 1e3, MB: 1e6 }[unit as "B" | "kB" | "MB"];
}

/** Bytes of a file as servers send it: they try gzip on what is no photograph and whose kind they know. */
async function transferOf(url: string): Promise<number> {
  const body = new Uint8Array(await (await fetch(url)).arrayBuffer());
  return /\.(jpg|isthm?)$/.test(url) ? body.length : gzipSync(body).length;
}

async function bytesOfDownload(download: Download): Promise<Uint8Array> {
  return new Uint8Array(await readFile((await download.path())!));
}

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

describe("the demo page", () => {
  it("opens with a sample that was coded beforehand, encodes it anew on demand, and asks for nothing beyond its own origin", async () => {
    const page = await demo.open();
    await ready(page);
    expect(bytesOf(await cell(page, "isthmus", 0))).toBeGreaterThan(10_000);
    expect(Number(await cell(page, "isthmus", 2))).toBeGreaterThan(20);
    expect(Number(await cell(page, "isthmus", 3))).toBeGreaterThan(26);
    expect(await cell(page, "isthmus", 5)).toBe("–");
    await page.getByText("coded when this page was made").waitFor();
    await demo.keepPicture(page, "compare");
    expect(demo.requests.filter((url) => !url.startsWith(demo.url) && !/^(blob|data):/.test(url))).toEqual([]);
    // What only encoding and training need, and the other codecs, wait until they are wanted.
    const later = /sender|default-model|train-here|latent-methods|kernels-relaxed|jpeg|webp|avif/;
    expect(demo.pageRequests.filter((url) => later.test(url))).toEqual([]);
    const firstLoad = await Promise.all(demo.pageRequests.filter((url) => url.startsWith(demo.url)).map(transferOf));
    expect(firstLoad.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(600_000);
    await slide(page, "Quality", 40);
    expect(await cell(page, "isthmus", 5)).toMatch(/^[\d,.]+ m?s$/);
    expect(demo.pageRequests.some((url) => /sender/.test(url))).toBe(true);
    expect(demo.complaints).toEqual([]);
    await page.close();
  });

  it("gives the library's bytes for a picture, a quality and an effort, as a file that it shows again", async () => {
    const page = await demo.open();
    const picture = drawPicture(96, 64, 3);
    await openFile(page, "mine.png", await png(96, 64));
    await page.getByText("mine.png, 96 × 64").waitFor();
    await slide(page, "Quality", 20);
    await slide(page, "Effort", 1);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download mine.isth" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("mine.isth");
    const stream = await bytesOfDownload(download);
    const codec = await loadCodec();
    expect(stream).toEqual(await codec.encode(picture, { quality: 20, effort: 1 }));

    await openFile(page, "mine.isth", stream);
    await page.getByText("A stream by itself").waitFor();
    const shown = await page
      .locator(".viewer canvas")
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        return Array.from(data.filter((_, i) => i % 4 !== 3));
      });
    expect(Uint8Array.from(shown)).toEqual((await codec.decode(stream)).data);
    await page.close();
  });

  it("compares with other codecs at equal bytes, at equal likeness and at a quality of their own", async () => {
    const page = await demo.open();
    await openFile(page, "mine.png", await png(160, 120));
    await page.getByText("mine.png").first().waitFor();
    await ready(page);
    const sides = page.getByRole("group", { name: "Left" });
    await sides.getByRole("radio", { name: "WebP" }).check();
    await page.getByRole("button", { name: "Compare with JPEG" }).click();
    await page.getByRole("button", { name: "Compare with AVIF" }).click();
    const rivals = ["jpeg", "webp", "avif"];
    for (const id of rivals) await page.locator(`tr.${id}:not(.running) td.size`).waitFor();
    const own = bytesOf(await cell(page, "isthmus", 0));
    for (const id of rivals) {
      const isSmallest = (await page.locator(`tr.${id} .file`).textContent())!.includes("its smallest");
      if (!isSmallest) expect(bytesOf(await cell(page, id, 0))).toBeLessThanOrEqual(own * 1.001 + 50);
    }
    await demo.keepPicture(page, "compare-all");

    for (const [name, column, least] of [
      ["Same score", 2, 0.05],
      ["Same PSNR", 3, 0.005],
    ] as const) {
      await page.getByRole("radio", { name }).check();
      const goal = Number(await cell(page, "isthmus", column)) - least;
      await page.waitForFunction(
        ({ column, goal }) => {
          const rows = [...document.querySelectorAll("tr.webp:not(.running)")];
          return rows.some((row) => Number(row.querySelectorAll("td")[column]?.textContent) >= goal);
        },
        { column, goal },
      );
    }

    await page.getByRole("radio", { name: "Own" }).check();
    await page.getByLabel("Quality of the others").fill("33");
    await page.locator("tr.webp:not(.running) .file", { hasText: "q 33" }).waitFor();
    expect(demo.complaints).toEqual([]);
    await page.close();
  });

  it("trains on pictures, shows how far it is, stops on demand, and puts the model to use", async () => {
    const page = await demo.open("#train");
    await startTraining(page);
    await page.getByText(/^step /).waitFor();
    await demo.keepPicture(page, "training");
    await page.getByRole("button", { name: "Stop and keep the model" }).click();
    await page.getByText(/^(Your images:|No common range)/).waitFor();
    await demo.keepPicture(page, "trained");

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the model" }).click(),
    ]);
    const model = loadModel(await bytesOfDownload(download));
    expect(model.training).toMatchObject({ images: 9, name: "My 10 pictures" });

    await page.getByRole("button", { name: "Use it now" }).click();
    await openFile(page, "next.png", await png(48, 48, 77));
    await page.getByText("next.png, 48 × 48").waitFor();
    await ready(page);
    const [stream] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download next.isth" }).click(),
    ]);
    expect(inspect(await bytesOfDownload(stream))).toMatchObject({ modelId: model.id, width: 48 });

    await page.goto(`${demo.url}#train`);
    await page.reload();
    await page.getByText("A model trained on an earlier visit (My 10 pictures) is kept in this browser.").waitFor();
    await page.getByRole("button", { name: "Discard it" }).click();
    await page.close();
  });

  it("goes on with a training whose tab was closed", async () => {
    const first = await demo.open("#train");
    await startTraining(first);
    await expect.poll(() => first.evaluate(hasCheckpoint), patiently).toBe(true);
    // Nothing is lost, so nothing is asked.
    expect(await closeTab(first)).toBeUndefined();

    const second = await demo.open("#train");
    await second.getByText(/stopped at step [\d,]+ of [\d,]+ when this page was closed/).waitFor();
    await demo.keepPicture(second, "kept");
    await second.getByRole("button", { name: "Go on" }).click();
    await second.getByText(/^step /).waitFor();
    await second.getByRole("button", { name: "Discard" }).click();
    await second.getByRole("button", { name: "Choose a folder" }).waitFor();
    await second.close();
  });

  it("learns to write digits, and lets their latents be walked through", async () => {
    const page = await demo.open("#explore");
    await page.getByRole("button", { name: "Learn to write digits" }).click();
    await page.getByText("What it imagines so far").waitFor();
    expect(await closeTab(page)).toBe("beforeunload");
    await page.getByRole("button", { name: "That will do" }).click();
    await page.getByText("Digits: every picture is 12 numbers").waitFor();
    const pixels = (name: string): Promise<string> =>
      page.getByRole("img", { name }).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

    const middle = await pixels("The picture of these latents");
    await page.getByLabel("Latent 1", { exact: true }).fill("2.5");
    await expect.poll(() => pixels("The picture of these latents"), patiently).not.toBe(middle);
    await page.getByRole("button", { name: "To the middle" }).click();
    await expect.poll(() => pixels("The picture of these latents"), patiently).toBe(middle);

    const start = await pixels("The picture on the way");
    await page.getByLabel("On the way", { exact: true }).fill("100");
    expect(await pixels("The picture on the way")).not.toBe(start);
    await page.getByRole("button", { name: "Sample 5", exact: true }).click();
    await page.getByRole("button", { name: "Sample 5", exact: true, pressed: true }).waitFor();
    await demo.keepPicture(page, "explore");
    expect(demo.complaints).toEqual([]);
    await page.close();
  });

  it.each(["light", "dark"] as const)(
    "has no fault that axe finds, in %s, nor a phone's page that is too wide",
    async (colorScheme) => {
      const page = await demo.open();
      await page.emulateMedia({ colorScheme });
      await ready(page);
      for (const view of ["compare", "train", "explore"]) {
        await page.goto(`${demo.url}#${view}`);
        await page.getByRole("link", { name: new RegExp(`^${view}$`, "i"), exact: true }).waitFor();
        for (const [size, width] of [
          ["desktop", 1280],
          ["phone", 390],
        ] as const) {
          await page.setViewportSize({ width, height: 844 });
          await demo.keepPicture(page, `${view}-${size}-${colorScheme}`);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
          expect(await faults(page)).toEqual([]);
        }
      }
      await page.close();
    },
  );

  it("opens without a network once it has been loaded", async () => {
    const page = await demo.open();
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
    await demo.context.setOffline(true);
    try {
      await page.reload();
      await ready(page);
      await openFile(page, "mine.png", await png(64, 64));
      await page.getByText("mine.png").first().waitFor();
      await page.getByRole("button", { name: "Compare with WebP" }).click();
      await page.locator("tr.webp:not(.running) td.size").waitFor();
    } finally {
      await demo.context.setOffline(false);
    }
    await page.close();
  });
});

/** True where the page's storage holds a checkpoint. Runs in the page. */
async function hasCheckpoint(): Promise<boolean> {
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === "isthmus-demo")) return false;
  const kept = await new Promise<{ checkpoint?: unknown } | undefined>((resolve, reject) => {
    const opening = indexedDB.open("isthmus-demo");
    opening.onerror = reject;
    opening.onsuccess = () => {
      const request = opening.result.transaction("training").objectStore("training").get("training");
      request.onsuccess = () => resolve(request.result);
      opening.result.close();
    };
  });
  return kept?.checkpoint !== undefined;
}
