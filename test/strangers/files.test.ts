import { execFileSync } from "node:child_process";
import { open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openModel } from "../../src/node/open-model.js";
import { readBytes } from "../../src/node/read-bytes.js";
import { temporaryFolder } from "../node/temporary-folder.js";
import { goldenModel, goldenPath } from "../vectors/golden-files.js";
import { watch } from "./watch.js";

test("a file is refused by its length before it is read", async () => {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder, name);
  // A hole of 100 GB: whoever read it would end up without memory.
  const file = await open(at("huge.isthm"), "w");
  await file.truncate(100e9);
  await file.close();
  await expect(openModel(at("huge.isthm"))).rejects.toMatchObject({ code: "invalid-model" });
  await expect(openModel(at("huge.isthm"), { maxModelBytes: 1000 })).rejects.toThrow(/at most 1000 bytes/);
  await expect(readBytes(at("huge.isthm"))).rejects.toMatchObject({ code: "file-unreadable" });
  const model = await openModel(goldenPath("photo.isthm").pathname);
  expect(model.id).toBe(goldenModel("photo").id);
});

test("a device without an end is read as far as the limit allows", async () => {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder, name);
  await symlink("/dev/zero", at("zero.isthm"));
  await expect(openModel(at("zero.isthm"))).rejects.toMatchObject({ code: "invalid-model" });
  await expect(readBytes("/dev/null")).resolves.toEqual(new Uint8Array(0));
});

test("a pipe that nobody writes to is given up when the signal is raised", async () => {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder, name);
  execFileSync("mkfifo", [at("pipe")]);
  const { error, milliseconds } = await watch(100, (signal) => readBytes(at("pipe"), { signal }));
  expect(error).toMatchObject({ code: "aborted", cause: "enough" });
  expect(milliseconds).toBeLessThan(1100);
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i * 31);
  const [read] = await Promise.all([readBytes(at("pipe")), writeFile(at("pipe"), bytes)]);
  expect(read).toEqual(bytes);
});
