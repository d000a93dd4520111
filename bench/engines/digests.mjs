// What one engine makes of the pictures of a folder that engines.mjs prepared, of the golden files, and of random small pictures;
// writes the digests of all streams and pixels as JSON.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadCodec } from "../../dist/index.js";

const [, , folder, randomCount] = process.argv;
const golden = new URL("../../test/vectors/golden/", import.meta.url);
const read = async (name) => new Uint8Array(await readFile(name));
const digest = (...pieces) => pieces.reduce((hash, bytes) => hash.update(bytes), createHash("sha256")).digest("hex");

const codecs = {
  photo: await loadCodec({ model: await read(join(folder, "photo.isthm")) }),
  vector: await loadCodec({ model: await read(join(folder, "vector.isthm")) }),
};
const digests = [];
for (const { model, file, picture, qualities } of JSON.parse(await readFile(join(folder, "tasks.json"), "utf8"))) {
  const image = { ...picture, data: await read(join(folder, file)) };
  for (const quality of qualities) {
    const stream = await codecs[model].encode(image, { quality });
    const decoded = await codecs[model].decode(stream);
    digests.push(digest(stream), digest(decoded.data));
  }
}

const { good } = JSON.parse(await readFile(new URL("golden.json", golden), "utf8"));
const goldenCodecs = new Map();
for (const { model } of good) {
  if (!goldenCodecs.has(model))
    goldenCodecs.set(model, await loadCodec({ model: await read(new URL(`${model}.isthm`, golden)) }));
}
let goldenDifferent = 0;
for (const { name, model, bare, sha256 } of good) {
  const { data } = await goldenCodecs.get(model).decode(await read(new URL(`${name}.isth`, golden)), { bare });
  if (digest(data) !== sha256) goldenDifferent++;
}

const random = [];
for (let index = 0; index < Number(randomCount); index++) random.push(await digestOfRandom(index));

const engine = `Node ${process.version}, V8 ${process.versions.v8}, ${process.arch}`;
process.stdout.write(
  JSON.stringify({
    engine,
    goldenDifferent,
    goldenFiles: good.length,
    digests,
    random: random.map((hash) => hash.slice(0, 16)),
  }),
);

/** The stream and the pixels of a picture that integers alone have drawn. */
async function digestOfRandom(index) {
  let state = Math.imul(index + 1, 0x9e3779b1);
  const below = (count) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
  const [name, codec] = [...goldenCodecs][below(goldenCodecs.size)];
  const { fixedSize, patch, channels: own } = codec.model.configuration;
  const { width, height } = fixedSize ? patch : { width: 1 + below(48), height: 1 + below(48) };
  const channels = own === 1 ? 1 + below(2) : 1 + below(4);
  const [step, spread, slope] = [1 + below(9), 1 + below(256), below(9)];
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++)
    data[i] = i < step * channels ? below(256) : data[i - step * channels] + slope + (below(8) ? 0 : below(spread));
  const stream = await codec.encode({ data, width, height, channels }, { quality: below(101) });
  return digest(Buffer.from(name), stream, (await codec.decode(stream)).data);
}
