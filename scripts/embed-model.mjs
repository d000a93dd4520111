// Writes build/default-model.ts: models/default.isthm as base64, or an empty string where there is none.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const model = await readFile("models/default.isthm").catch(() => Buffer.alloc(0));
const output = "build/default-model.ts";
const partial = `${output}.${process.pid}`;
await mkdir("build", { recursive: true });
await writeFile(partial, `const model: string = "${model.toString("base64")}";\nexport default model;\n`);
await rename(partial, output);
console.log(`${output}: ${model.length} bytes of model`);
