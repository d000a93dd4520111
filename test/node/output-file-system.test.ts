import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { writeBytes } from "../../src/node/output-file.js";
import { temporaryFolder } from "./temporary-folder.js";

/** What the file system is asked for, and the errors that it is made to give. */
const system = vi.hoisted(() => ({ calls: [] as string[], failures: {} as Record<string, string> }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const failing =
    <Name extends "rename" | "link">(name: Name) =>
    (...names: [string, string]) => {
      system.calls.push(name);
      if (system.failures[name]) return Promise.reject(Object.assign(new Error(name), { code: system.failures[name] }));
      return real[name](...names);
    };
  const open = async (...given: Parameters<typeof real.open>): Promise<FileHandle> => {
    const [path, flags] = given;
    if (system.failures.create && String(path).includes(".partial")) {
      throw Object.assign(new Error("create"), { code: system.failures.create });
    }
    const file = await real.open(...given);
    const sync = file.sync.bind(file);
    file.sync = () => {
      system.calls.push(`sync ${flags ?? "folder"}`);
      return sync();
    };
    return file;
  };
  return { ...real, open, rename: failing("rename"), link: failing("link") };
});

afterEach(() => {
  system.calls = [];
  system.failures = {};
});

const [old, fresh] = ["a long old text", "new"].map((text) => new TextEncoder().encode(text));

async function replaceAn(
  oldFile: boolean,
  overwrite: boolean,
): Promise<{ text: string; names: string[]; told: string[] }> {
  const { readFile, readdir, writeFile } = await import("node:fs/promises");
  const folder = await temporaryFolder();
  const path = join(folder, "file");
  if (oldFile) await writeFile(path, old);
  const told: string[] = [];
  await writeBytes(path, fresh, { overwrite, onInPlace: (where) => told.push(where.replace(folder, "")) });
  return { text: await readFile(path, "utf8"), names: await readdir(folder), told };
}

it("a file is on the disk before its name is, and then the name", async () => {
  await replaceAn(true, true);
  expect(system.calls).toEqual(["sync wx", "rename", "sync folder"]);
});

it("a file that is mounted by itself is written in place, and that is told", async () => {
  system.failures.rename = "EBUSY";
  expect(await replaceAn(true, true)).toEqual({ text: "new", names: ["file"], told: ["/file"] });
});

it("a file in a folder that takes no new ones is written in place, and that is told", async () => {
  system.failures.create = "EACCES";
  expect(await replaceAn(true, true)).toEqual({ text: "new", names: ["file"], told: ["/file"] });
  await expect(replaceAn(false, true)).rejects.toThrow("permission was denied");
});

it("a file system without second names still replaces nothing", async () => {
  system.failures.link = "EPERM";
  expect(await replaceAn(false, false)).toEqual({ text: "new", names: ["file"], told: [] });
  expect(system.calls).toEqual(["sync wx", "link", "rename", "sync folder"]);
});
