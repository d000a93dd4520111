import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { withChromium } from "./chromium.js";

/** The example of the README for browsers, bundled as a user would and run in Chromium. */
const folder = fileURLToPath(new URL("../../build/readme-browser/", import.meta.url));
const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
const examples = Array.from(readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code]) => code);

const chromium = withChromium();
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the README's example for browsers", () => {
  it("encodes a file in a worker and draws what comes back", async () => {
    expect(examples).toHaveLength(1);
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}main.ts`, examples[0]);
    await writeFile(`${folder}worker.ts`, 'import "isthmus/worker";\n');
    await build({
      entryPoints: [`${folder}main.ts`, `${folder}worker.ts`],
      outdir: folder,
      bundle: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      logLevel: "error",
    });
    const page = await chromium.open();
    await page.evaluate(async () => {
      const scope = globalThis as unknown as { canvas: HTMLCanvasElement; file: File };
      const source = new OffscreenCanvas(40, 24);
      const pen = source.getContext("2d")!;
      pen.fillStyle = "rgb(200, 40, 40)";
      pen.fillRect(0, 0, 40, 24);
      scope.file = new File([await source.convertToBlob()], "red.png", { type: "image/png" });
      scope.canvas = document.createElement("canvas");
    });
    await page.addScriptTag({ type: "module", url: "/build/readme-browser/main.js" });
    await page.waitForFunction(() => (globalThis as unknown as { canvas: HTMLCanvasElement }).canvas.width === 40);
    const drawn = await page.evaluate(() => {
      const { canvas } = globalThis as unknown as { canvas: HTMLCanvasElement };
      const { data } = canvas.getContext("2d")!.getImageData(20, 12, 1, 1);
      return { width: canvas.width, height: canvas.height, red: data[0], green: data[1] };
    });
    expect(drawn).toMatchObject({ width: 40, height: 24 });
    expect(drawn.red).toBeGreaterThan(170);
    expect(drawn.green).toBeLessThan(70);
    await page.close();
  });
});
