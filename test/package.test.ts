import { readFile, stat } from "node:fs/promises";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const anyImport = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["']([^"'\s]+)["']/g;
const staticImport = /(?:\bfrom|\bimport)\s*["']([^"'\s]+)["']/g;

/** Every module that a built file imports, directly or through others. */
async function importsOf(file: URL, pattern = anyImport, found = new Set<string>()): Promise<Set<string>> {
  const source = await readFile(file, "utf8");
  for (const [, name] of source.matchAll(pattern)) {
    if (found.has(name)) continue;
    found.add(name);
    if (name.startsWith(".")) await importsOf(new URL(name, file), pattern, found);
  }
  return found;
}

const isBuiltin = (name: string): boolean => name.startsWith("node:") || builtinModules.includes(name);

describe("the built package", () => {
  it("has no Node in what the library imports", async () => {
    const names = [...(await importsOf(new URL("../dist/index.js", import.meta.url)))];
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !name.startsWith("."))).toEqual([]);
    // The search itself must be able to find what it looks for.
    const ofNode = [...(await importsOf(new URL("../dist/node.js", import.meta.url)))];
    expect(ofNode.filter(isBuiltin)).toContain("node:fs/promises");
    expect(ofNode).toContain("sharp");
  });

  it("loads the embedded model and the relaxed kernels only when they are needed", async () => {
    const index = new URL("../dist/index.js", import.meta.url);
    const later = /(kernels-relaxed|default-model)/;
    expect([...(await importsOf(index, staticImport))].filter((name) => later.test(name))).toEqual([]);
    expect([...(await importsOf(index))].filter((name) => later.test(name)).length).toBe(2);
  });

  it("has a command line that can be run", async () => {
    const path = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
    expect((await readFile(path, "utf8")).startsWith("#!/usr/bin/env node\n")).toBe(true);
    expect((await stat(path)).mode & 0o111).not.toBe(0);
  });
});
