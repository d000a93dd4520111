import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ask } from "./answer.js";
import type { PictureHandler } from "./handler.js";

/** A listener for `createServer` of `node:http` and `node:https`. */
export const toNode =
  (handler: PictureHandler) =>
  (request: IncomingMessage, response: ServerResponse): void =>
    void respond(handler, request, response);

/**
 * Middleware for Express, Connect and Polka: `app.use("/photos", toExpress(handler))`, where the handler is made with `path: "/photos"`. What is no picture
 * goes on to the next one.
 */
export const toExpress =
  (handler: PictureHandler) =>
  (
    request: IncomingMessage & { readonly originalUrl?: string },
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void =>
    void respond(handler, request, response, next).catch(next);

/** A handler for Hono: `app.get("/photos/*", toHono(handler))`. What is no picture goes on to the next one. */
export const toHono =
  (handler: PictureHandler) =>
  async (
    context: { readonly req: { readonly raw: Request } },
    next: () => Promise<void>,
  ): Promise<Response | undefined> => {
    const answer = await handler.fetchPacked(context.req.raw);
    if (answer.status !== 404 && answer.status !== 405) return answer;
    await next();
    return undefined;
  };

async function respond(
  handler: PictureHandler,
  request: IncomingMessage & { readonly originalUrl?: string },
  response: ServerResponse,
  next?: () => void,
): Promise<void> {
  const { status, headers, body } = await handler.answer(askOf(request));
  if (next && (status === 404 || status === 405)) return next();
  // Whoever asked may have gone meanwhile.
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, headers);
  response.end(body);
}

/** The target of a request may be a whole address, as proxies send it. */
function askOf({
  method = "GET",
  url = "/",
  originalUrl = url,
  headers,
}: IncomingMessage & { readonly originalUrl?: string }): Ask {
  const target = originalUrl.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
  const end = target.search(/[?#]/);
  const [path, rest] = end < 0 ? [target, ""] : [target.slice(0, end), target.slice(end)];
  return {
    method,
    path,
    search: rest.split("#")[0],
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
  };
}
