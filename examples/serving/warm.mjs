// Encodes the pictures of a folder before anybody asks for them, into the cache of server.mjs. It may be ended and started again.
//   node warm.mjs FOLDER [CACHE [WIDTHS]]      such as: node warm.mjs photos .picture-cache 640,1280
import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { openPictures } from "./pictures.mjs";

/** What is asked for: streams, and the formats of today's browsers and of yesterday's. */
const accepted = ["image/x-isthmus", "image/avif", "image/webp"];

export async function warm({ folder, cacheFolder, widths = [], onProgress = () => {} }) {
  const handler = openPictures(folder, cacheFolder);
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    /\.(jpe?g|png|webp|avif|tiff?|gif)$/i.test(name),
  );
  const queries = widths.length > 0 ? widths.map((width) => `?width=${width}`) : [""];
  const facts = { pictures: names.length, done: 0, bytes: 0, failed: [] };
  const left = names.values();
  const work = async () => {
    for (const name of left) {
      const path = name.split(sep).map(encodeURIComponent).join("/");
      for (const query of queries) {
        for (const accept of accepted) {
          const answer = await handler.fetch(
            new Request(`http://localhost/photos/${path}${query}`, { headers: { accept } }),
          );
          const { byteLength } = await answer.arrayBuffer();
          if (answer.ok) facts.bytes += byteLength;
          else if (facts.failed.at(-1) !== name) facts.failed.push(name);
        }
      }
      // Its preview, for pages that describe it.
      await handler.describe(name.split(sep).join("/")).catch(() => {});
      facts.done++;
      onProgress(facts);
    }
  };
  await Promise.all(Array.from({ length: 1 + availableParallelism() }, work));
  handler.close();
  return facts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, cacheFolder = ".picture-cache", widths = ""] = process.argv.slice(2);
  const begun = performance.now();
  const { pictures, bytes, failed } = await warm({
    folder,
    cacheFolder,
    widths: widths.split(",").filter((width) => width),
    onProgress: ({ done, pictures }) => done % 100 === 0 && console.log(`${done} of ${pictures}`),
  });
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${pictures} pictures in ${seconds.toFixed(1)} s; their files have ${bytes} bytes, for maxCacheBytes`);
  if (failed.length > 0) process.exitCode = 1;
}
