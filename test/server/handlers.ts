import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type express from "express";
import { afterEach, vi } from "vitest";
import { createPictureHandler, type PictureHandler } from "../../src/server.js";
import { goldenModel } from "../vectors/golden-files.js";
import { usePictureFolder } from "./picture-folder.js";

/** Handlers over the picture folder, and servers, for the tests of one file: they are closed after each. */
export const { at } = usePictureFolder();
const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  vi.restoreAllMocks();
});

const site = "http://localhost";
export const stream = { accept: "image/x-isthmus,image/avif,*/*;q=0.8" };
type Options = Partial<Parameters<typeof createPictureHandler>[0]>;

export function handlerWith(options: Options = {}): PictureHandler & { problems: string[] } {
  const problems: string[] = [];
  const handler = createPictureHandler({
    folder: at("pictures"),
    path: "/photos",
    widths: [40, 80, 1000],
    model: goldenModel("photo").bytes,
    threads: 1,
    onProblem: ({ code }) => void problems.push(code),
    ...options,
  });
  open.push(handler);
  return Object.assign(handler, { problems });
}

export const get = (handler: PictureHandler, path: string, headers: Record<string, string> = {}, method = "GET") =>
  handler.fetch(new Request(site + path, { headers, method }));
export const bytesOf = async (answer: Response): Promise<Uint8Array> => new Uint8Array(await answer.arrayBuffer());

export async function listen(
  listener: Parameters<typeof createServer>[1] | ReturnType<typeof express>,
): Promise<{ url: string; server: Server }> {
  const server = createServer(listener as Parameters<typeof createServer>[1]);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ close: () => server.close().closeAllConnections() });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A request whose target goes out as it is, where `fetch` would tidy it. */
export const raw = (url: string, target: string): Promise<{ status: number; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest({ hostname, port, path: target, headers: stream }, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      resolve({ status: answer.statusCode!, body: Buffer.concat(parts) });
    });
    request.on("error", reject).end();
  });
