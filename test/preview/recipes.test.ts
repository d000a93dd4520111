import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePreview } from "../../src/preview.js";
import { picture, toSharp } from "../node/pictures.js";

/** Inside the package, so that its own name leads to the build. */
const folder = fileURLToPath(new URL("../../build/recipes/", import.meta.url));
const examples = fileURLToPath(new URL("../../examples/previews/", import.meta.url));

beforeAll(async () => {
  await mkdir(join(folder, "photos"), { recursive: true });
  await toSharp(picture(60, 40))
    .png()
    .toFile(join(folder, "photos", "sea.png"));
  await toSharp(picture(30, 40, 4))
    .png()
    .toFile(join(folder, "photos", "icon.png"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the recipes for previews", () => {
  it("write a file for a folder", async () => {
    const output = join(folder, "previews.json");
    await promisify(execFile)(process.execPath, [
      join(examples, "previews-of-folder.mjs"),
      join(folder, "photos"),
      output,
    ]);
    const previews = JSON.parse(await readFile(output, "utf8"));
    expect(Object.keys(previews)).toEqual(["icon.png", "sea.png"]);
    expect(previews["sea.png"]).toMatchObject({
      width: 60,
      height: 40,
      color: expect.stringMatching(/^rgb\(\d+ \d+ \d+\)$/),
    });
    expect(decodePreview(previews["icon.png"].preview)).toMatchObject({ width: 24, height: 32 });
  });

  it("have a plugin for Vite", async () => {
    const copy = join(folder, "plugin.mjs");
    await copyFile(join(examples, "vite-plugin-previews.mjs"), copy);
    const { previews } = await import(pathToFileURL(copy).href);
    const watched: string[] = [];
    const load = (id: string) => previews().load.call({ addWatchFile: (path: string) => watched.push(path) }, id);
    expect(await load("/other.js")).toBeNull();
    const path = join(folder, "photos", "sea.png");
    const code: string = await load(`${path}?preview`);
    const facts = JSON.parse(code.slice("export default ".length, -1));
    expect(facts).toMatchObject({ width: 60, height: 40, dataURL: expect.stringMatching(/^data:image\/png;base64,/) });
    expect(decodePreview(facts.preview)).toMatchObject({ width: 32, height: 21 });
    expect(watched).toEqual([path]);
  });
});
