import { drawTo, type ImageDecoder } from "../browser/write-image.js";
import { readContainer } from "../codec/stream/container.js";
import { readHead } from "../codec/stream/head.js";
import { Decoders } from "../exchange/decoders.js";
import { limitedBytes } from "../exchange/limited-bytes.js";
import { createReceiver, type ModelStore, type ReceiveOptions, Receiver } from "../exchange/receiver.js";
import { IsthmusError } from "../ground/errors.js";
import { limits } from "../ground/limits.js";
import { defaultReceiver } from "../models/default-receiver.js";
import { parentModels } from "../models/parents.js";
import { type Layout, rulesOf, sharedRules } from "./layout.js";
import { type Chosen, chooseSource } from "./source-set.js";

/** Servers have no elements: there the class may be imported, and does nothing. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;
/** Of all elements of the page together: engines have room for few memories. */
const decoders = new Decoders(8);
/** Servers that have the picture in several formats are told which one is wanted. */
const headers = { accept: "image/x-isthmus,*/*;q=0.1" };
/** How far from the window a lazy picture starts to load. */
const lazyMargin = "300px";
/** Attributes that say what is loaded, and those that say how large it is. */
const sourceNames = ["src", "srcset", "sizes", "model", "loading", "crossorigin"];
const sizeNames = ["width", "height"];

/** A picture on its way, or there. */
interface Load {
  readonly key: string;
  readonly chosen: Chosen;
  readonly abort: AbortController;
  /** Settles when the picture is there or is not to be had. */
  readonly done: Promise<void>;
  /** Starts it, where it waits for the window. */
  start(): void;
}

/**
 * `<isth-img src="a.isth" model="my.isthm" alt="..." loading="lazy">`: an image whose stream is decoded on the page. It behaves as `<img>` does.
 *
 * - `model`: the address of a model file; without it, the embedded photo model. A file is fetched once for all images of the page.
 * - `src`, `srcset`, `sizes`, `alt`, `width`, `height`, `loading`, `decoding`, `fetchpriority` and `crossorigin`, and the properties of the same names.
 * - Its natural size and ratio, `object-fit` and `object-position` follow the page's CSS.
 * - `naturalWidth`, `naturalHeight`, `complete`, `currentSrc`, `decode()`.
 * - Events `load` and `error` (a CustomEvent whose `detail` is the error), the attribute `loaded`, and the CSS variable `--isth-placeholder`, a background
 *   until the picture is there.
 * - Where decoding fails, its children are shown, or `alt`. What lies in a `<template>` among them is neither made nor fetched before; the same goes
 *   for pictures with `loading="lazy"`.
 *
 * Decoding takes turns with the page, 20 ms each. `IsthImage.decoder` may be another decoder, such as a codec in a worker.
 */
export class IsthImage extends Base {
  static readonly observedAttributes = [...sourceNames, ...sizeNames, "alt"];
  /** Decodes the images whose element names no `model`. */
  static decoder: ImageDecoder<ReceiveOptions> = createReceiver({ resolveModel: () => defaultReceiver(), decoders });
  /** Keeps model files between visits; see `modelCache`. */
  static store: ModelStore | undefined;

  declare src: string;
  declare srcset: string;
  declare sizes: string;
  declare model: string;
  declare alt: string;
  declare loading: string;
  declare decoding: string;
  declare fetchPriority: string;
  declare crossOrigin: string | null;
  /** As it is shown, in pixels. */
  declare width: number;
  declare height: number;

