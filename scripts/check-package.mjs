// Checks what npm would publish: its size and files, then publint and "are the types wrong".
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { graphs, sizeOf } from "./measure-sizes.mjs";

const maxBytes = 6_000_000;
/** Gzipped bytes of what a page loads at once, see measure-sizes.mjs: a graph that grows past these has caught something that it should not. */
const mostGzipped = { "worker client": 4_700, decoder: 29_900, receiver: 32_000, codec: 82_450 };
const expected = [
  /^(package\.json|LICENSE|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md)$/,
  /^docs\/[\w./-]+\.(md|svg|png|webp)$/,
  /^examples\/[\w./[\]+-]+\.(md|html|css|js|jsx|mjs|cjs|svelte|json|webp|capnp)$/,
  /^models\/[\w.-]+\.(isthm|md)$/,
  /^dist\/[\w.-]+\.(js|d\.ts)$/,
  /^types\/[\w.-]+\.d\.ts$/,
  /^dist\/(kernels\.wasm|LICENCES\.txt)$/,
];
const required = [
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "dist/cli.js",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/node.js",
  "dist/node.d.ts",
  "dist/browser.js",
  "dist/browser.d.ts",
  "dist/element.js",
  "dist/element.d.ts",
  "dist/kernels.wasm",
  "dist/LICENCES.txt",
  "dist/workerd.js",
  "dist/worker.js",
  "dist/worker-node.js",
  "dist/worker.d.ts",
  "dist/preview.js",
  "dist/preview.d.ts",
  "dist/server.js",
  "dist/server.d.ts",
  "dist/service-worker.js",
  "dist/service-worker.d.ts",
  "dist/vite.js",
  "dist/vite.d.ts",
  "types/vite-client.d.ts",
];

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [{ size, files }] = JSON.parse(run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"]));
const paths = files.map(({ path }) => path);
const faults = [
  ...paths.filter((path) => !expected.some((pattern) => pattern.test(path))).map((path) => `unexpected file ${path}`),
  ...required.filter((path) => !paths.includes(path)).map((path) => `missing file ${path}`),
  ...(size > maxBytes ? [`Expected at most ${maxBytes} bytes but received ${size}`] : []),
];
if (faults.length > 0) fail(faults.join("\n"));
console.log(`package: ${paths.length} files, ${size} bytes`);
for (const [name, most] of Object.entries(mostGzipped)) {
  const size = await sizeOf(graphs[name]);
  if (size > most) fail(`Expected at most ${most} gzipped bytes of ${name} but received ${size}`);
  console.log(`${name}: ${size} bytes, bundled, minified and gzipped`);
}
process.stdout.write(run("npx", ["publint", "--strict"]));
process.stdout.write(
  run("npx", [
    "attw",
    "--pack",
    ".",
    "--profile",
    "esm-only",
    "--no-emoji",
    "--no-color",
    "--exclude-entrypoints",
    "./kernels.wasm",
    "./vite-client",
  ]),
);

function run(command, args) {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  } catch (error) {
    return fail(`${error.stdout ?? ""}${error.message}`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
