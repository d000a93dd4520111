import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openingSettings } from "../../demo/src/opening.js";
import { patiently, withDemo } from "./demo-page.js";
import { drop, openFile, png, ready } from "./visitor.js";

const demo = withDemo();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

interface Finger {
  readonly x: number;
  readonly y: number;
}

/** Lays fingers on the page, moves them through the given places, and lifts them. */
async function touch(page: Page, ...places: Finger[][]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const points = (fingers: Finger[]) => fingers.map(({ x, y }, id) => ({ x, y, id }));
  for (const [i, fingers] of places.entries()) {
    const type = i === 0 ? "touchStart" : "touchMove";
    await session.send("Input.dispatchTouchEvent", { type, touchPoints: points(fingers) });
  }
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await session.detach();
}

const zoomOf = async (page: Page): Promise<number> => {
  const label = await page.getByRole("button", { name: /fit the picture/ }).getAttribute("aria-label");
  return Number.parseFloat(label!);
};

const splitOf = (page: Page) => page.getByRole("slider", { name: "Where the two pictures meet" });

async function boxOfViewer(page: Page) {
  await page.locator(".viewer").scrollIntoViewIfNeeded();
  return (await page.locator(".viewer").boundingBox())!;
}

describe("on a phone", () => {
  it("two fingers zoom both pictures, one moves them or the line between them", async () => {
    const page = await demo.openAfresh(phone);
    await ready(page);
    const { x, y, width, height } = await boxOfViewer(page);
    const row = (part: number, spread: number): Finger[] =>
      [-1, 1].map((side) => ({ x: x + width * part + side * spread, y: y + height / 2 }));

    await touch(page, [{ x: x + width / 2, y: y + height / 2 }], [{ x: x + width / 4, y: y + height / 2 }]);
    expect(await splitOf(page).inputValue()).toBe("25");

    await touch(page, row(0.5, 30), row(0.5, 45), row(0.5, 60), row(0.5, 90));
    expect(await zoomOf(page)).toBeCloseTo(300, -1);
    const stages = page.locator(".viewer .stage");
    const [left, right] = await Promise.all([0, 1].map((i) => stages.nth(i).getAttribute("style")));
    expect(left).toBe(right);
    // The page itself is as large as before.
    expect(await page.evaluate(() => visualViewport!.scale)).toBe(1);

    await touch(page, row(0.8, 0).slice(0, 1), row(0.6, 0).slice(0, 1));
    expect(await stages.first().getAttribute("style")).not.toBe(left);
    expect(await splitOf(page).inputValue()).toBe("25");

    await touch(page, row(0.5, 90), row(0.5, 60), row(0.5, 10));
    expect(await zoomOf(page)).toBe(100);
    await page.context().close();
  });

  it.each([390, 320])("of %d pixels nothing is too wide, the table of results included", async (width) => {
    const page = await demo.openAfresh({ ...phone, viewport: { width, height: 700 } });
    await ready(page);
    await page.getByRole("button", { name: "Compare with JPEG" }).click();
    await page.locator("tr.jpeg:not(.running) td.size").waitFor();
    await demo.keepPicture(page, `phone-${width}`);
    const tooWide = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll("main, main *")]
        .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
        .filter((element) => getComputedStyle(element).overflowX !== "visible" || element === document.documentElement)
        .map(({ tagName, className }) => `${tagName} ${className}`),
    );
    expect(tooWide.filter((name) => !/unseen|layer|viewer/.test(name))).toEqual([]);
    await page.context().close();
  });
});

describe("while the page opens", () => {
  it.each([
    ["a desk", { viewport: { width: 1280, height: 900 } }],
    ["a phone", phone],
  ])("nothing on %s jumps", async (_, screen) => {
    const page = await demo.openAfresh(screen, (context) =>
      context.addInitScript(() => {
        const shifts: unknown[] = [];
        Object.assign(globalThis, { shifts });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & {
            value: number;
            sources: { node?: Element }[];
          })[]) {
            shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.className ?? node?.nodeName)]);
          }
        }).observe({ type: "layout-shift", buffered: true });
      }),
    );
    await ready(page);
    // Shifts are reported with the frames that show them.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
    expect(await page.evaluate(() => (globalThis as never as { shifts: unknown[] }).shifts)).toEqual([]);
    await page.context().close();
  });
});