  private readonly canvas = document.createElement("canvas");
  private readonly line = document.createElement("div");
  private readonly fallback = document.createElement("slot");
  private readonly rules = new CSSStyleSheet();
  private watcher: IntersectionObserver | undefined;
  private load: Load | undefined;
  private natural: Layout["natural"];
  private state: Layout["state"] = "empty";
  private isStale = false;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    // Sheets of this kind need no permission from a content security policy.
    const shared = new CSSStyleSheet();
    shared.replaceSync(sharedRules);
    shadow.adoptedStyleSheets = [shared, this.rules];
    shadow.append(this.line, this.canvas, this.fallback);
  }

  /** Pixels of CSS of the picture as it is; 0 before it is there. */
  get naturalWidth(): number {
    return this.state === "loaded" ? Math.round(this.natural!.width) : 0;
  }
  get naturalHeight(): number {
    return this.state === "loaded" ? Math.round(this.natural!.height) : 0;
  }
  /** True unless a picture is on its way. */
  get complete(): boolean {
    return !this.isStale && this.state !== "loading";
  }
  /** The address that was chosen. */
  get currentSrc(): string {
    this.update();
    return this.load?.chosen.address ?? "";
  }

  /** Resolves when the picture is there, and starts to load one that is lazy. Throws what the event `error` tells. */
  async decode(): Promise<void> {
    this.update();
    if (!this.load) throw new IsthmusError("invalid-parameter", "Expected an address for src but received none");
    this.load.start();
    return this.load.done;
  }

  connectedCallback(): void {
    this.describe();
    this.schedule();
  }

  attributeChangedCallback(name: string): void {
    if (name === "alt") this.describe(true);
    else if (sizeNames.includes(name)) this.lay();
    else this.schedule();
  }

  /** What screen readers say. Roles and labels of the page's own stay where there is no `alt`. */
  private describe(isChanged = false): void {
    const alt = this.getAttribute("alt");
    this.fallback.textContent = alt;
    if (!this.isConnected) return;
    if (!this.hasAttribute("role")) this.setAttribute("role", "img");
    if (alt === null && !isChanged) return;
    for (const name of ["aria-hidden", "aria-label"]) this.removeAttribute(name);
    if (alt === "") this.setAttribute("aria-hidden", "true");
    if (alt) this.setAttribute("aria-label", alt);
  }

  private lay(state = this.state): void {
    this.state = state;
    const [width, height] = [this.getAttribute("width"), this.getAttribute("height")];
    this.rules.replaceSync(rulesOf({ width, height, natural: this.natural, state }));
    this.toggleAttribute("loaded", state === "loaded");
  }

  /** Looks for the picture once all attributes are set. */
  private schedule(): void {
    if (this.isStale) return;
    this.isStale = true;
    queueMicrotask(() => this.update());
  }

  private update(): void {
    if (!this.isStale) return;
    this.isStale = false;
    const [src, srcset, sizes] = ["src", "srcset", "sizes"].map((name) => this.getAttribute(name) ?? "");
    const chosen = chooseSource({ src, srcset, sizes }, window.devicePixelRatio, (length) => this.widthOf(length));
    const key = JSON.stringify([chosen, this.getAttribute("model"), this.getAttribute("crossorigin")]);
    const isLazy = this.getAttribute("loading") === "lazy";
    if (key === this.load?.key) {
      if (!isLazy) this.load.start();
      return;
    }
    this.watcher?.disconnect();
    this.load?.abort.abort();
    this.load = undefined;
    if (!chosen) {
      this.natural = undefined;
      this.lay("empty");
      return;
    }
    this.load = this.begin(key, { ...chosen, address: new URL(chosen.address, this.baseURI).href });
    if (isLazy) this.watch(this.load);
    else this.load.start();
  }

  /** A load that waits for its start. */
  private begin(key: string, chosen: Chosen): Load {
    const abort = new AbortController();
    let start = (): void => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const done = started.then(() => this.show(chosen, abort.signal));
    done.catch(() => {});
    this.natural = undefined;
    this.lay("loading");
    return { key, chosen, abort, done, start };
  }

  private watch(load: Load): void {
    this.watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.watcher?.disconnect();
        load.start();
      },
      { rootMargin: lazyMargin },
    );
    this.watcher.observe(this);
  }

  private async show({ address, density }: Chosen, signal: AbortSignal): Promise<void> {
    try {
      const priority = (this.getAttribute("fetchpriority") ?? "auto") as RequestPriority;
      const credentials = this.getAttribute("crossorigin") === "use-credentials" ? "include" : "same-origin";
      const decoder = this.decoder();
      const receiver = decoder instanceof Receiver ? decoder : undefined;
      let coming: ReturnType<Receiver["expect"]> | undefined;
      const place = ({ width, height }: Layout["natural"] & object): void => {
        this.natural = { width: width / density, height: height / density };
        this.lay("loading");
      };
      const bytes = await fetchBytes(address, { headers, signal, priority, credentials }, (head) => {
        place(readHead(head));
        coming = receiver?.expect(head, receiver.limits.maxPixels);
      });
      // Receivers need not take the stream apart again.
      const parts = readContainer(bytes);
      place(parts);
      const image = await (receiver
        ? receiver.decodeOwn(parts, { signal }, coming)
        : decoder.decode(bytes, { signal }));
      signal.throwIfAborted();
      drawTo(this.canvas, image);
      this.lay("loaded");
    } catch (error) {
      if (!signal.aborted) {
        this.natural = undefined;
        this.showFallback();
        this.lay("failed");
        this.dispatchEvent(new CustomEvent("error", { detail: error }));
      }
      throw error;
    }
    this.dispatchEvent(new Event("load"));
  }

  private decoder(): ImageDecoder<ReceiveOptions> {
    const model = this.getAttribute("model");
    return model ? receiverOf(new URL(model, this.baseURI).href) : IsthImage.decoder;
  }

  private showFallback(): void {
    // A template of a shadow root lies here where a browser is too old to know it.
    for (const template of this.querySelectorAll(":scope > template:not([shadowrootmode])")) {
      template.replaceWith((template as HTMLTemplateElement).content.cloneNode(true));
    }
  }

  /** The pixels of CSS of a length such as `50vw`. */
  private widthOf(length: string): number {
    this.line.style.cssText = `position: fixed; width: ${length}`;
    const { width } = this.line.getBoundingClientRect();
    this.line.style.cssText = "";
    return width || (/^\d+(\.\d+)?px$/.test(length) ? Number.parseFloat(length) : window.innerWidth);
  }
}

