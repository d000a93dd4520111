import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCodec } from "../../src/index.js";
import { launchChromium } from "../browser/chromium.js";
import { drawPicture } from "../reference/pictures.js";
import { readGolden } from "../vectors/golden-files.js";
import { withDemo } from "./demo-page.js";
import { closeTab, drop, openFile, png, ready, slide, startTraining, told } from "./visitor.js";

const demo = withDemo();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "isthmus-demo-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const photoOf100Megapixels = (): Promise<Buffer> =>
  sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: "#467" } })
    .jpeg()
    .toBuffer();

describe("what the demo page cannot use, it says in words", () => {
  it("of files, and keeps what it shows", async () => {
    const page = await demo.open();
    await ready(page);
    const stream = await (await loadCodec()).encode(drawPicture(64, 64, 3));
    const cases: [name: string, bytes: Uint8Array, words: RegExp][] = [
      ["paper.pdf", pdf, /^paper\.pdf is not a picture that this browser can show/],
      [
        "cut.isth",
        stream.subarray(0, stream.length - 20),
        /^cut\.isth cannot be shown: The stream is damaged: its checksum does not match/,
      ],
      [
        "other.isth",
        readGolden("photo-8x8.isth"),
        /^other\.isth cannot be shown: it was made with model [0-9a-f]{16}, which is not here\. Open that model's \.isthm file first\./,
      ],
      ["bad.isthm", new Uint8Array(40), /^bad\.isthm is not a model that this page can use/],
      ["empty.png", new Uint8Array(0), /^empty\.png is empty/],
      ["vast.svg", svgOf(20_000, 20_000), /^vast\.svg has 400 megapixels .* opens up to 200 megapixels/],
    ];
    for (const [name, bytes, words] of cases) {
      await openFile(page, name, bytes);
      await told(page, words);
    }
    await page.getByText("Alpine landscape, 1,024 × 484").waitFor();
    await demo.keepPicture(page, "bad-input");
    expect(demo.complaints).toEqual([]);
    await page.close();
  });

  it("of a PDF that is dropped in place of a picture", async () => {
    const page = await demo.open();
    await ready(page);
    const path = join(folder, "paper.pdf");
    await writeFile(path, pdf);
    await drop(page, { files: [path] });
    await told(
      page,
      /^paper\.pdf is not a picture that this browser can show\. JPEG, PNG, .* will do, or an \.isth file/,
    );
    await page.getByText("Alpine landscape, 1,024 × 484").waitFor();
    await page.close();
  });

  it("of a link or a text that is dropped or pasted, and stays where it is", async () => {
    const page = await demo.open();
    await ready(page);
    await drop(page, { items: [{ mimeType: "text/uri-list", data: `${demo.url}icon.svg` }] });
    await told(page, "There is no file in what was dropped.", "note");
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "a picture's address");
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    });
    await told(page, "There is no picture in the clipboard.", "note");
    await page.getByText("Alpine landscape, 1,024 × 484").waitFor();
    await page.close();
  });

  it("of a photo of 100 megapixels, and of one that is very long, which it scales down", async () => {
    const page = await demo.open();
    await ready(page);
    await openFile(page, "large.jpg", await photoOf100Megapixels());
    await told(page, "large.jpg has 10000 × 10000 pixels; it is shown and measured at 2000 × 2000", "note");
    const long = sharp({ create: { width: 4, height: 70_000, channels: 3, background: "#467" } });
    await openFile(page, "long.png", await long.png().toBuffer());
    await told(page, "long.png has 4 × 70000 pixels; it is shown and measured at 1 × 16384", "note");
    await ready(page);
    await page.close();
  });

  it("of a photo of 100 megapixels that the memory of a phone cannot hold, and works on", async () => {
    const browser = await launchChromium([], { megabytes: 500 });
    try {
      const page = await demo.openIn(browser);
      await ready(page);
      await openFile(page, "large.jpg", await photoOf100Megapixels());
      await told(page, /^large\.jpg is damaged, or more than the memory at hand can hold \(10000 × 10000 pixels\)/);
      await openFile(page, "small.png", await png(64, 48));
      await page.getByText("small.png, 64 × 48").waitFor();
      await ready(page);
    } finally {
      await browser.close();
    }
  });

  it("of a site that forbids WebAssembly: it names the header", async () => {
    const page = await demo.openServedWith({
      "content-security-policy": "default-src 'self'; img-src 'self' blob: data:",
    });
    await told(page, /Content-Security-Policy must allow 'wasm-unsafe-eval'/);
    await page.close();
    demo.complaints.length = 0;
  });

  it("of a processor without SIMD: it names the browsers that can", async () => {
    const browser = await launchChromium(["--js-flags=--no-enable-sse4-1"]);
    try {
      const page = await demo.openIn(browser);
      await told(page, /WebAssembly with SIMD \(Chrome 91, Firefox 89, Safari 16\.4/);
    } finally {
      await browser.close();
    }
  });

  it.each([
    ["its worker", "isthmus.worker-", "The part of this page that codes pictures could not be loaded."],
    ["its model", "receiver-", "The photo model could not be fetched."],
    ["its sample", "image-", "Alpine landscape could not be fetched."],
  ])("of a network that fails before %s is there, and goes on when it is back", async (_, file, words) => {
    const page = await demo.openAfresh({}, (context) =>
      context.route(`**/assets/${file}*`, (route) => route.abort("internetdisconnected")),
    );
    await told(page, `${words} Without a network it works only where it has been loaded before.`);
    await page.context().unroute(`**/assets/${file}*`);
    await openFile(page, "mine.png", await png(64, 48));
    await page.getByText("mine.png, 64 × 48").waitFor();
    await slide(page, "Quality", 60);
    await page.context().close();
    demo.complaints.length = 0;
  });

  it("of a browser that keeps nothing: a tab closed in the middle of training would lose it, so it asks", async () => {
    const page = await demo.openAfresh({ hash: "#train" }, (context) =>
      context.addInitScript(() => {
        IDBFactory.prototype.open = () => {
          throw new DOMException("The browser keeps nothing", "SecurityError");
        };
      }),
    );
    await startTraining(page);
    await told(
      page,
      /keeps nothing for this page: if the tab is closed during training, what was learnt is lost/,
      "note",
    );
    expect(await closeTab(page)).toBe("beforeunload");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("button", { name: "Choose a folder" }).waitFor();
    expect(await closeTab(page)).toBeUndefined();
  });
});

const pdf = new TextEncoder().encode("%PDF-1.7 and so on");

const svgOf = (width: number, height: number): Uint8Array =>
  new TextEncoder().encode(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`);
