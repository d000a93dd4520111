import { copyFile } from "node:fs/promises";
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
    cli: "src/cli.ts",
    "comparison-worker": "src/comparison/worker.ts",
  },
  format: "esm",
  target: "es2022",
  splitting: true,
  clean: true,
  removeNodeProtocol: false,
  external: [/kernels\.wasm$/],
  async onSuccess() {
    await copyFile("build/kernels-strict.wasm", "dist/kernels.wasm");
    writeLicences();
  },
  esbuildOptions(options) {
    options.minifySyntax = true;
  },
  dts: {
    entry: {
      index: "src/index.ts",
      node: "src/node.ts",
      browser: "src/browser.ts",
      element: "src/element.ts",
      worker: "src/worker.ts",
      preview: "src/preview.ts",
    },
    compilerOptions: { ignoreDeprecations: "6.0" },
  },
});
