import type { Page } from "playwright-core";
import { toSharp } from "../node/pictures.js";
import { drawPicture } from "../reference/pictures.js";

/** What visitors of the demo page do with their hands and look for with their eyes. */

export const png = (width: number, height: number, seed = 0): Promise<Buffer> =>
  toSharp(drawPicture(width, height, 3, seed))
    .png()
    .toBuffer();

/** Hands a file to the page as its file dialog would. */
export const openFile = (page: Page, name: string, buffer: Uint8Array): Promise<void> =>
  page
    .locator('input[type="file"]')
    .first()
    .setInputFiles({ name, mimeType: "", buffer: Buffer.from(buffer) });

interface Dragged {
  /** Paths of files and folders. */
  readonly files?: string[];
  /** What is dragged from another page. */
  readonly items?: { mimeType: string; data: string }[];
}

/** Drags something onto the page from outside. */
export async function drop(page: Page, { files = [], items = [] }: Dragged): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items, files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
  await session.detach();
}

/** Closes the tab as a visitor does; gives what the browser asks before, which is answered with "stay". */
export async function closeTab(page: Page): Promise<string | undefined> {
  const asked = new Promise<string>((resolve) => {
    page.once("dialog", async (dialog) => {
      await dialog.dismiss();
      resolve(dialog.type());
    });
  });
  const closed = page.waitForEvent("close").then(() => undefined);
  await page.close({ runBeforeUnload: true });
  closed.catch(() => undefined);
  return Promise.race([asked, closed]);
}

/** Waits until the picture at hand is coded. */
export const ready = (page: Page): Promise<void> => page.locator("tr.isthmus:not(.running) td.size").waitFor();

/** Waits for the words of a message. */
export const told = (page: Page, words: RegExp | string, kind = "error"): Promise<void> =>
  page.locator(`.notice.${kind}`, { hasText: words }).waitFor();

export async function slide(page: Page, label: string, value: number): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(String(value));
  await page
    .locator("tr.isthmus.running")
    .waitFor({ timeout: 5000 })
    .catch(() => undefined);
  await ready(page);
}

/** Chooses ten small pictures, and begins to train on them for a minute. */
export async function startTraining(page: Page): Promise<void> {
  const files = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => ({
      name: `${i}.png`,
      mimeType: "image/png",
      buffer: await png(48, 48, i),
    })),
  );
  await page.locator('input[type="file"][accept]').setInputFiles(files);
  await page.getByText("10 pictures, 1 of them held back to judge by").waitFor();
  await page.getByRole("radio", { name: "1 min", exact: true }).check();
  await page.getByRole("radio", { name: "Nothing" }).check();
  await page.getByRole("button", { name: "Train", exact: true }).click();
}
