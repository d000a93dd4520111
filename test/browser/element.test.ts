import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { once } from "../../src/ground/once.js";
import { readSafetensors, writeSafetensors } from "../../src/ground/safetensors.js";
import { defaultModel, loadCodec, loadModel, Model } from "../../src/index.js";
import { drawPicture } from "../reference/pictures.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";
import { emptyPage, pageWithPolicy, withChromium } from "./chromium.js";

const golden = "/test/vectors/golden";
const stream = `${golden}/photo-quality-100.isth`;
let modelRequests = 0;
/** What goes on with the answer to /slow.isth, whose head has been sent. */
let sendRest: (() => void) | undefined;
const worker = `
import { createReceiver } from "/dist/index.js";
import { imageResponse } from "/dist/browser.js";
const receiver = createReceiver({ resolveModel: (id) => fetch("/models/" + id) });
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (!new URL(event.request.url).pathname.endsWith(".isth")) return;
  event.respondWith(fetch(event.request).then((answer) => imageResponse(receiver, answer)));
});`;
const file = (bytes: Uint8Array | string, type: string) => (_: unknown, response: ServerResponse) =>
  void response.setHeader("content-type", type).end(bytes);

/** A model that differs in one number from the embedded one: its receiver's half, and a stream. */
const own = once(async () => {
  const embedded = await defaultModel();
  const { tensors, metadata } = readSafetensors(embedded.safetensors());
  tensors.get("inverseGain.offset")!.data[2] ^= 1;
  const model = Model.read(writeSafetensors({ tensors, metadata }));
  const codec = await loadCodec({ model });
  const half = loadModel(model.coded({ parent: embedded }), { parents: [embedded] }).receiver();
  return { half, stream: await codec.encode(drawPicture(40, 30, 3)) };
});

const chromium = withChromium({
  routes: {
    "/own.isthm": async (request, response) => file((await own()).half, "application/octet-stream")(request, response),
    "/own.isth": async (request, response) => file((await own()).stream, "image/x-isthmus")(request, response),
    "/strict": pageWithPolicy(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:",
    ),
    "/slow.isth": (_, response) => {
      const bytes = readGolden("photo-quality-100.isth");
      response.setHeader("content-type", "image/x-isthmus").write(bytes.subarray(0, 20));
      sendRest = () => void response.end(bytes.subarray(20));
    },
    "/my.isthm": (request, response) => {
      modelRequests++;
      file(goldenModel("photo").receiver(), "application/octet-stream")(request, response);
    },
    [`/models/${goldenModel("photo").id}`]: file(goldenModel("photo").receiver(), "application/octet-stream"),
    "/service-worker.js": file(worker, "text/javascript"),
    "/page": file(emptyPage, "text/html"),
  },
});

