import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = process.argv[2] ?? `${here}dist`;
// The condition leads to an entry that imports the kernels as a module, which is a file beside the bundle.
await build({
  entryPoints: { worker: `${here}worker.js` },
  bundle: true,
  minify: true,
  format: "esm",
  conditions: ["workerd"],
  external: ["*/kernels.wasm"],
  outdir,
});
await copyFile(fileURLToPath(import.meta.resolve("isthmus/kernels.wasm")), `${outdir}/kernels.wasm`);
await copyFile(`${here}config.capnp`, `${outdir}/config.capnp`);
