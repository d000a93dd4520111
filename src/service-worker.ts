import { PictureWorker } from "./service-worker/picture-worker.js";

/** What this script needs of the scope of a service worker, which the type library of pages lacks. */
interface LastingEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends LastingEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface ServiceWorkerScope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: LastingEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}

/**
 * A service worker by which plain `<img>`, `srcset`, CSS and pictures opened by themselves are streams on their way. The model is `model.isthm` beside the script,
 * or what the script's address names: `service-worker.js?model=/photos/model.isthm`.
 */
const scope = globalThis as unknown as ServiceWorkerScope;
const address = scope.location.href;
const pictures = new PictureWorker(new URL(new URL(address).searchParams.get("model") ?? "model.isthm", address).href);

scope.addEventListener("install", (event) => {
  void scope.skipWaiting();
  // Without the model it serves all the same, and tries again.
  event.waitUntil(pictures.prepare().catch(() => {}));
});
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  if (!pictures.handles(event.request, scope.location.origin)) return;
  event.respondWith(pictures.answer(event.request, (work) => event.waitUntil(work)));
});
