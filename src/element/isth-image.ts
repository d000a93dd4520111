import { drawTo, type ImageDecoder } from "../browser/write-image.js";
import { inspectContainer } from "../codec/container.js";
import { IsthmusError } from "../errors.js";
import { createReceiver, type ModelStore, type ReceiveOptions } from "../exchange/receiver.js";
import { defaultModel } from "../models/default-model.js";

/** Servers have no elements: there the class may be imported, and does nothing. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;
const style = `:host{display:inline-block;background:var(--isth-placeholder,#8883)}
:host([hidden]){display:none}canvas{display:block;width:100%;height:100%}:host([loaded]){background:none}`;
/** How far from the window a lazy picture starts to load. */
const lazyMargin = "300px";

/**
 * `<isth-img src="a.isth" model="my.isthm" alt="..." width="320" height="200" loading="lazy">`: an image whose stream is decoded on the page.
 *
 * - `model`: the address of a model file; without it, the embedded photo model. A file is fetched once for all images of the page.
 * - `width`, `height`: in pixels, as of `<img>`: the place is kept from the beginning. Without them it is known when the stream is there.
 * - `loading="lazy"`: fetched when it comes near the window.
 * - `alt`: what screen readers say.
 * - Children are shown where decoding fails.
 * - Events `load` and `error` (a CustomEvent whose `detail` is the error), the attribute `loaded`, and the CSS variable `--isth-placeholder`.
 *
 * Decoding takes turns with the page, 50 ms each. `IsthImage.decoder` may be another decoder, such as a codec in a worker.
 */
export class IsthImage extends Base {
  static readonly observedAttributes = ["src", "model", "alt", "width", "height"];
  /** Decodes the images whose element names no `model`. */
  static decoder: ImageDecoder<ReceiveOptions> = createReceiver({ resolveModel: () => defaultModel() });
  /** Keeps model files between visits; see `modelCache`. */
  static store: ModelStore | undefined;

  private readonly canvas = document.createElement("canvas");
  private watcher: IntersectionObserver | undefined;
  private loading: AbortController | undefined;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    // A sheet of this kind needs no permission from a content security policy.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.canvas);
  }

  get src(): string {
    return this.getAttribute("src") ?? "";
  }
  set src(address: string) {
    this.setAttribute("src", address);
  }

  connectedCallback(): void {
    this.setAttribute("role", "img");
    this.describe();
    this.keepPlace();
    this.start();
  }

  disconnectedCallback(): void {
    this.stop();
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return;
    if (name === "alt") this.describe();
    else if (name === "width" || name === "height") this.keepPlace();
    else this.start();
  }

  private describe(): void {
    const alt = this.getAttribute("alt");
    if (alt === "") this.setAttribute("aria-hidden", "true");
    else this.removeAttribute("aria-hidden");
    if (alt) this.setAttribute("aria-label", alt);
    else this.removeAttribute("aria-label");
  }

  private keepPlace(size?: { width: number; height: number }): void {
    const [width, height] = ["width", "height"].map((name) => Number(this.getAttribute(name)) || undefined);
    const shape = size ?? (width && height ? { width, height } : undefined);
    if (width) this.style.width = `${width}px`;
    else if (size && !height) this.style.width = `min(100%, ${size.width}px)`;
    if (height) this.style.height = `${height}px`;
    if (shape && !(width && height)) this.style.aspectRatio = `${shape.width} / ${shape.height}`;
  }

  private start(): void {
    this.stop();
    this.removeAttribute("loaded");
    if (!this.src) return;
    if (this.getAttribute("loading") !== "lazy") return void this.load();
    this.watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.watcher?.disconnect();
        void this.load();
      },
      { rootMargin: lazyMargin },
    );
    this.watcher.observe(this);
  }

  private stop(): void {
    this.watcher?.disconnect();
    this.loading?.abort();
  }

  private async load(): Promise<void> {
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    try {
      const bytes = await fetchBytes(this.src, signal);
      const value = (name: string) => inspectContainer(bytes).find((field) => field.name === name)?.value as number;
      this.keepPlace({ width: value("width"), height: value("height") });
      const image = await this.decoderOf().decode(bytes, { signal });
      drawTo(this.canvas, image);
      this.shadowRoot?.querySelector("slot")?.remove();
      this.setAttribute("loaded", "");
      this.dispatchEvent(new Event("load"));
    } catch (error) {
      if (signal.aborted) return;
      if (!this.shadowRoot?.querySelector("slot")) this.shadowRoot?.append(document.createElement("slot"));
      this.dispatchEvent(new CustomEvent("error", { detail: error }));
    }
  }

  private decoderOf(): ImageDecoder<ReceiveOptions> {
    const address = this.getAttribute("model");
    return address ? receiverOf(new URL(address, this.baseURI).href) : IsthImage.decoder;
  }
}

const receivers = new Map<string, ImageDecoder<ReceiveOptions>>();

function receiverOf(address: string): ImageDecoder<ReceiveOptions> {
  const { store } = IsthImage;
  const receiver =
    receivers.get(address) ?? createReceiver({ resolveModel: () => fetch(address), ...(store && { store }) });
  receivers.set(address, receiver);
  return receiver;
}

async function fetchBytes(address: string, signal: AbortSignal): Promise<Uint8Array> {
  let answer: Response;
  try {
    answer = await fetch(address, { signal });
  } catch (cause) {
    throw new IsthmusError("file-unreadable", `Could not fetch ${address}: ${(cause as Error).message}`, { cause });
  }
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  throw new IsthmusError("file-not-found", `Expected an image at ${address} but the answer was ${answer.status}`);
}