describe("at a desk", () => {
  it("a picture that is pasted is opened", async () => {
    const page = await demo.openAfresh({ permissions: ["clipboard-read", "clipboard-write"] });
    await ready(page);
    await page.evaluate(
      async (bytes) => {
        const blob = new Blob([Uint8Array.from(bytes)], { type: "image/png" });
        await navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]);
      },
      [...(await png(72, 40))],
    );
    await page.keyboard.press("Control+V");
    await page.getByText("image.png, 72 × 40").waitFor();
    await ready(page);
    await page.context().close();
  });

  it("a folder that is dropped is trained on, folders in it included, and the rest is named", async () => {
    const page = await demo.open("#train");
    const folder = await mkdtemp(join(tmpdir(), "isthmus-demo-"));
    try {
      await mkdir(join(folder, "more"));
      for (let i = 0; i < 6; i++) {
        await writeFile(join(folder, i % 2 === 0 ? "" : "more", `${i}.png`), await png(32, 32, i));
      }
      await writeFile(join(folder, "notes.txt"), "no picture");
      await drop(page, { files: [folder] });
      await page.getByText("6 pictures, 1 of them held back to judge by").waitFor();
      await page
        .locator(".notice.error", { hasText: "notes.txt is not a picture that this browser can show" })
        .waitFor();
      expect(await page.getByRole("list", { name: "The first pictures" }).getByRole("img").count()).toBe(6);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await page.close();
  });

  it("the wheel zooms with the control key, about the place of the pointer", async () => {
    const page = await demo.open();
    await ready(page);
    const { x, y, width, height } = await boxOfViewer(page);
    await page.mouse.move(x + width, y + height / 2);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -150);
    await page.keyboard.up("Control");
    await expect.poll(() => zoomOf(page), patiently).toBeCloseTo(100 * Math.E, -1);
    const right = await page.locator(".viewer .stage").first().boundingBox();
    // Pointers stand on whole pixels.
    expect(Math.abs(right!.x + right!.width - (x + width))).toBeLessThan(3);
    await page.close();
  });

  it("a drawing of vectors is opened like a picture of pixels", async () => {
    const page = await demo.open();
    await ready(page);
    const drawing =
      '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="90" height="50" fill="red"/></svg>';
    await openFile(page, "drawing.svg", new TextEncoder().encode(drawing));
    await page.getByText("drawing.svg, 200 × 100").waitFor();
    await ready(page);
    await page.close();
  });

  it("the keyboard works the line between the pictures, the zoom and the settings", async () => {
    const page = await demo.open();
    await ready(page);
    const split = splitOf(page);
    await split.focus();
    await page.keyboard.press("ArrowRight");
    expect(await split.inputValue()).toBe("51");
    await page.keyboard.press("Home");
    expect(await split.inputValue()).toBe("0");
    await page.keyboard.press("+");
    expect(await zoomOf(page)).toBe(150);
    const stage = page.locator(".viewer .stage").first();
    const before = await stage.getAttribute("style");
    await page.keyboard.press("Shift+ArrowRight");
    expect(await stage.getAttribute("style")).not.toBe(before);
    expect(await split.inputValue()).toBe("0");
    await page.keyboard.press("0");
    expect(await zoomOf(page)).toBe(100);

    await page.getByRole("radio", { name: "Isthmus" }).first().focus();
    await page.keyboard.press("ArrowLeft");
    expect(await page.getByRole("radio", { name: "Original" }).first().isChecked()).toBe(true);
    await page.getByLabel("Quality", { exact: true }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByLabel("Quality", { exact: true }).inputValue()).toBe(String(openingSettings.quality + 1));
    await ready(page);
    await page.close();
  });
});