describe("<isth-img>", () => {
  it("shows images of an own model that is the difference to the embedded one", async () => {
    expect((await own()).half.length).toBeLessThan(1000);
    const page = await chromium.open("/page");
    const shown = await page.evaluate(async () => {
      await load("isthmus/element");
      const { loadDecoder, parentModels } = await load("isthmus");
      const { toImageData } = await load("isthmus/browser");
      const element = document.createElement("isth-img");
      const done = new Promise((resolve, reject) => {
        element.addEventListener("load", resolve);
        element.addEventListener("error", ({ detail }: CustomEventInit) => reject(detail));
      });
      element.setAttribute("src", "/own.isth");
      element.setAttribute("model", "/own.isthm");
      document.body.append(element);
      await done;
      const canvas = element.shadowRoot!.querySelector("canvas")!;
      const drawn = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const model = await bytesAt("/own.isthm");
      const decoder = await loadDecoder({ model, parents: parentModels() });
      const expected = toImageData(await decoder.decode(await bytesAt("/own.isth")));
      const refused = await loadDecoder({ model }).catch((error: Error) => error.message);
      return {
        same: (await digest(new Uint8Array(drawn.data))) === (await digest(new Uint8Array(expected.data))),
        refused,
      };
    });
    expect(shown).toEqual({ same: true, refused: expect.stringMatching(/^Expected parentModels\(\)/) });
  });

  it("shows images with one model for all, keeps their place and says what they show", async () => {
    modelRequests = 0;
    const page = await chromium.open("/strict");
    const shown = await page.evaluate(async (src) => {
      await load("isthmus/element");
      const { loadDecoder } = await load("isthmus");
      const { toImageData } = await load("isthmus/browser");
      const elements = Array.from({ length: 3 }, () => document.createElement("isth-img"));
      const loaded = elements.map((element) => new Promise((resolve) => element.addEventListener("load", resolve)));
      for (const element of elements) {
        for (const [name, value] of Object.entries({ src, model: "/my.isthm", alt: "A drawn scene", width: "150" })) {
          element.setAttribute(name, value);
        }
        document.body.append(element);
      }
      await Promise.all(loaded);
      const canvas = elements[0].shadowRoot!.querySelector("canvas")!;
      const decoder = await loadDecoder({ model: await bytesAt("/my.isthm") });
      const expected = toImageData(await decoder.decode(await bytesAt(src)));
      const drawn = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const { width, height } = elements[0].getBoundingClientRect();
      return {
        same: (await digest(new Uint8Array(drawn.data))) === (await digest(new Uint8Array(expected.data))),
        size: [canvas.width, canvas.height, Math.round(width), Math.round(height)],
        spoken: [elements[0].getAttribute("role"), elements[0].getAttribute("aria-label")],
      };
    }, stream);
    expect(shown).toEqual({ same: true, size: [75, 50, 150, 100], spoken: ["img", "A drawn scene"] });
    // One request of the elements together, one of the test.
    expect(modelRequests).toBe(2);
    await page.close();
  });

  it("takes its place and fetches its model by the first bytes", async () => {
    const page = await chromium.open();
    modelRequests = 0;
    await page.evaluate(async () => {
      await load("isthmus/element");
      document.body.innerHTML = '<isth-img src="/slow.isth" model="/my.isthm" alt=""></isth-img>';
    });
    const place = () =>
      page.evaluate(() => {
        const element = document.querySelector("isth-img") as HTMLImageElement;
        const { width, height } = element.getBoundingClientRect();
        return { width, height, complete: element.complete };
      });
    await expect.poll(place).toEqual({ width: 75, height: 50, complete: false });
    await expect.poll(() => modelRequests).toBe(1);
    sendRest!();
    await page.evaluate(() => (document.querySelector("isth-img") as HTMLImageElement).decode());
    expect(await place()).toEqual({ width: 75, height: 50, complete: true });
    expect(modelRequests).toBe(1);
    await page.close();
  });

  it("waits for the window where it is lazy, and stops when it is removed", async () => {
    const page = await chromium.open();
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(new URL(request.url()).search));
    await page.evaluate(async (src) => {
      await load("isthmus/element");
      document.body.innerHTML = `
        <isth-img src="${src}?near" model="/my.isthm" loading="lazy" alt=""></isth-img>
        <div style="height: 5000px"></div>
        <isth-img id="far" src="${src}?far" model="/my.isthm" loading="lazy"></isth-img>`;
      await new Promise((resolve) => document.querySelector("isth-img")!.addEventListener("load", resolve));
    }, stream);
    expect(asked).toContain("?near");
    expect(asked).not.toContain("?far");
    await page.evaluate(async () => {
      const far = document.querySelector("#far")!;
      far.scrollIntoView();
      await new Promise((resolve) => far.addEventListener("load", resolve));
    });
    expect(asked).toContain("?far");
    await page.close();
  });

  it("tells what is wrong, and shows its children", async () => {
    const page = await chromium.open();
    const codes = await page.evaluate(async (folder) => {
      await load("isthmus/element");
      const codeOf = (src: string, model: string) =>
        new Promise((resolve) => {
          const element = document.createElement("isth-img");
          Object.assign(element, { textContent: "instead" });
          element.addEventListener("error", (event) =>
            resolve([
              (event as unknown as CustomEvent).detail.code,
              getComputedStyle(element.shadowRoot!.querySelector("slot")!).display !== "none",
            ]),
          );
          element.setAttribute("src", src);
          element.setAttribute("model", model);
          document.body.append(element);
        });
      return [
        await codeOf(`${folder}/nothing.isth`, "/my.isthm"),
        await codeOf(`${folder}/photo-8x8.isth`, `${folder}/grey.isthm`),
        await codeOf(`${folder}/photo-8x8.isth`, "/nothing.isthm"),
        await codeOf(`${folder}/cut-in-symbols.isth`, "/my.isthm"),
        await codeOf("/dist/index.js", "/my.isthm"),
      ];
    }, golden);
    expect(codes).toEqual([
      ["file-not-found", true],
      ["model-mismatch", true],
      ["model-missing", true],
      [expect.stringMatching(/truncated|corrupt/), true],
      ["not-isthmus", true],
    ]);
    await page.close();
  });
});

