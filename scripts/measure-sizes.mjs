// The bytes that a bundler makes of what pages import, minified and gzipped, without what is loaded later (the embedded model, the relaxed
// kernels): printed by `npm run pack:check` and written down by `npm run bench:bundles`.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What pages import. */
export const graphs = {
  decoder: 'export { loadDecoder } from "isthmus";',
  receiver: 'export { createReceiver } from "isthmus";',
  "worker client": 'export { wrap } from "isthmus";',
  codec: 'export { createCodec } from "isthmus";',
  "codec and trainer": 'export { createCodec, train } from "isthmus";',
  everything: 'export * from "isthmus"; export * from "isthmus/browser";',
};

/** Gzipped bytes of a graph's entry with all that it loads at once. */
export async function sizeOf(contents) {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    write: false,
    metafile: true,
    outdir: "/out",
    logLevel: "error",
  });
  const files = new Map(outputFiles.map((file) => [file.path, file.contents]));
  const wanted = new Set();
  const add = (path) => {
    if (wanted.has(path)) return;
    wanted.add(path);
    for (const { kind, path: next } of metafile.outputs[path].imports) if (kind === "import-statement") add(next);
  };
  add(Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint));
  const contentsOf = (path) => [...files].find(([name]) => name.endsWith(path.split("/").pop()))[1];
  return [...wanted].reduce((sum, path) => sum + gzipSync(contentsOf(path), { level: 9 }).length, 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, contents] of Object.entries(graphs)) console.log(name, await sizeOf(contents));
}
