import { Worker } from "node:worker_threads";
import { createPool } from "isthmus";

// In a browser: new Worker(new URL("./worker.js", import.meta.url), { type: "module" }), where worker.js is `import "isthmus/worker";`.
const pool = createPool(() => new Worker(new URL(import.meta.resolve("isthmus/worker"))), { size: 2 });
const codec = await pool.loadCodec();
const images = Array.from({ length: 4 }, (_, i) => ({
  data: new Uint8Array(64 * 48 * 3).fill(40 * i),
  width: 64,
  height: 48,
  channels: 3,
}));
const streams = await Promise.all(images.map((image) => codec.encode(image, { quality: 60 })));
console.log(`${streams.length} images, ${streams.reduce((sum, { length }) => sum + length, 0)} bytes`);
pool.terminate();