describe("<isth-img> beside <img>", () => {
  const styles = [
    "",
    "width: 100%; height: auto",
    "width: 40px",
    "height: 20px",
    "width: 30px; height: 30px; object-fit: cover",
    "max-width: 100%; height: auto",
    "width: 50%; border: 3px solid; padding: 2px; box-sizing: border-box",
    "display: block; margin: 0 auto",
    "aspect-ratio: 1; width: 40px",
    "min-width: 120px",
    "float: right; width: 20px",
  ];
  const attributes = ["", 'width="150"', 'height="25"', 'width="30" height="60"', 'width="50%"'];

  it("takes the same place under the same CSS", async () => {
    const page = await chromium.open();
    const boxes = await page.evaluate(
      async ({ src, styles, attributes }) => {
        await load("isthmus/element");
        const { loadDecoder } = await load("isthmus");
        const { decodeToBlob } = await load("isthmus/browser");
        const decoder = await loadDecoder({ model: await bytesAt("/my.isthm") });
        const png = URL.createObjectURL(await decodeToBlob(decoder, await bytesAt(src)));
        const rows: [string, number[], number[]][] = [];
        for (const room of ["60px", "300px"]) {
          for (const style of styles) {
            for (const attribute of attributes) {
              const holder = document.createElement("div");
              holder.style.cssText = `display: flow-root; width: ${room}`;
              holder.innerHTML = `<img src="${png}" style="${style}" ${attribute}>`;
              const twin = document.createElement("div");
              twin.style.cssText = holder.style.cssText;
              twin.innerHTML = `<isth-img src="${src}" model="/my.isthm" style="${style}" ${attribute}></isth-img>`;
              document.body.append(holder, twin);
              const image = holder.firstElementChild as HTMLImageElement;
              const element = twin.firstElementChild as HTMLImageElement;
              await Promise.all([image.decode(), element.decode()]);
              const box = (node: Element) => {
                const { width, height, x } = node.getBoundingClientRect();
                return [width, height, x].map((value) => Math.round(value * 10) / 10);
              };
              rows.push([
                `${room} | ${style} | ${attribute}`,
                [...box(image), holder.offsetHeight],
                [...box(element), twin.offsetHeight],
              ]);
              holder.remove();
              twin.remove();
            }
          }
        }
        return rows;
      },
      { src: stream, styles, attributes },
    );
    expect(boxes.length).toBe(2 * styles.length * attributes.length);
    const differing = boxes.filter(([, image, element]) => JSON.stringify(image) !== JSON.stringify(element));
    expect(differing).toEqual([]);
    await page.close();
  });

  it("is fetched once, whatever order its attributes come in and wherever it is moved", async () => {
    const page = await chromium.open();
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(new URL(request.url()).pathname + new URL(request.url()).search));
    const state = await page.evaluate(async (src) => {
      await load("isthmus/element");
      const element = document.createElement("isth-img") as HTMLImageElement & { model: string };
      document.body.append(element);
      element.src = `${src}?once`;
      element.setAttribute("model", "/my.isthm");
      element.alt = "A scene";
      element.width = 40;
      const before = [element.complete, element.naturalWidth];
      const loaded = new Promise((resolve) => element.addEventListener("load", resolve, { once: true }));
      document.body.prepend(element);
      await element.decode();
      await loaded;
      const holder = document.createElement("p");
      document.body.append(holder);
      holder.append(element);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return {
        before,
        after: [element.complete, element.naturalWidth, element.naturalHeight, element.width, element.height],
        source: [element.src, new URL(element.currentSrc).search],
        style: element.getAttribute("style"),
        wholeModel: performance.getEntriesByType("resource").filter(({ name }) => /default-model/.test(name)).length,
      };
    }, stream);
    expect(state).toEqual({
      before: [false, 0],
      after: [true, 75, 50, 40, 27],
      source: [`${stream}?once`, "?once"],
      style: null,
      wholeModel: 0,
    });
    expect(asked.filter((address) => address.endsWith("?once"))).toHaveLength(1);
    await page.close();
  });

  it("chooses by srcset and sizes as <img> does", async () => {
    const page = await chromium.open();
    const cases = [
      ["a.isth, b.isth 2x", ""],
      ["b.isth 2x, c.isth 3x", ""],
      ["a.isth 100w, b.isth 400w, c.isth 1600w", "(max-width: 10px) 10px, 50vw"],
      ["a.isth 100w, b.isth 400w, c.isth 1600w", "(min-width: 10px) 90px, 50vw"],
      ["a.isth 100w, b.isth 400w, c.isth 1600w", "calc(100vw - 20px)"],
      ["a.isth 100w, b.isth 400w", ""],
      ["a.isth?x=1,2 1x,b.isth 2x", ""],
    ];
    await page.evaluate(async (cases) => {
      await load("isthmus/element");
      for (const [srcset, sizes] of cases) {
        for (const name of ["img", "isth-img"]) {
          const node = document.createElement(name) as HTMLImageElement;
          node.sizes = sizes;
          node.srcset = srcset;
          node.src = "fallback.isth";
          document.body.append(node);
        }
      }
    }, cases);
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>("img, isth-img")].every(({ currentSrc }) => currentSrc),
    );
    const chosen = await page.evaluate(() =>
      ["img", "isth-img"].flatMap((name) =>
        [...document.querySelectorAll<HTMLImageElement>(name)].map(({ currentSrc }) => currentSrc),
      ),
    );
    const half = chosen.length / 2;
    expect(half).toBe(cases.length);
    expect(chosen.slice(half)).toEqual(chosen.slice(0, half));
    expect(new Set(chosen).size).toBeGreaterThan(3);
    await page.close();
  });

  it("makes and fetches what is shown instead only where it fails", async () => {
    const page = await chromium.open();
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(new URL(request.url()).search));
    const shown = await page.evaluate(async (src) => {
      await load("isthmus/element");
      const inside = (name: string) =>
        `<template><img src="/nothing.png?template-${name}"></template><img loading="lazy" src="/nothing.png?lazy-${name}">`;
      document.body.innerHTML = `
        <isth-img src="${src}" model="/my.isthm">${inside("good")}</isth-img>
        <isth-img src="/nothing.isth" model="/my.isthm" width="80" height="40">${inside("bad")}</isth-img>
        <isth-img src="/nothing.isth" model="/my.isthm" alt="A scene"></isth-img>`;
      const [good, bad, named] = document.querySelectorAll("isth-img") as unknown as HTMLImageElement[];
      await good.decode();
      const refused = [await refusal(bad.decode()), await refusal(named.decode())];
      await new Promise((resolve) => setTimeout(resolve, 200));
      return {
        codes: refused.map(({ code }) => code),
        complete: bad.complete,
        background: getComputedStyle(bad).backgroundColor,
        text: named.offsetHeight > 5,
      };
    }, stream);
    expect(shown).toEqual({
      codes: ["file-not-found", "file-not-found"],
      complete: true,
      background: "rgba(0, 0, 0, 0)",
      text: true,
    });
    expect(asked.filter((search) => search.endsWith("-good"))).toEqual([]);
    expect(asked.filter((search) => search.endsWith("-bad")).toSorted()).toEqual(["?lazy-bad", "?template-bad"]);
    await page.close();
  });
});

it("a service worker turns streams into images for plain <img>", async () => {
  expect(readGolden("photo-quality-100.isth").length).toBeGreaterThan(100);
  const page = await chromium.open("/page");
  const size = await page.evaluate(async (src) => {
    await navigator.serviceWorker.register("/service-worker.js", { type: "module" });
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
    }
    const image = Object.assign(new Image(), { src });
    await image.decode();
    const broken = Object.assign(new Image(), { src: "/nothing.isth" });
    return [image.naturalWidth, image.naturalHeight, (await refusal(broken.decode())).message !== ""];
  }, stream);
  expect(size).toEqual([75, 50, true]);
  await page.close();
});
