// Serves the page and the build of this repository: a page may open peer connections from localhost.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const types = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };

export async function startServer(port = 0) {
  const server = createServer(async (request, response) => {
    const path = request.url === "/" ? "/examples/webrtc/index.html" : request.url;
    const isOpen = /^\/(dist|examples\/webrtc)\/[\w-]+(\.[\w-]+)+$/.test(path);
    const bytes = isOpen && (await readFile(new URL(`.${path}`, root)).catch(() => undefined));
    if (bytes)
      response.setHeader("content-type", types[path.split(".").pop()] ?? "application/octet-stream").end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(port, resolve));
  return { server, url: `http://localhost:${server.address().port}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startServer(Number(process.env.PORT ?? 8080));
  console.log(`Open ${url}`);
}
