import { place } from "./places.mjs";

let source;

/** The exports of source.ts: library internals that a benchmark measures or shares, which the package keeps to itself. */
export const loadSource = () => (source ??= bundle("bench-source", "bench/frame/source.ts", place("build")));

/** Bundles TypeScript of the repository into `folder`/`name`.js, and loads it; packages stay outside. */
export async function bundle(name, path, folder) {
  const { build } = await import("tsup");
  const options = { format: "esm", splitting: false, removeNodeProtocol: false, config: false, silent: true };
  await build({ entry: { [name]: place(path) }, outDir: folder, skipNodeModulesBundle: true, ...options });
  return import(`${folder}/${name}.js`);
}
