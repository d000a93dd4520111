import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isthmus } from "./cli/run-cli.js";
import { picture, toSharp } from "./node/pictures.js";

const run = promisify(execFile);
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
/** Inside the package, so that its own name leads to the build. */
const scripts = fileURLToPath(new URL("../build/readme/", import.meta.url));
/** The examples run one after another in the first folder, the commands in the second. */
const folders: string[] = [];

/** The fenced blocks of one language, with training cut short. */
function blocksOf(language: string, short: string): string[] {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code);
  return blocks.map((code) => code.replace(/(--)?minutes:? \d+/, short));
}

const examples = blocksOf("js", "steps: 2");
const commands = blocksOf("sh", "--steps 2")
  .flatMap((block) => block.split("\n"))
  .filter((line) => line.startsWith("npx isthmus "))
  .map((line) => line.replace(/#.*/, "").trim().split(/\s+/).slice(2));

/** A folder with `photo.jpg` and a folder `my-images`. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-"));
  await mkdir(join(folder, "my-images"));
  await toSharp(picture(72, 64)).jpeg().toFile(join(folder, "photo.jpg"));
  await copyFile(join(folder, "photo.jpg"), join(folder, "my-images", "1.jpg"));
  const other = picture(72, 64);
  const inverted = { ...other, data: other.data.map((sample) => 255 - sample) };
  await toSharp(inverted)
    .jpeg()
    .toFile(join(folder, "my-images", "2.jpg"));
  return folder;
}

beforeAll(async () => {
  await mkdir(scripts, { recursive: true });
  folders.push(await makeFolder(), await makeFolder());
});

afterAll(async () => {
  for (const folder of [...folders, scripts]) await rm(folder, { recursive: true, force: true });
});

describe("the README", () => {
  it("has examples", () => {
    expect(examples.length).toBe(5);
    expect(commands.length).toBe(14);
  });

  it("has a main command that runs", async () => {
    expect(await isthmus(["try"], { cwd: folders[1] })).toMatchObject({ code: 0, stderr: "" });
    expect((await readFile(join(folders[1], "isthmus-try.png"))).length).toBeGreaterThan(10_000);
  });

  it.each(examples.map((code, index) => [index + 1, code] as const))(
    "has an example %i that runs",
    async (index, code) => {
      const path = join(scripts, `example-${index}.mjs`);
      await writeFile(path, code);
      const { stdout, stderr } = await run(process.execPath, [path], { cwd: folders[0] });
      expect(stderr).toBe("");
      if (code.includes("model-mismatch")) expect(stdout).toMatch(/^model-mismatch$/m);
    },
  );

  it.each(commands.map((args) => [args.join(" "), args] as const))("has a command that runs: %s", async (_, args) => {
    expect(await isthmus(args, { cwd: folders[1] })).toMatchObject({ code: 0 });
  });
});
