import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Model, train } from "../../src/index.js";
import { picture, toSharp } from "../node/pictures.js";

/** A folder with images and models, made once for a test file; see `useWorkplace`. */
export interface Workplace {
  /** Absolute path of a name in the folder. */
  at(...names: string[]): string;
  /** Names below the folder that begin with a dot or end in `.partial`: what a failed write would leave behind. */
  leftovers(): Promise<string[]>;
}

/**
 * Makes a folder that holds `photo.png` (40 x 32), `images/0.png` .. `images/5.png` (12 x 10), and two barely trained models:
 * `photo.isthm`, for images of any size, and `vector.isthm`, for those of `images`.
 */
export function useWorkplace(): Workplace {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "isthmus-"));
    await toSharp(picture(40, 32)).png().toFile(join(folder, "photo.png"));
    await mkdir(join(folder, "images"));
    const images = Array.from({ length: 6 }, (_, i) => ({
      ...picture(12, 10),
      data: picture(12, 10).data.map((v) => v - 9 * i),
    }));
    for (const [i, image] of images.entries())
      await toSharp(image)
        .png()
        .toFile(join(folder, "images", `${i}.png`));
    await writeModel("photo.isthm", await train([picture(40, 32)], { preset: "photo", steps: 3, latents: 8 }));
    await writeModel("vector.isthm", await train(images, { preset: "vector", steps: 3, latents: 4, hidden: [16] }));
  });
  const writeModel = (name: string, { bytes }: Model) => writeFile(join(folder, name), bytes);
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    at: (...names) => join(folder, ...names),
    leftovers: async () => {
      const names = (await readdir(folder, { recursive: true })) as string[];
      return names.filter((name) => /(^|\/)\.|\.partial$/.test(name));
    },
  };
}
