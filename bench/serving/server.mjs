// The server that bench/serving.mjs asks, in a process of its own: `{ folder, cacheFolder, kept, formats, quality }` arrives as a message, `{ ports }` leaves.
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import express from "express";
import { Hono } from "hono";
import { createPictureHandler, toExpress, toHono, toNode } from "../../dist/server.js";

process.on("message", async ({ kept, page, ...options }) => {
  const handler = createPictureHandler({
    ...options,
    path: "/photos",
    onProblem: ({ message }) => console.error(message),
  });
  const listeners = {};
  if (kept) {
    const app = express();
    app.use("/photos", toExpress(handler));
    app.use("/kept", express.static(kept));
    const hono = new Hono();
    hono.get("/photos/*", toHono(handler));
    hono.get("/kept/*", serveStatic({ root: kept, rewriteRequestPath: (path) => path.replace(/^\/kept/, "") }));
    Object.assign(listeners, { express: app, hono: getRequestListener(hono.fetch) });
  } else {
    const pictures = toNode(handler);
    listeners.node = (request, response) => {
      if (request.url.startsWith("/photos/")) pictures(request, response);
      else response.setHeader("content-type", "text/html").end(page.replaceAll("VISIT", request.url.slice(1)));
    };
  }
  const ports = {};
  for (const [name, listener] of Object.entries(listeners)) {
    const server = createServer(listener);
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports[name] = server.address().port;
  }
  process.send({ ports });
});
