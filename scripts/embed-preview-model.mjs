// Writes build/preview-model.ts: the tensors of models/preview.isthm as texts (see src/preview/embedded.ts).
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const file = await readFile("models/preview.isthm").catch(() => undefined);
const output = "build/preview-model.ts";
const partial = `${output}.${process.pid}`;
await mkdir("build", { recursive: true });
await writeFile(partial, `${typeText()}export const embedded: Embedded = ${JSON.stringify(contentOf(file))};\n`);
await rename(partial, output);
console.log(`${output}: ${file?.length ?? 0} bytes of model`);

function typeText() {
  return `interface Embedded {
  id: string;
  priorHidden: number;
  synthesisHidden: number;
  scales: Record<string, number>;
  tensors: Record<string, string>;
}
`;
}

function contentOf(file) {
  if (!file) return { id: "", priorHidden: 0, synthesisHidden: 0, scales: {}, tensors: {} };
  const start = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: metadata, ...entries } = JSON.parse(file.toString("utf8", 8, start));
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        dtype,
        data_offsets: [begin, end],
      },
    ]) => {
      const bytes = file.subarray(start + begin, start + end);
      return [name, dtype === "I8" ? textOfBytes(bytes) : textOfWords(bytes)];
    },
  );
  const id = Buffer.alloc(4);
  id.writeUInt32BE(crc32(file));
  return {
    id: id.toString("base64url", 0, 3),
    ...JSON.parse(metadata.widths),
    scales: JSON.parse(metadata.scales),
    tensors: Object.fromEntries(tensors),
  };
}

function textOfBytes(bytes) {
  return Array.from(new Int8Array(bytes), (integer) => alphabet[integer + 31]).join("");
}

function textOfWords(bytes) {
  return Array.from({ length: bytes.length / 4 }, (_, i) => {
    const value = bytes.readInt32LE(4 * i) + 2047;
    return alphabet[value >> 6] + alphabet[value & 63];
  }).join("");
}

/** Bit by bit: zlib.crc32 is younger than the oldest Node that this runs on. */
function crc32(bytes) {
  let remainder = -1;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  }
  return ~remainder >>> 0;
}
