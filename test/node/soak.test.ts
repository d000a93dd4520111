import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.js";

/** A short run of `npm run soak`: memory, kill -9 in training, full disks, several writers, ^C, an exchanged model. */
test("faults around the codec end in errors and leave nothing behind, and memory stays flat", {
  timeout: 180_000,
}, async () => {
  const soak = fileURLToPath(new URL("../../bench/soak.mjs", import.meta.url));
  const words = [soak, "--quick", "--output", await temporaryFolder()];
  const { stdout } = await promisify(execFile)(process.execPath, words).catch((error) => error);
  const results = String(stdout)
    .trim()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf(":")), JSON.parse(line.slice(line.indexOf(":") + 1))]);
  expect(results.map(([name]) => name)).toEqual([
    "memory",
    "killedTraining",
    "fullDisk",
    "fullFileSystem",
    "writersOfOneFile",
    "interruptedDecode",
    "swappedModel",
  ]);
  for (const [name, { problems }] of results) expect(problems, name).toEqual([]);
});
