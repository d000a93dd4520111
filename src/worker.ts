import { readImage } from "./browser/read-image.js";
import { IsthmusError } from "./ground/errors.js";
import { serve } from "./worker/serve.js";

/** The script of a worker: `import "isthmus/worker"` is all that it needs. The page reaches it by `wrap`. */
const scope = globalThis as unknown as {
  readonly document?: unknown;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
};
if (scope.document !== undefined || typeof scope.postMessage !== "function") {
  throw new IsthmusError("unsupported-engine", 'Expected a module worker for "isthmus/worker" but received a page');
}
serve(
  {
    post: (answer, transfer) => scope.postMessage(answer, transfer),
    listen: (receive) => scope.addEventListener("message", ({ data }) => receive(data)),
  },
  readImage,
);
