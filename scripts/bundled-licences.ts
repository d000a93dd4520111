// Writes dist/LICENCES.txt: the licences of the packages whose code lies in the built files.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Bundled packages, and where their licences are. The loader's package has none of its own; it is a part of AssemblyScript, as is what kernels hold of its library. */
export const bundled: Readonly<Record<string, readonly string[]>> = {
  "image-size": ["node_modules/image-size/LICENSE"],
  "@assemblyscript/loader": ["node_modules/assemblyscript/LICENSE", "node_modules/assemblyscript/NOTICE"],
};

export function writeLicences(): void {
  const texts = Object.entries(bundled).map(([name, paths]) => {
    const { version } = JSON.parse(readFileSync(at(`node_modules/${name}/package.json`), "utf8"));
    return `${name} ${version}\n\n${paths.map((path) => readFileSync(at(path), "utf8").trim()).join("\n\n")}\n`;
  });
  writeFileSync(at("dist/LICENCES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}
