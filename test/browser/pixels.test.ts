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
const wide = await sharp({ create: { width: 65_536, height: 2, channels: 3, background: "teal" } })
  .png()
  .toBuffer();
const file = (bytes: Buffer, type: string) => (_: unknown, response: import("node:http").ServerResponse) =>
  void response.setHeader("content-type", type).end(bytes);

const chromium = withChromium({
  routes: {
    "/picture.png": file(png, "image/png"),
    "/turned.jpg": file(turned, "image/jpeg"),
    "/wide.png": file(wide, "image/png"),
    "/slow.png": () => {},
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

  it("are the same on the page and in a worker, or refused the same way, whatever shows them", async () => {
    const page = await chromium.open();
    const results = await page.evaluate(async () => {
      const { createPool, loadCodec } = await load("isthmus");
      const { readImage } = await load("isthmus/browser");
      const here = await loadCodec();
      const pool = createPool(startWorker, { size: 1 });
      const there = await pool.loadCodec();
      const canvasOf = (colorSpace: PredefinedColorSpace) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 9, height: 7 });
        const context = canvas.getContext("2d", { colorSpace })!;
        context.fillStyle = "color(display-p3 0.8 0.3 0.2)";
        context.fillRect(0, 0, 9, 5);
        return canvas;
      };
      const wide = new ImageData(2, 1, { colorSpace: "display-p3" });
      wide.data.set([200, 60, 40, 255, 90, 90, 90, 128]);
      const floats = new (ImageData as unknown as new (...given: unknown[]) => ImageData)(2, 1, {
        pixelFormat: "rgba-float16",
      });
      (floats.data as unknown as Float32Array).set([0, 0.5, 1, 1, 2, -1, 0.25, 0.5]);
      const blob = await (await fetch("/picture.png")).blob();
      const lazy = () =>
        Object.assign(document.createElement("img"), { loading: "lazy", src: `/picture.png?${Math.random()}` });
      const dense = Object.assign(document.createElement("img"), { srcset: "/picture.png 2x" });
      const closed = await createImageBitmap(blob);
      closed.close();
      const elsewhere = Object.assign(new Image(), {
        src: `${location.href.replace("localhost", "127.0.0.1")}picture.png`,
      });
      const large = Object.assign(document.createElement("canvas"), { width: 65536, height: 2 });
      const sources: [string, () => unknown][] = [
        ["bytes", () => bytesAt("/picture.png")],
        ["a buffer", async () => (await bytesAt("/picture.png")).buffer],
        ["a Response", () => fetch("/picture.png")],
        ["wide ImageData", () => wide],
        ["float ImageData", () => floats],
        ["a canvas", () => canvasOf("srgb")],
        ["a wide canvas", () => canvasOf("display-p3")],
        ["a lazy image outside of the page", lazy],
        ["a dense image", () => dense],
        ["an image without a source", () => new Image()],
        ["an image that is not there", () => Object.assign(new Image(), { src: "/nothing.png" })],
        ["an image of another origin", () => elsewhere],
        ["a canvas that is too large", () => large],
        ["an empty canvas", () => Object.assign(document.createElement("canvas"), { width: 0 })],
        ["an empty video", () => document.createElement("video")],
        ["a closed bitmap", () => closed],
        ["an address", () => "/picture.png"],
        ["bytes of something else", () => bytesAt("/letter.pdf")],
      ];
      const outcomes: [string, unknown, unknown][] = [];
      for (const [name, make] of sources) {
        const outcome = (work: Promise<Uint8Array<ArrayBuffer>>) => work.then(digest, ({ code }) => code as string);
        const encode = async (codec: { encode(image: never, options: object): Promise<Uint8Array> }, image: unknown) =>
          (await codec.encode(image as never, { quality: 100 })) as Uint8Array<ArrayBuffer>;
        const [mine, its] = [await make(), await make()];
        outcomes.push([
          name,
          await outcome(readImage(mine as never).then((image) => encode(here, image))),
          await outcome(encode(there, its)),
        ]);
      }
      const shown = async (source: unknown) => [...(await readImage(source as never)).data];
      return { outcomes, wide: await shown(wide), floats: await shown(floats), dense: (await readImage(dense)).width };
    });
    for (const [name, mine, its] of results.outcomes) expect([name, its]).toEqual([name, mine]);
    const codes = results.outcomes.map(([, outcome]) => outcome).filter((outcome) => /-/.test(String(outcome)));
    expect(codes).toEqual([
      ...["invalid-image", "invalid-image", "invalid-image", "invalid-image", "invalid-image", "invalid-image"],
      ...["invalid-parameter", "invalid-parameter", "invalid-image"],
    ]);
    // As CSS converts them; greys stay what they are.
    expect(results.wide).toEqual([217, 42, 23, 255, 90, 90, 90, 128]);
    expect(results.floats).toEqual([0, 128, 255, 255, 255, 0, 64, 128]);
    expect(results.dense).toBe(40);
    await page.close();
  });

  it("are those of the moment of the call, however long it waits for a worker", async () => {
    const page = await chromium.open();
    const same = await page.evaluate(async () => {
      const { createPool } = await load("isthmus");
      const { readImage } = await load("isthmus/browser");
      const codec = await createPool(startWorker, { size: 1 }).loadCodec();
      const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 60 });
      const context = canvas.getContext("2d")!;
      const draw = (colour: string) => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 60, 60);
      };
      const alone: string[] = [];
      for (const colour of ["red", "lime", "blue"]) {
        draw(colour);
        alone.push(await digest((await codec.encode(canvas)) as Uint8Array<ArrayBuffer>));
      }
      const together = ["red", "lime", "blue"].map((colour) => {
        draw(colour);
        return codec.encode(canvas);
      });
      const read = readImage(canvas);
      draw("white");
      return {
        alone,
        together: await Promise.all(
          (await Promise.all(together)).map((bytes) => digest(bytes as Uint8Array<ArrayBuffer>)),
        ),
        read: [...(await read).data.subarray(0, 3)],
      };
    });
    expect(new Set(same.alone).size).toBe(3);
    expect(same.together).toEqual(same.alone);
    expect(same.read).toEqual([0, 0, 255]);
    await page.close();
  });

  it("may be 65536 in a row, and are waited for no longer than a signal allows", async () => {
    const page = await chromium.open();
    const result = await page.evaluate(async () => {
      const { readImage, drawTo, toBlob } = await load("isthmus/browser");
      const { data, width } = await readImage(await (await fetch("/wide.png")).blob());
      const long = { data: new Uint8Array(65536 * 3).fill(9), width: 65536, height: 1, channels: 3 };
      const canvas = document.createElement("canvas");
      const refused = [await refusal((async () => drawTo(canvas, long))()), await refusal(toBlob(long))];
      const aborter = new AbortController();
      const slow = Object.assign(new Image(), { src: "/slow.png" });
      const waiting = refusal(readImage(slow, { signal: aborter.signal }));
      setTimeout(() => aborter.abort(), 50);
      return {
        width,
        ends: [...data.subarray(0, 3), ...data.subarray(-3)],
        codes: [...refused, await waiting].map(({ code }) => code),
        message: refused[0].message,
      };
    });
    expect(result).toEqual({
      width: 65536,
      ends: [0, 128, 128, 0, 128, 128],
      codes: ["unsupported-engine", "unsupported-engine", "aborted"],
      message: "Expected a canvas of 65536 x 1 pixels but this browser has none of that size",
    });
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
