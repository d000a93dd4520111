import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { drawPicture } from "../reference/pictures.js";
import { launchChromium, withChromium } from "./chromium.js";

const picture = drawPicture(40, 30, 3);
const png = await sharp(picture.data, { raw: { width: 40, height: 30, channels: 3 } })
  .png()
  .toBuffer();
const turned = await sharp(png).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer();
/** 100 megapixels in a few hundred bytes. */
const huge = await sharp({ create: { width: 12_000, height: 8_400, channels: 3, background: "teal" } })
  .png({ palette: true })
  .toBuffer();
const file = (bytes: Buffer, type: string) => (_: unknown, response: import("node:http").ServerResponse) =>
  void response.setHeader("content-type", type).end(bytes);

const chromium = withChromium({
  routes: {
    "/picture.png": file(png, "image/png"),
    "/turned.jpg": file(turned, "image/jpeg"),
    "/huge.png": file(huge, "image/png"),
    "/broken.png": file(png.subarray(0, 60), "image/png"),
    "/letter.pdf": file(Buffer.from("%PDF-1.7\n1 0 obj\n"), "application/pdf"),
  },
});

describe("pixels in a browser", () => {
  it("come from everything that shows them, the same", async () => {
    const page = await chromium.open();
    const read = await page.evaluate(async () => {
      const { readImage } = await load("isthmus/browser");
      const blob = await (await fetch("/picture.png")).blob();
      const image = Object.assign(new Image(), { src: "/picture.png" });
      await image.decode();
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width: 40, height: 30 });
      const context = canvas.getContext("2d")!;
      context.drawImage(image, 0, 0);
      const offscreen = new OffscreenCanvas(40, 30);
      offscreen.getContext("2d")!.drawImage(image, 0, 0);
      const sources = {
        blob,
        file: new File([blob], "picture.png"),
        image,
        unloaded: Object.assign(new Image(), { src: "/picture.png?again" }),
        canvas,
        offscreen,
        imageData: context.getImageData(0, 0, 40, 30),
        bitmap: await createImageBitmap(blob),
        frame: new VideoFrame(canvas, { timestamp: 0 }),
      };
      const shown: [string, number[]][] = [];
      for (const [name, source] of Object.entries(sources)) {
        const { data, width, height, channels } = await readImage(source);
        shown.push([name, [width, height, channels, ...data]]);
      }
      const still = [sources.bitmap.width, sources.frame.format !== null];
      return { shown, still };
    });
    const rgba = Array.from({ length: 1200 }, (_, i) => [...picture.data.subarray(3 * i, 3 * i + 3), 255]).flat();
    const samples = (name: string) => (name === "imageData" ? [4, ...rgba] : [3, ...picture.data]);
    expect(read.shown.map(([name]) => name).length).toBe(9);
    for (const [name, shown] of read.shown) expect([name, ...shown]).toEqual([name, 40, 30, ...samples(name)]);
    // What was read is still the caller's.
    expect(read.still).toEqual([40, true]);
    await page.close();
  });

  it("stand upright, and are read in a worker, too", async () => {
    const page = await chromium.open();
    const sizes = await page.evaluate(async () => {
      const { inspect, wrap } = await load("isthmus");
      const { readImage } = await load("isthmus/browser");
      const blob = await (await fetch("/turned.jpg")).blob();
      const codec = await wrap(startWorker()).loadCodec();
      const here = await codec.encode(await readImage(blob));
      const there = await codec.encode(blob);
      const image = Object.assign(new Image(), { src: "/turned.jpg" });
      await image.decode();
      const element = await codec.encode(image);
      const [digests, { width, height }] = [
        await Promise.all([here, there, element].map(digest)),
        inspect(there) as { width: number; height: number },
      ];
      return { same: new Set(digests).size, width, height };
    });
    expect(sizes).toEqual({ same: 1, width: 30, height: 40 });
    await page.close();
  });

  it("go to canvases and files", async () => {
    const page = await chromium.open();
    const result = await page.evaluate(async () => {
      const { loadCodec } = await load("isthmus");
      const { decodeToBlob, decodeToImageData, drawTo, readImage, toBlob, toImageData } = await load("isthmus/browser");
      const codec = await loadCodec();
      const source = await readImage(await (await fetch("/picture.png")).blob());
      const stream = await codec.encode(source, { quality: 80 });
      const decoded = await codec.decode(stream);
      const canvas = document.createElement("canvas");
      drawTo(canvas, decoded);
      const pixels = await decodeToImageData(codec, stream);
      const blob = await decodeToBlob(codec, stream, "image/png");
      const again = await readImage(blob);
      const webp = await toBlob(decoded, { type: "image/webp", quality: 0.9 });
      const grey = await toBlob({ data: Uint8Array.of(9, 200), width: 2, height: 1, channels: 1 });
      return {
        channels: decoded.channels,
        sizes: [canvas.width, canvas.height, pixels.width, pixels.height],
        digests: await Promise.all(
          [pixels.data, toImageData(again).data, canvas.getContext("2d")!.getImageData(0, 0, 40, 30).data].map((data) =>
            digest(new Uint8Array(data)),
          ),
        ),
        types: [blob.type, webp.type],
        grey: [...(await readImage(grey)).data],
        unknown: await refusal(toBlob(decoded, { type: "image/tiff" })),
      };
    });
    expect(result).toMatchObject({
      channels: 3,
      sizes: [40, 30, 40, 30],
      types: ["image/png", "image/webp"],
      grey: [9, 9, 9, 200, 200, 200],
      unknown: {
        code: "unsupported-engine",
        message: 'Expected a kind of image that this browser writes for type but received "image/tiff"',
      },
    });
    expect(new Set(result.digests).size).toBe(1);
    await page.close();
  });

  it("are refused in words where there are none, or too many", async () => {
    const page = await chromium.open();
    const refusals = await page.evaluate(async () => {
      const { wrap } = await load("isthmus");
      const { readImage } = await load("isthmus/browser");
      const blob = async (path: string) => (await fetch(path)).blob();
      const codec = await wrap(startWorker()).loadCodec();
      const elsewhere = Object.assign(new Image(), {
        src: `${location.href.replace("localhost", "127.0.0.1")}picture.png`,
      });
      return {
        pdf: await refusal(readImage(new File([await blob("/letter.pdf")], "letter.pdf", { type: "application/pdf" }))),
        pdfInWorker: await refusal(codec.encode(await blob("/letter.pdf"))),
        empty: await refusal(readImage(new Blob([]))),
        broken: await refusal(readImage(await blob("/broken.png"))),
        huge: await refusal(readImage(await blob("/huge.png"), { maxPixels: 16_000_000 })),
        hugeInWorker: await refusal(codec.encode(await blob("/huge.png"), { maxPixels: 16_000_000 })),
        missing: await refusal(readImage(Object.assign(new Image(), { src: "/nothing.png" }))),
        elsewhere: await refusal(readImage(elsewhere)),
        number: await refusal(readImage(7 as never)),
        aborted: await refusal(readImage(await blob("/picture.png"), { signal: AbortSignal.abort() })),
      };
    });
    const message = (text: RegExp) => expect.stringMatching(text);
    expect(refusals).toEqual({
      pdf: { code: "invalid-image", message: message(/can decode but received letter\.pdf \(application\/pdf\)$/) },
      pdfInWorker: { code: "invalid-image", message: message(/received the given file \(application\/pdf\)$/) },
      empty: { code: "invalid-image", message: message(/received the given file$/) },
      broken: {
        code: "invalid-image",
        message: message(/can decode, and memory for its 40 x 30 pixels, but received/),
      },
      huge: { code: "image-too-large", message: message(/at most 16000000 pixels .* 12000 x 8400$/) },
      hugeInWorker: { code: "image-too-large", message: message(/12000 x 8400$/) },
      missing: { code: "invalid-image", message: message(/can decode/) },
      elsewhere: { code: "invalid-image", message: message(/CORS.*another origin$/) },
      number: { code: "invalid-parameter", message: message(/^Expected an image, a file/) },
      aborted: { code: "aborted", message: message(/aborted/) },
    });
    await page.close();
  });

  it("of 100 megapixels are refused in words where memory is as small as a phone's, and the page goes on", async () => {
    const small = await launchChromium([], { megabytes: 500 });
    try {
      const page = await small.newPage();
      await page.goto(chromium.url);
      const result = await page.evaluate(async () => {
        const { readImage } = await load("isthmus/browser");
        const blob = async (path: string) => (await fetch(path)).blob();
        const huge = await refusal(readImage(new File([await blob("/huge.png")], "huge.png")));
        return { huge, next: (await readImage(await blob("/picture.png"))).width };
      });
      expect(result).toEqual({
        huge: {
          code: "invalid-image",
          message:
            "Expected an image that this browser can decode, and memory for its 12000 x 8400 pixels, but received huge.png",
        },
        next: 40,
      });
    } finally {
      await small.close();
    }
  });
});
