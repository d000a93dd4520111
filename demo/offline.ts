import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Threads need headers that a static site does not have: that variant of a rival is never asked for. */
const neverFetched = /_mt[.-]/;

/** Writes `service-worker.js` into the build, with the list of all files that the page may ask for. */
export function offline(): Plugin {
  return {
    name: "isthmus-offline",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = Object.keys(bundle).filter((name) => !neverFetched.test(name) && !name.endsWith(".map"));
        const paths = [
          "./",
          "icon.svg",
          "manifest.webmanifest",
          ...files.filter((name) => name !== "index.html"),
        ].sort();
        const version = createHash("sha256").update(paths.join("\n")).update(source).digest("hex").slice(0, 12);
        const list = `const version = ${JSON.stringify(version)};\nconst paths = ${JSON.stringify(paths)};\n`;
        this.emitFile({ type: "asset", fileName: "service-worker.js", source: list + source });
      },
    },
  };
}

const source = readFileSync(new URL("./src/service-worker.js", import.meta.url), "utf8");
