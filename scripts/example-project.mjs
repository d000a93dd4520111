// Examples that are projects of their own (with a package.json), as a user would set them up: the packed package, and what the example depends on.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** Copies an example into build/examples and installs it there, over the package as it is built. Returns the folder. What was installed before is kept. */
export async function installExample(name) {
  const folder = join(root, "build", "examples", `${name}-project`);
  await mkdir(folder, { recursive: true });
  const package_ = await pack(folder);
  const isSource = (path) => !/\/(node_modules|dist|build|\.next|\.svelte-kit)(\/|$)/.test(path.slice(root.length));
  await cp(join(root, "examples", name), folder, { recursive: true, filter: isSource });
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  manifest.dependencies.isthmus = `file:${package_}`;
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));
  await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"], { cwd: folder });
  return folder;
}

/** The name tells the content, so that npm takes a package that has changed for another one. */
async function pack(folder) {
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename }] = JSON.parse((await run("npm", words, { cwd: root })).stdout);
  const packed = join(folder, filename);
  const digest = createHash("sha256")
    .update(await readFile(packed))
    .digest("hex");
  await rm(join(folder, "packed"), { recursive: true, force: true });
  await mkdir(join(folder, "packed"));
  const path = join(folder, "packed", `isthmus-${digest.slice(0, 16)}.tgz`);
  await rename(packed, path);
  return path;
}
