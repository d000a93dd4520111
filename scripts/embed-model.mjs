// Writes build/default-model.ts, build/default-receiver.ts and build/default-id.ts: models/default.isthm and its receiver's half as base64, and its id, or empty strings
// where there is none.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What this script writes may not be there yet. */
const withoutModels = {
  name: "without embedded models",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/build\/default-/ }, () => ({ path: "none", namespace: "none" }));
    onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: 'export default "";' }));
  },
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const model = await readFile("models/default.isthm").catch(() => Buffer.alloc(0));
await mkdir("build", { recursive: true });
await embed("build/default-model.ts", model);
const read = model.length > 0 ? await readModel(model) : undefined;
await embed("build/default-receiver.ts", read?.receiver() ?? model);
await write("build/default-id.ts", "id", read?.id ?? "");

async function embed(output, bytes) {
  await write(output, "model", Buffer.from(bytes).toString("base64"));
  console.log(`${output}: ${bytes.length} bytes of model`);
}

async function write(output, name, text) {
  const partial = `${output}.${process.pid}`;
  await writeFile(partial, `const ${name}: string = "${text}";\nexport default ${name};\n`);
  await rename(partial, output);
}

async function readModel(file) {
  const options = {
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
    logLevel: "error",
    plugins: [withoutModels],
  };
  const { outputFiles } = await build({ entryPoints: ["src/models/model.ts"], ...options });
  const { Model } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  return Model.read(new Uint8Array(file));
}
