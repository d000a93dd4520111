import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { place } from "./places.mjs";

let source;

/** The exports of source.ts: library internals that a benchmark measures or shares, which the package keeps to itself. */
export const loadSource = () => (source ??= bundle("bench-source", "bench/frame/source.ts", place("build")));

/** Bundles TypeScript of the repository into `folder`/`name`.js, and loads it; packages stay outside. */
export async function bundle(name, path, folder) {
  const { build } = await import("esbuild");
  const options = { bundle: true, format: "esm", platform: "node", packages: "external", logLevel: "error" };
  const { outputFiles } = await build({ entryPoints: [place(path)], write: false, ...options });
  // Whole at once: other processes do the same, and may be reading it.
  const file = join(folder, `${name}.js`);
  await writeFile(`${file}-${process.pid}`, outputFiles[0].contents);
  await rename(`${file}-${process.pid}`, file);
  return import(file);
}
