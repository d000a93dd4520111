// A folder of pictures on a page of plain HTML: streams for those who have the service worker, AVIF, WebP or JPEG for all others.
//   node server.mjs [FOLDER]      keeps what it encodes in .picture-cache; without a folder it draws some pictures
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeImage } from "isthmus/node";
import { isthImage, toNode } from "isthmus/server";
import { openPictures } from "./pictures.mjs";

/** Pictures of a folder of your own, or some that are drawn. */
async function drawPictures() {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-pictures-"));
  for (let i = 0; i < 4; i++) {
    const [width, height] = [480, 320];
    const data = new Uint8Array(width * height * 3);
    for (let at = 0; at < data.length; at++) {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      data[at] = Math.hypot(x - 120 - 80 * i, y - 160) < 70 ? 230 - 60 * (at % 3) : 60 + y / 4 + 10 * (at % 3);
    }
    await writeImage({ data, width, height, channels: 3 }, join(folder, `picture-${i}.png`));
  }
  return folder;
}

async function pageOf(handler, names) {
  // A picture that cannot be read is left out.
  const found = names.map((name) => handler.describe(name).catch(({ message }) => console.error(message)));
  const pictures = (await Promise.all(found)).filter((picture) => picture);
  if (pictures.length === 0) return "<!doctype html><title>Pictures</title>There are no pictures.";
  // The first ones in the ways of plain pages, all others in elements.
  const [first, second = first, third = first, ...others] = pictures;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Pictures</title><link rel="icon" href="data:,">
<script>addEventListener("load", () => navigator.serviceWorker?.register("/photos/service-worker.js", { scope: "/" }));</script>
<script type="module" src="/isthmus/element.js"></script>
<style>body { background: url("${first.src}") }</style>
<img src="${second.src}" width="${second.width}" height="${second.height}" alt="A disc">
<img srcset="${third.srcset}" sizes="320px" width="320" alt="A disc, smaller">
${others.map((picture) => isthImage(picture, { alt: "A disc in an element", loading: "lazy" })).join("\n")}
</html>`;
}

export async function startServer({ port = 0, folder, cacheFolder } = {}) {
  const pictures = folder ?? (await drawPictures());
  const names = (await readdir(pictures)).filter((name) => /\.(jpe?g|png|webp|avif)$/i.test(name)).sort();
  const handler = openPictures(pictures, cacheFolder ?? (await mkdtemp(join(tmpdir(), "isthmus-cache-"))));
  const answerPicture = toNode(handler);
  const server = createServer(async (request, response) => {
    if (request.url.startsWith("/photos/")) return answerPicture(request, response);
    // The element's files, as they lie in the package; a bundler would make one file of them.
    const [, file] = /^\/isthmus\/([\w-]+\.js)$/.exec(request.url) ?? [];
    if (file) {
      const script = await readFile(new URL(file, import.meta.resolve("isthmus/element"))).catch(() => undefined);
      return script ? response.setHeader("content-type", "text/javascript").end(script) : response.writeHead(404).end();
    }
    response.setHeader("content-type", "text/html").end(await pageOf(handler, names));
  });
  await new Promise((resolve) => server.listen(port, resolve));
  return { server, handler, url: `http://localhost:${server.address().port}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  const cacheFolder = folder && ".picture-cache";
  const { url } = await startServer({ port: Number(process.env.PORT ?? 8080), folder, cacheFolder });
  console.log(`${url} shows the pictures; the second visit has the service worker`);
}
