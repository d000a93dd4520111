// Draws pictures, sends their frames over HTTP and WebSocket, and gives out the model to whoever lacks it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { createSender, defaultModel, packFrames } from "isthmus";
import { WebSocketServer } from "ws";

const root = new URL("../../", import.meta.url);
const types = { html: "text/html", js: "text/javascript" };

/** The pictures of a moving disc, one when it is asked for. */
export function* drawPictures(count) {
  const [width, height] = [160, 96];
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(width * height * 3);
    for (let at = 0; at < data.length; at++) {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      data[at] = Math.hypot(x - 20 - 6 * i, y - 48) < 20 ? 230 - 60 * (at % 3) : 40 + y;
    }
    yield { data, width, height, channels: 3 };
  }
}

/** Starts the server; `model` is a whole model file. */
export async function startServer({ port = 0, model, count = 12 } = {}) {
  const sender = await createSender({ model: model ?? (await defaultModel()), quality: 50 });
  const app = new Hono();
  app.get("/models/:id", (context) => {
    const model = sender.modelFor(context.req.param("id"));
    return model ? context.body(model) : context.notFound();
  });
  // The body is read as fast as the receiver takes it, and pictures are encoded no faster.
  app.get("/frames", (context) => context.body(packFrames(sender.frames(drawPictures(count)))));
  app.get("/:file{.*}", async (context) => {
    const path = context.req.path === "/" ? "examples/sender-receiver/index.html" : context.req.path.slice(1);
    if (!/^(dist|examples)\/[\w./-]+$/.test(path) || path.includes("..")) return context.notFound();
    const bytes = await readFile(new URL(path, root)).catch(() => undefined);
    return bytes ? context.body(bytes, 200, { "content-type": types[path.split(".").pop()] }) : context.notFound();
  });
  const server = createServer(getRequestListener(app.fetch));
  new WebSocketServer({ server, path: "/live" }).on("connection", async (socket) => {
    // A message is a frame; the next one is made when the receiver asks for it.
    const frames = sender.frames(drawPictures(count));
    socket.on("close", () => frames.return());
    socket.on("message", async () => {
      const { value, done } = await frames.next();
      if (done) socket.close();
      else socket.send(value);
    });
  });
  await new Promise((resolve) => server.listen(port, resolve));
  return { server, sender, url: `http://localhost:${server.address().port}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startServer({ port: Number(process.env.PORT ?? 8080) });
  console.log(`Open ${url}`);
}
