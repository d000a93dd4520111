import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll } from "vitest";
import { builtFiles } from "../../src/server/built-files.js";
import { picture, toSharp } from "../node/pictures.js";

/** A folder `pictures` with one of each kind, and what lies outside of it. */
export function usePictureFolder() {
  let root = "";
  const at = (...names: string[]): string => join(root, ...names);
  beforeAll(async () => {
    builtFiles.worker = new URL("../../dist/worker-node.js", import.meta.url);
    builtFiles.serviceWorker = new URL("../../dist/service-worker.js", import.meta.url);
    root = await mkdtemp(join(tmpdir(), "isthmus-server-"));
    await mkdir(at("pictures", "more pictures"), { recursive: true });
    await mkdir(at("outside"));
    await toSharp(picture(120, 80)).jpeg({ quality: 95 }).toFile(at("pictures", "photo.jpg"));
    await toSharp(picture(40, 60))
      .png()
      .toFile(at("pictures", "more pictures", "übung 1.png"));
    await toSharp(picture(50, 30, 4))
      .png()
      .toFile(at("pictures", "alpha.png"));
    await toSharp(picture(50, 30, 1))
      .png()
      .toFile(at("pictures", "grey.png"));
    await toSharp(picture(30, 20)).png().toFile(at("outside", "secret.png"));
    const frames = sharp(Buffer.concat([picture(20, 10).data, picture(20, 10).data.map((v) => 255 - v)]), {
      raw: { width: 20, height: 20, channels: 3, pageHeight: 10 },
    });
    await frames.gif().toFile(at("pictures", "moving.gif"));
    await writeFile(at("pictures", "broken.jpg"), "no picture");
    await writeFile(at("pictures", ".hidden.jpg"), "hidden");
    await writeFile(at("pictures", "notes.txt"), "notes");
    await symlink(at("outside", "secret.png"), at("pictures", "link-out.png"));
    await symlink(at("outside"), at("pictures", "folder-out"));
    await symlink("photo.jpg", at("pictures", "link-in.jpg"));
    await symlink("loop.jpg", at("pictures", "loop.jpg"));
    await mkdir(at("pictures", "folder.jpg"));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  return { at };
}
