import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { firstLoad } from "./first-load.js";
import { offline } from "./offline.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const source = (path: string): string => here(`../src/${path}`);

/** A static site with relative addresses, so that it runs from any folder of any server. The library is built from its source. */
export default defineConfig({
  root: here("."),
  base: "./",
  plugins: [firstLoad(), offline()],
  resolve: {
    alias: [
      { find: /^isthmus$/, replacement: source("index.ts") },
      { find: /^isthmus\/(browser|worker)$/, replacement: source("$1.ts") },
      { find: /^.*\/build\/default-(model|receiver)\.js$/, replacement: here("no-embedded-model.ts") },
    ],
  },
  // The codecs find their wasm beside them, which a bundle of dependencies would break.
  optimizeDeps: { exclude: ["@jsquash/avif", "@jsquash/jpeg", "@jsquash/webp"] },
  worker: { format: "es" },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
