import { copyFile } from "node:fs/promises";
import { build } from "esbuild";
import { defineConfig } from "tsup";
import { writeLicences } from "./scripts/bundled-licences.js";

/**
 * `splitting` keeps the embedded model and the relaxed kernels apart, so that they are loaded when they are needed. `minifySyntax` leaves names and lines as they
 * are; what bundlers make of it is the smaller for it.
 */
export default defineConfig({
  entry: {
    index: "src/index.ts",
    node: "src/node.ts",
    browser: "src/browser.ts",
    element: "src/element.ts",
    worker: "src/worker.ts",
    "worker-node": "src/worker-node.ts",
    workerd: "src/workerd.ts",
    preview: "src/preview.ts",
    server: "src/server.ts",
    vite: "src/vite.ts",
    cli: "src/cli.ts",
    "comparison-worker": "src/comparison/task-worker.ts",
  },
  format: "esm",
  target: "es2022",
  splitting: true,
  clean: true,
  removeNodeProtocol: false,
  external: [/kernels\.wasm$/, "vite"],
  async onSuccess() {
    await copyFile("build/kernels-strict.wasm", "dist/kernels.wasm");
    writeLicences();
    await buildServiceWorker();
  },
  esbuildOptions(options) {
    options.minifySyntax = true;
  },
  // Made by scripts/public-types.mjs.
  dts: {
    entry: {
      index: "build/types/src/index.d.ts",
      node: "build/types/src/node.d.ts",
      browser: "build/types/src/browser.d.ts",
      element: "build/types/src/element.d.ts",
      worker: "build/types/src/worker.d.ts",
      preview: "build/types/src/preview.d.ts",
      server: "build/types/src/server.d.ts",
      vite: "build/types/src/vite.d.ts",
      "service-worker": "build/types/src/service-worker.d.ts",
    },
    compilerOptions: { ignoreDeprecations: "6.0" },
  },
});

/** One file without imports, so that every browser takes it as it is, and small, since visitors load it. */
const buildServiceWorker = () =>
  build({
    entryPoints: ["src/service-worker.ts"],
    outfile: "dist/service-worker.js",
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
  });
