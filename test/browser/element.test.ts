import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { goldenModel, readGolden } from "../vectors/golden-files.js";
import { emptyPage, pageWithPolicy, withChromium } from "./chromium.js";

const golden = "/test/vectors/golden";
const stream = `${golden}/photo-quality-100.isth`;
let modelRequests = 0;
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

const chromium = withChromium({
  routes: {
    "/strict": pageWithPolicy(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:",
    ),
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
              element.shadowRoot!.querySelector("slot") !== null,
            ]),
          );
          element.setAttribute("src", src);
          element.setAttribute("model", model);
          document.body.append(element);
        });
      return [
        await codeOf(`${folder}/nothing.isth`, "/my.isthm"),
        await codeOf(`${folder}/cut-in-symbols.isth`, "/my.isthm"),
        await codeOf(`${folder}/photo-8x8.isth`, `${folder}/grey.isthm`),
        await codeOf(`${folder}/photo-8x8.isth`, "/nothing.isthm"),
        await codeOf("/dist/index.js", "/my.isthm"),
      ];
    }, golden);
    expect(codes).toEqual([
      ["file-not-found", true],
      [expect.stringMatching(/truncated|corrupt/), true],
      ["model-mismatch", true],
      ["model-missing", true],
      ["not-isthmus", true],
    ]);
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
