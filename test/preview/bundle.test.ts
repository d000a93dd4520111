import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../build/preview-bundle/", import.meta.url));

beforeAll(() => mkdir(folder, { recursive: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bytes, under gzip, of a page's script that imports these names. */
async function gzipBytes(name: string, names: string): Promise<number> {
  const entry = join(folder, `${name}.mjs`);
  await writeFile(entry, `export { ${names} } from "isthmus/preview";\n`);
  const options = {
    format: "esm",
    platform: "browser",
    minify: true,
    splitting: false,
    config: false,
    silent: true,
    clean: false,
  } as const;
  await build({ entry: { [`${name}-built`]: entry }, outDir: folder, noExternal: [/isthmus/], ...options });
  const text = await readFile(join(folder, `${name}-built.js`));
  expect(text.toString()).not.toMatch(/^import /m);
  return gzipSync(text, { level: 9 }).length;
}

describe("isthmus/preview in a page", () => {
  it("takes at most 25 kB to decode, 40 kB with the encoder", async () => {
    const decoder = await gzipBytes("decoder", "decodePreview, previewToDataURL, averageColor");
    const both = await gzipBytes("both", "encodePreview, decodePreview, previewToDataURL, averageColor, previewToText");
    expect(decoder).toBeLessThan(25_000);
    expect(both).toBeLessThan(40_000);
    expect(decoder).toBeGreaterThan(5_000);
    expect(both).toBeGreaterThan(decoder);
  });
});
