// Compiles assembly/ three times, strict, relaxed and for decoding alone, and writes each module to build/ as .wasm and as text inside a .ts file.
// Does nothing when the outputs are newer than every source.
import { readdirSync, statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { textOf } from "./bytes-as-text.mjs";

const entries = { strict: "assembly/index.ts", relaxed: "assembly/index.ts", decoding: "assembly/decoding.ts" };
const targets = Object.keys(entries);
const maxBytes = 65536;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const outputs = targets.flatMap((target) => [`build/kernels-${target}.wasm`, `build/kernels-${target}.ts`]);
if (Math.min(...outputs.map(modified)) > Math.max(...sources().map(modified))) {
  console.log("kernels are up to date");
} else {
  await mkdir("build", { recursive: true });
  for (const target of targets) await compile(target);
}

async function compile(target) {
  const written = new Map();
  const { error, stderr } = await asc.main([entries[target], "--config", "asconfig.json", "--target", target], {
    writeFile: (name, contents) => void written.set(name, contents),
  });
  process.stderr.write(stderr.toString());
  if (error) throw error;
  const name = `build/kernels-${target}`;
  const bytes = Buffer.from(written.get(`${name}.wasm`));
  check(target, bytes);
  await replace(`${name}.wasm`, bytes);
  await replace(`${name}.ts`, `export default ${JSON.stringify(textOf(bytes))};\n`);
  console.log(`${name}.wasm: ${bytes.length} bytes`);
}

/** Only the strict module runs on every engine, so imports are read from the section table rather than from a compiled module. */
function check(target, bytes) {
  if (bytes.length > maxBytes)
    throw new Error(`Expected at most ${maxBytes} bytes for ${target} but received ${bytes.length}`);
  const importSection = 2;
  if (sectionsOf(bytes).includes(importSection)) throw new Error(`Expected no imports for ${target}`);
}

function sectionsOf(bytes) {
  const sections = [];
  for (let at = 8; at < bytes.length; ) {
    sections.push(bytes[at++]);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
  }
  return sections;
}

/** Readers never see half a file. */
async function replace(path, contents) {
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, contents);
  await rename(beside, path);
}

function sources() {
  const kernels = readdirSync("assembly", { recursive: true }).filter((name) => name.endsWith(".ts"));
  return [
    ...kernels.map((name) => join("assembly", name)),
    "asconfig.json",
    "scripts/build-kernels.mjs",
    "scripts/bytes-as-text.mjs",
    "node_modules/assemblyscript/package.json",
  ];
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