/** Properties that are attributes of the same name, or of another. */
const reflected: Readonly<Record<string, readonly [attribute: string, absent: string | null]>> = {
  src: ["src", ""],
  srcset: ["srcset", ""],
  sizes: ["sizes", ""],
  model: ["model", ""],
  alt: ["alt", ""],
  loading: ["loading", "eager"],
  decoding: ["decoding", "auto"],
  fetchPriority: ["fetchpriority", "auto"],
  crossOrigin: ["crossorigin", null],
};
for (const [property, [attribute, absent]] of Object.entries(reflected)) {
  Object.defineProperty(IsthImage.prototype, property, {
    configurable: true,
    enumerable: true,
    get(this: IsthImage) {
      return this.getAttribute(attribute) ?? absent;
    },
    set(this: IsthImage, value: string | null) {
      if (value === null) this.removeAttribute(attribute);
      else this.setAttribute(attribute, value);
    },
  });
}
/** Those that say how large the element is: pixels, as it is shown. */
for (const side of ["width", "height"] as const) {
  Object.defineProperty(IsthImage.prototype, side, {
    configurable: true,
    enumerable: true,
    get(this: IsthImage) {
      if (this.isConnected) return Math.round(this.getBoundingClientRect()[side]);
      return side === "width" ? this.naturalWidth : this.naturalHeight;
    },
    set(this: IsthImage, value: number) {
      this.setAttribute(side, String(value));
    },
  });
}

const receivers = new Map<string, Receiver>();

function receiverOf(address: string): Receiver {
  const { store } = IsthImage;
  const receiver =
    receivers.get(address) ??
    createReceiver({
      resolveModel: (_, signal) => fetch(address, { signal }),
      parents: parentModels(),
      decoders,
      ...(store && { store }),
    });
  receivers.set(address, receiver);
  return receiver;
}

async function fetchBytes(
  address: string,
  options: RequestInit,
  onHead: (head: Uint8Array) => void,
): Promise<Uint8Array> {
  let answer: Response;
  try {
    answer = await fetch(address, options);
  } catch (cause) {
    throw new IsthmusError("file-unreadable", `Could not fetch ${address}: ${(cause as Error).message}`, { cause });
  }
  if (!answer.ok) {
    throw new IsthmusError("file-not-found", `Expected an image at ${address} but the answer was ${answer.status}`);
  }
  const tooLong = () =>
    new IsthmusError(
      "file-unreadable",
      `Expected at most ${limits.maxFrameBytes} bytes at ${address} but there are more`,
    );
  return limitedBytes(answer, limits.maxFrameBytes, "src", options.signal ?? undefined, tooLong, onHead);
}
