import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { toExpress, toHono, toNode } from "../../src/server.js";
import { bytesOf, handlerWith, listen } from "./handlers.js";

describe("adapters", () => {
  it("serve by Express and by Hono, and leave to others what is no picture", async () => {
    const handler = handlerWith();
    const app = express();
    app.use("/photos", toExpress(handler));
    app.use((_request, response) => void response.status(418).send("others"));
    const hono = new Hono();
    hono.get("/photos/*", toHono(handler));
    hono.notFound((context) => context.text("others", 418));
    for (const listener of [app, getRequestListener(hono.fetch)]) {
      const { url } = await listen(listener);
      const answer = await fetch(`${url}/photos/photo.jpg?width=40`, { headers: { accept: "image/webp" } });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/webp"]);
      const bytes = await bytesOf(answer);
      expect((await sharp(bytes).metadata()).width).toBe(40);
      const known = await fetch(`${url}/photos/photo.jpg?width=40`, {
        headers: { accept: "image/webp", "if-none-match": answer.headers.get("etag")! },
      });
      expect(known.status).toBe(304);
      const head = await fetch(`${url}/photos/photo.jpg?width=40`, {
        method: "HEAD",
        headers: { accept: "image/webp" },
      });
      expect(head.headers.get("content-length")).toBe(`${bytes.length}`);
      for (const path of ["/photos/nothing.jpg", "/photos/notes.txt", "/other"]) {
        expect([path, (await fetch(url + path)).status]).toEqual([path, 418]);
      }
    }
  });

  it("give out the service worker for the whole site", async () => {
    const { url } = await listen(toNode(handlerWith()));
    const answer = await fetch(`${url}/photos/service-worker.js`, { headers: { "accept-encoding": "gzip, br" } });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "service-worker-allowed": "/",
      "content-encoding": "br",
    });
    const plain = await fetch(`${url}/photos/service-worker.js`, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBe(null);
    const text = await plain.text();
    expect(text).toBe(await answer.text());

    // Hono hands on what it is given; others may not.
    const handler = handlerWith();
    const ask = () => new Request(`${url}/photos/service-worker.js`, { headers: { "accept-encoding": "gzip, br" } });
    const packed = await toHono(handler)({ req: { raw: ask() } }, async () => {});
    expect(packed?.headers.get("content-encoding")).toBe("br");
    const whole = await handler.fetch(ask());
    expect(whole.headers.get("content-encoding")).toBe(null);
    expect(await whole.text()).toBe(text);
  });
});
