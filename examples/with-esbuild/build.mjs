import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = process.argv[2] ?? `${here}dist`;
// `splitting` keeps the embedded model out of the first load.
await build({
  entryPoints: [`${here}main.js`, `${here}worker.js`],
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  outdir,
});
await copyFile(`${here}index.html`, `${outdir}/index.html`);
