import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { inspect } from "../../src/index.js";
import { withDemo } from "./demo-page.js";
import { openFile, png, ready } from "./visitor.js";

const demo = withDemo();

async function streamOf(page: Page) {
  await ready(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /Download .*\.isth$/ }).click(),
  ]);
  const report = inspect(new Uint8Array(await readFile(await download.path())));
  return report.kind === "stream" ? report : undefined;
}

/** Waits until what was painted has led to another stream. */
const codedAgain = async (page: Page): Promise<void> => {
  await page.locator("tr.isthmus.running").waitFor({ timeout: 5000 });
  await ready(page);
};

it("a visitor paints what matters, and clears it again", async () => {
  const page = await demo.openAfresh();
  await ready(page);
  await openFile(page, "drawn.png", await png(320, 200, 3));
  await page.getByText("drawn.png, 320 × 200").waitFor();
  expect(await streamOf(page)).toMatchObject({ places: false, width: 320 });

  await page.getByRole("button", { name: "Paint what matters" }).click();
  await page.locator(".viewer").scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await page.locator(".viewer").boundingBox())!;
  const split = await page.getByRole("slider", { name: "Where the two pictures meet" }).inputValue();
  await page.mouse.move(x + width * 0.4, y + height * 0.5);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.6, y + height * 0.5, { steps: 4 });
  await page.mouse.up();
  await codedAgain(page);
  expect(await streamOf(page)).toMatchObject({ places: true });
  // The brush leaves the line alone, and shows where it has been: in the middle, as wide as its stroke.
  expect(await page.getByRole("slider", { name: "Where the two pictures meet" }).inputValue()).toBe(split);
  const tinted = await page.locator(".painting canvas").evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    const columns = Array.from({ length: width }, (_, column) => data[4 * ((height >> 1) * width + column) + 3] > 0);
    return { first: columns.indexOf(true) / width, last: columns.lastIndexOf(true) / width };
  });
  expect(tinted.first).toBeGreaterThan(0.25);
  expect(tinted.first).toBeLessThan(0.42);
  expect(tinted.last).toBeGreaterThan(0.58);
  expect(tinted.last).toBeLessThan(0.75);

  await page.getByRole("button", { name: "Clear" }).click();
  await codedAgain(page);
  expect(await streamOf(page)).toMatchObject({ places: false });
  await page.getByRole("button", { name: "The middle" }).click();
  await codedAgain(page);
  expect(await streamOf(page)).toMatchObject({ places: true });
});
