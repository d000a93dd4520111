import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The exports of source.ts: library internals that a benchmark measures or shares, which the package keeps to itself. */
export async function loadSource() {
  const outfile = here("../build/bench-source.mjs");
  await build({
    entryPoints: [here("source.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
  });
  return import(outfile);
}
