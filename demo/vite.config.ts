import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { offline } from "./offline.js";

const source = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

/** A static site with relative addresses, so that it runs from any folder of any server. The library is built from its source. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [offline()],
  resolve: {
    alias: [
      { find: /^isthmus$/, replacement: source("index.ts") },
      { find: /^isthmus\/(browser|worker)$/, replacement: source("$1.ts") },
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
