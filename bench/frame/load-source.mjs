import { fileURLToPath } from "node:url";
import { build } from "tsup";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

let source;

/** The exports of source.ts: library internals that a benchmark measures or shares, which the package keeps to itself. */
export const loadSource = () => (source ??= bundle());

async function bundle() {
  const entry = { "bench-source": here("source.ts") };
  const options = { format: "esm", splitting: false, removeNodeProtocol: false, config: false, silent: true };
  await build({ entry, outDir: here("../../build"), ...options });
  return import("../../build/bench-source.js");
}
