import { wrap } from "isthmus";
import { drawTo } from "isthmus/browser";

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const codec = await wrap(worker).loadCodec();

// Anything that shows pixels may be encoded: a file that was dropped, a canvas, an <img>.
const drawing = new OffscreenCanvas(96, 64);
const context = drawing.getContext("2d");
context.fillStyle = "teal";
context.fillRect(16, 8, 48, 40);
const bytes = await codec.encode(drawing, { quality: 60 });

drawTo(document.querySelector("canvas"), await codec.decode(bytes));
document.querySelector("p").textContent = `${bytes.length} bytes`;
