import { parentPort } from "node:worker_threads";
import { IsthmusError } from "./ground/errors.js";
import type { Image } from "./image/image.js";
import { serve } from "./worker/serve.js";

/** `isthmus/worker` under Node: the script of a `Worker` of `node:worker_threads`. Images are pixels in memory. */
const port = parentPort;
if (!port) {
  throw new IsthmusError(
    "unsupported-engine",
    'Expected a worker thread for "isthmus/worker" but received the main thread',
  );
}
serve(
  {
    post: (answer, transfer) => port.postMessage(answer, transfer),
    listen: (receive) => port.on("message", receive),
  },
  async (source) => source as Image,
);
