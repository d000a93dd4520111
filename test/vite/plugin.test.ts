import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { build, createServer, type ViteDevServer } from "vite";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inspect, loadDecoder } from "../../src/index.js";
import { StreamEncoder } from "../../src/server/stream-encoder.js";
import { pictureImport } from "../../src/vite/picture-import.js";
import { type IsthmusPluginOptions, isthmus, type PictureFacts } from "../../src/vite.js";
import { usePictureFolder } from "../server/picture-folder.js";
import { goldenModel } from "../vectors/golden-files.js";

const { at } = usePictureFolder();
const servers: ViteDevServer[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) await server.close();
});

async function project(name: string, script: string): Promise<string> {
  const root = at(name);
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "main.js"), script);
  await writeFile(join(root, "index.html"), `<script type="module" src="/main.js"></script>`);
  for (const file of ["photo.jpg", "alpha.png", "moving.gif"]) await copyFile(at("pictures", file), join(root, file));
  return root;
}
const settings = (root: string, base: string, options: IsthmusPluginOptions = {}) => ({
  root,
  base,
  configFile: false as const,
  logLevel: "silent" as const,
  cacheDir: join(root, ".cache"),
  plugins: [isthmus({ widths: [40], threads: 1, model: goldenModel("photo").bytes, ...options })],
});

/** What a script of a build exports, without the page. */
async function built(root: string, options: IsthmusPluginOptions = {}, base = "/site/") {
  await build({
    ...settings(root, base, options),
    build: {
      lib: { entry: join(root, "main.js"), formats: ["es"], fileName: "main" },
      outDir: "out",
      assetsInlineLimit: 0,
    },
  });
  return readFile(join(root, "out", "main.js"), "utf8");
}

describe("the plugin for Vite", () => {
  it("gives the addresses of streams in the build, their fallbacks, size and preview, and encodes nothing twice", async () => {
    const encode = vi.spyOn(StreamEncoder.prototype, "encode");
    const root = await project(
      "site",
      `import photo from "./photo.jpg?isth&quality=60"; document.title = JSON.stringify(photo);`,
    );
    await build({ ...settings(root, "/site/"), build: { outDir: "out", assetsInlineLimit: 0 } });
    expect(encode).toHaveBeenCalledTimes(2);
    const assets = await readdir(join(root, "out", "assets"));
    const script = await readFile(join(root, "out", "assets", assets.find((name) => name.endsWith(".js"))!), "utf8");
    const [text] = /\{[^{}]*(\{[^{}]*\}[^{}]*)?\}/.exec(script.slice(script.search(/\{\s*"?src/)))!;
    const photo: PictureFacts = new Function(`return ${text}`)();
    expect(photo).toMatchObject({ width: 120, height: 80, preview: expect.stringMatching(/^[\w-]{28}$/) });
    const fileOf = async (address: string) =>
      new Uint8Array(await readFile(join(root, "out", address.replace("/site/", ""))));
    const sources = photo.srcset.split(", ").map((source) => source.split(" "));
    expect(sources.map(([, width]) => width)).toEqual(["40w", "120w"]);
    expect(sources[1][0]).toBe(photo.src);
    const decoder = await loadDecoder({ model: await fileOf(photo.model!) });
    expect(await decoder.decode(await fileOf(photo.src))).toMatchObject({ width: 120, height: 80 });
    expect(inspect(await fileOf(sources[0][0]))).toMatchObject({
      width: 40,
      height: 27,
      quality: expect.closeTo(60, 0),
    });
    expect(await sharp(await fileOf(photo.fallback!.src)).metadata()).toMatchObject({ format: "webp", width: 120 });
    await build({ ...settings(root, "/site/"), build: { outDir: "out", assetsInlineLimit: 0 } });
    expect(encode).toHaveBeenCalledTimes(2);
  });

  it("serves them in development when they are asked for, and others when the picture has changed", async () => {
    const encode = vi.spyOn(StreamEncoder.prototype, "encode");
    const root = await project("development", `import photo from "./photo.jpg?isth&fallback=jpeg"; export { photo };`);
    const server = await createServer({ ...settings(root, "/base/"), server: { port: 0, host: "127.0.0.1" } });
    servers.push(server);
    await server.listen();
    const origin = server.resolvedUrls!.local[0].replace("/base/", "");
    const factsNow = async (): Promise<PictureFacts> => {
      const script = await (await fetch(`${origin}/base/photo.jpg?import&isth&fallback=jpeg`)).text();
      return JSON.parse(/export default (\{.*\});?/.exec(script)![1]);
    };
    const photo = await factsNow();
    expect(encode).not.toHaveBeenCalled();
    const answer = await fetch(origin + photo.src);
    expect(answer.headers.get("content-type")).toBe("image/x-isthmus");
    expect(inspect(new Uint8Array(await answer.arrayBuffer()))).toMatchObject({ width: 120 });
    expect(encode).toHaveBeenCalledTimes(1);
    const other = await fetch(origin + photo.fallback!.src);
    expect(other.headers.get("content-type")).toBe("image/jpeg");
    await copyFile(join(root, "alpha.png"), join(root, "photo.jpg"));
    await expect.poll(async () => (await factsNow()).width, { timeout: 10_000 }).toBe(50);
    const changed = await factsNow();
    expect(changed.src).not.toBe(photo.src);
    expect((await fetch(origin + changed.fallback!.src)).headers.get("content-type")).toBe("image/png");
  });

  it("says what is wrong with an import", async () => {
    expect(pictureImport("/a/photo.jpg")).toBe(undefined);
    expect(pictureImport("/a/photo.jpg?url")).toBe(undefined);
    expect(pictureImport("/a/photo.jpg?import&isth&widths=40,80&effort=2&t=123")).toEqual({
      file: "/a/photo.jpg",
      settings: { widths: [40, 80], effort: 2 },
    });
    for (const [query, message] of [
      ["quality=x", 'Expected an integer between 0 and 100 for quality of an import but received "x"'],
      ["quality=101", "Expected an integer between 0 and 100"],
      ["widths=40,", "Expected an integer between 1 and 65536"],
      ["fallback=gif", "Expected one of avif, webp, jpeg, none"],
      [
        "qualty=60",
        'Expected one of quality, effort, widths, fallback for a setting of an import but received "qualty"',
      ],
    ]) {
      expect(() => pictureImport(`/a/photo.jpg?isth&${query}`)).toThrow(message);
    }
    expect(() => isthmus({ fallback: "gif" as never })).toThrow("Expected one of avif, webp, jpeg, none for fallback");
    expect(() => isthmus({ width: [3] } as never)).toThrow("an option of isthmus");
    const moving = await project("moving", `import picture from "./moving.gif?isth"; export { picture };`);
    await expect(built(moving)).rejects.toThrow("Expected a picture that does not move");
    const missing = await project("missing", `import picture from "./nothing.jpg?isth"; export { picture };`);
    await expect(built(missing)).rejects.toThrow(/nothing\.jpg/);
  });
});
