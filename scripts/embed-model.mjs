// Writes build/default-model.ts and build/default-receiver.ts: models/default.isthm and its receiver's half as base64, or empty strings where there is
// none.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const model = await readFile("models/default.isthm").catch(() => Buffer.alloc(0));
await mkdir("build", { recursive: true });
await embed("build/default-model.ts", model);
await embed("build/default-receiver.ts", model.length > 0 ? await receiverOf(model) : model);

async function embed(output, bytes) {
  const partial = `${output}.${process.pid}`;
  const text = Buffer.from(bytes).toString("base64");
  await writeFile(partial, `const model: string = "${text}";\nexport default model;\n`);
  await rename(partial, output);
  console.log(`${output}: ${bytes.length} bytes of model`);
}

async function receiverOf(file) {
  const options = { bundle: true, format: "esm", platform: "node", write: false, logLevel: "error" };
  const { outputFiles } = await build({ entryPoints: ["src/models/model.ts"], ...options });
  const { Model } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  return Model.read(new Uint8Array(file)).receiver();
}
