import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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

  it("holds what its pages lead to", async () => {
    const root = fileURLToPath(new URL("..", import.meta.url));
    const packed = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root });
    const paths: string[] = JSON.parse(packed.stdout)[0].files.map(({ path }: { path: string }) => path);
    expect(paths).toContain("SECURITY.md");
    const isThere = (path: string): boolean => paths.some((other) => other === path || other.startsWith(`${path}/`));
    const lost: string[] = [];
    for (const page of paths.filter((path) => path.endsWith(".md"))) {
      const text = await readFile(join(root, page), "utf8");
      for (const [, address] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        const [path] = address.split("#");
        if (path === "" || /^[a-z]+:/.test(path)) continue;
        const target = posix.normalize(posix.join(posix.dirname(page), path)).replace(/\/$/, "");
        if (!isThere(target)) lost.push(`${page}: ${path}`);
      }
    }
    expect(lost).toEqual([]);
  });

  it("has a command line that can be run", async () => {
    const path = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
    expect((await readFile(path, "utf8")).startsWith("#!/usr/bin/env node\n")).toBe(true);
    expect((await stat(path)).mode & 0o111).not.toBe(0);
  });
});
