import { execFile } from "node:child_process";
import { chmod, link, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { checkWritable, writeBytes, writeFile as writeWhole } from "../../src/node/output-file.js";
import { temporaryFolder } from "./temporary-folder.js";

const bytes = new TextEncoder().encode("new");
const textOf = (path: string): Promise<string> => readFile(path, "utf8");
const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });
const both = [
  ["writeBytes", (path: string, options = {}) => writeBytes(path, bytes, options)],
  ["writeFile", (path: string, options = {}) => writeWhole(path, options, (target) => writeFile(target, bytes))],
] as const;

describe.each(both)("a file that %s writes", (_, write) => {
  it("goes into a pipe, also by a link, and the pipe stays", async () => {
    const folder = await temporaryFolder();
    const [pipe, byLink] = [join(folder, "pipe"), join(folder, "link")];
    await promisify(execFile)("mkfifo", [pipe]);
    await symlink("pipe", byLink);
    for (const path of [pipe, byLink]) {
      const reading = textOf(pipe);
      await checkWritable(path, false);
      await write(path, { overwrite: false });
      expect(await reading).toBe("new");
    }
    expect((await lstat(pipe)).isFIFO()).toBe(true);
    expect(await readlink(byLink)).toBe("pipe");
    expect((await readdir(folder)).sort()).toEqual(["link", "pipe"]);
  });

  it("goes where a link leads to nothing yet, and the link stays", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "far"));
    await symlink(join("far", "second"), join(folder, "first"));
    await symlink("file", join(folder, "far", "second"));
    await checkWritable(join(folder, "first"), false);
    await write(join(folder, "first"), { overwrite: false });
    expect(await readlink(join(folder, "first"))).toBe("far/second");
    expect(await textOf(join(folder, "far", "file"))).toBe("new");
    await expect(write(join(folder, "first"), { overwrite: false })).rejects.toEqual(withCode("output-exists"));
    await symlink("circle", join(folder, "circle"));
    await expect(write(join(folder, "circle"))).rejects.toThrow("too many links");
  });

  it("leaves the permissions and the other names of the file that it replaces", async () => {
    const folder = await temporaryFolder();
    const [path, other] = [join(folder, "file"), join(folder, "other")];
    await writeFile(path, "a long old text");
    await chmod(path, 0o4640);
    const inPlace: string[] = [];
    await write(path, { onInPlace: (where: string) => inPlace.push(where) });
    expect((await stat(path)).mode & 0o7777).toBe(0o4640);
    expect(inPlace).toEqual([]);
    await writeFile(path, "a long old text");
    await link(path, other);
    await write(path, { onInPlace: (where: string) => inPlace.push(where) });
    expect([await textOf(path), await textOf(other)]).toEqual(["new", "new"]);
    expect((await stat(path)).nlink).toBe(2);
    expect(inPlace).toEqual([path]);
    expect((await readdir(folder)).sort()).toEqual(["file", "other"]);
  });

  it("may have the longest of names", async () => {
    const path = join(await temporaryFolder(), "n".repeat(255));
    await write(path);
    await write(path);
    expect(await textOf(path)).toBe("new");
    await expect(write(`${path}n`)).rejects.toThrow("the name is too long");
  });
});

it("does not replace a file that appeared while it was made, where nothing is to be replaced", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "file");
  const writing = writeWhole(path, { overwrite: false }, async (target) => {
    await writeFile(target, "late");
    await writeFile(path, "first");
  });
  await expect(writing).rejects.toEqual(withCode("output-exists"));
  expect(await textOf(path)).toBe("first");
  expect(await readdir(folder)).toEqual(["file"]);
});
