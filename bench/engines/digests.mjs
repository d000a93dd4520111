// Encodes and decodes the pictures of a folder that engines.mjs prepared; writes the digests of all streams and pixels as JSON.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadCodec } from "../../dist/index.js";

const folder = process.argv[2];
const read = async (name) => new Uint8Array(await readFile(join(folder, name)));
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

const codecs = {
  photo: await loadCodec({ model: await read("photo.isthm") }),
  vector: await loadCodec({ model: await read("vector.isthm") }),
};
const digests = [];
for (const { model, file, picture, qualities } of JSON.parse(await readFile(join(folder, "tasks.json"), "utf8"))) {
  const image = { ...picture, data: await read(file) };
  for (const quality of qualities) {
    const stream = await codecs[model].encode(image, { quality });
    const decoded = await codecs[model].decode(stream);
    digests.push(digest(stream), digest(decoded.data));
  }
}
process.stdout.write(JSON.stringify({ engine: `Node ${process.version}, V8 ${process.versions.v8}`, digests }));
