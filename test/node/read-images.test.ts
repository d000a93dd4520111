import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { findFiles, imageExtensions } from "../../src/node/find-files.js";
import { globPattern } from "../../src/node/glob-pattern.js";
import { readImages } from "../../src/node/read-images.js";
import { tiff } from "./made-files.js";
import { picture, toSharp } from "./pictures.js";
import { temporaryFolder } from "./temporary-folder.js";

const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });

/** A folder with `2.png`, `10.png`, `deep/er/1.webp`, `.hidden.png` and `notes.txt`. */
async function folderOfImages(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "deep", "er"), { recursive: true });
  for (const name of ["10.png", "2.png", ".hidden.png"]) await toSharp(picture(10, 8)).png().toFile(join(folder, name));
  await toSharp(picture(30, 20))
    .webp()
    .toFile(join(folder, "deep", "er", "1.webp"));
  await writeFile(join(folder, "notes.txt"), "words");
  return folder;
}

describe("findFiles", () => {
  it.each([
    ["", ["2.png", "10.png", "deep/er/1.webp"]],
    ["*.png", ["2.png", "10.png"]],
    ["**/*.webp", ["deep/er/1.webp"]],
    ["**/[0-9].{png,webp}", ["2.png", "deep/er/1.webp"]],
    ["?.png", ["2.png"]],
    ["deep/*/1.webp", ["deep/er/1.webp"]],
    ["notes.txt", ["notes.txt"]],
    ["*", ["2.png", "10.png"]],
  ])("finds by %j", async (source, expected) => {
    const folder = await folderOfImages();
    const found = await findFiles(join(folder, source), imageExtensions);
    expect(found.map(({ path }) => relative(folder, path))).toEqual(expected);
  });

  it.each([
    ["a{b,c{d,e}}f", ["abf", "acdf", "acef"], ["acf", "abcdf", "a"]],
    ["a{b,}c", ["abc", "ac"], ["abbc"]],
    ["{a", ["{a"], ["a"]],
    ["a}{b,c", ["a}{b,c"], ["ab"]],
    ["[a-c]x[!0-9]", ["axx", "bx-"], ["dxx", "ax1", "ax/"]],
    ["[]]", ["]"], ["a"]],
    ["[a", ["[a"], ["a"]],
    ["**/a", ["a", "b/a", "b/c/a"], ["ba", "a/b"]],
    ["a**b", ["ab", "a/x/b"], ["a/bc"]],
    ["a*b?c", ["abxc", "axxbbc"], ["a/bxc", "abc"]],
    ["(a|b).+", ["(a|b).+"], ["axb", "aa"]],
    ["\u{1f600}?", ["\u{1f600}\u{1f601}"], ["\u{1f600}"]],
  ])("reads the glob %s", (glob, named, others) => {
    const isNamed = globPattern(glob);
    expect(named.filter((path) => !isNamed(path))).toEqual([]);
    expect(others.filter(isNamed)).toEqual([]);
  });

  it("takes no longer for many stars or braces", () => {
    const name = "a".repeat(200);
    const start = performance.now();
    expect(globPattern(`${"*a".repeat(40)}b`)(name)).toBe(false);
    expect(globPattern(`${"**".repeat(40)}b`)(name)).toBe(false);
    expect(globPattern(`${"{a,aa}".repeat(60)}b`)(name)).toBe(false);
    // Backtracking takes longer than the sun will shine.
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("follows links to folders, once each", async () => {
    const folder = await folderOfImages();
    const other = await temporaryFolder();
    await toSharp(picture(10, 8)).png().toFile(join(other, "far.png"));
    await symlink(other, join(folder, "link"));
    await symlink(other, join(folder, "link2"));
    await symlink(folder, join(other, "back"));
    await symlink(join(folder, "deep"), join(folder, "deep", "er", "cycle"));
    await symlink(join(folder, "nothing.png"), join(folder, "dangling.png"));
    const found = await findFiles(folder, imageExtensions);
    expect(found.map(({ relative }) => relative)).toEqual([
      "2.png",
      "10.png",
      "dangling.png",
      "deep/er/1.webp",
      "link/far.png",
    ]);
    const named = await findFiles(join(folder, "link*", "*.png"), imageExtensions);
    expect(named.map(({ path }) => relative(folder, path))).toEqual(["link/far.png"]);
  });

  it("takes a name that exists as it is, even with signs of a glob", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a[1].png"), "");
    await writeFile(join(folder, "a1.png"), "");
    const found = await findFiles(join(folder, "a[1].png"), imageExtensions);
    expect(found.map(({ relative }) => relative)).toEqual(["a[1].png"]);
  });

  it("says when a name leads to nothing", async () => {
    const folder = await temporaryFolder();
    await expect(findFiles(join(folder, "no"), imageExtensions)).rejects.toEqual(withCode("file-not-found"));
    await expect(findFiles(join(folder, "no/*.png"), imageExtensions)).rejects.toEqual(withCode("file-not-found"));
    await expect(findFiles(join(folder, "*.png"), imageExtensions)).rejects.toEqual(withCode("file-not-found"));
  });
});

describe("readImages", () => {
  it("reads a folder in natural order", async () => {
    const folder = await folderOfImages();
    const images = await readImages(folder);
    expect(images.map((image) => relative(folder, image.path))).toEqual(["2.png", "10.png", "deep/er/1.webp"]);
    expect(images[0]).toMatchObject(picture(10, 8));
  });

  it("reports files it leaves out, or throws", async () => {
    const folder = await folderOfImages();
    await writeFile(join(folder, "3.png"), "no image");
    const skipped: string[] = [];
    const images = await readImages(folder, {
      onSkip: (path, { code }) => skipped.push(`${relative(folder, path)} ${code}`),
    });
    expect(images.length).toBe(3);
    expect(skipped).toEqual(["3.png invalid-image"]);
    await expect(readImages(folder)).rejects.toEqual(withCode("invalid-image"));
  });

  it("skips what is no picture, and may take no file with faults", async () => {
    const folder = await folderOfImages();
    await writeFile(
      join(folder, "5.tif"),
      tiff({ width: 1, channels: 5, extra: 2, samples: Uint8Array.of(1, 2, 3, 4, 5) }),
    );
    const jpeg = await toSharp(picture(64, 64)).jpeg().toBuffer();
    const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
    await writeFile(
      join(folder, "6.jpg"),
      Buffer.concat([jpeg.subarray(0, scan), Buffer.alloc(4), jpeg.subarray(scan)]),
    );
    const read = async (strict: boolean) => {
      const skipped: string[] = [];
      const onSkip = (path: string, { code }: { code: string }) => skipped.push(`${relative(folder, path)} ${code}`);
      return { count: (await readImages(folder, { strict, onSkip })).length, skipped };
    };
    expect(await read(false)).toEqual({ count: 4, skipped: ["5.tif invalid-image"] });
    expect(await read(true)).toEqual({ count: 3, skipped: ["5.tif invalid-image", "6.jpg invalid-image"] });
  });

  it("refuses a set without images", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "notes.txt"), "words");
    await expect(readImages(folder)).rejects.toEqual(withCode("invalid-training-set"));
    await writeFile(join(folder, "broken.png"), "words");
    await expect(readImages(folder, { onSkip: () => {} })).rejects.toThrow("1 files, none of them readable");
  });

  it("keeps within its memory by cropping, then by leaving out", async () => {
    const folder = await temporaryFolder();
    await toSharp(picture(800, 600)).png().toFile(join(folder, "large.png"));
    const cropped = await readImages(folder, { maxSamples: 3 * 300_000 });
    expect(cropped[0].width * cropped[0].height).toBeLessThanOrEqual(300_000);
    expect(cropped[0].width / cropped[0].height).toBeCloseTo(4 / 3, 2);

    const many = await temporaryFolder();
    for (let i = 0; i < 8; i++)
      await toSharp(picture(10, 8))
        .png()
        .toFile(join(many, `${i}.png`));
    const kept = await readImages(many, { maxSamples: 240 * 4, crop: false });
    expect(kept.map(({ path }) => relative(many, path))).toEqual(["0.png", "2.png", "4.png", "6.png"]);
  });
});
