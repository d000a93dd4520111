import { writeContainer } from "../../src/codec/stream/container.js";
import { bytesOfHex } from "../../src/ground/bytes.js";
import { defaultModel } from "../../src/models/default-model.js";
import { emptyModel, graph } from "./models.js";
import { streamFor } from "./streams.js";

/** What a door promises not to take more than, and a program of the built package that goes through it. */
export interface Peak {
  readonly name: string;
  /** Bytes beside what was handed in, and beside the same program with little to do. */
  readonly stated: number;
  /** Files that the program has as `files`, and those of the program with little to do. */
  readonly files: readonly Uint8Array[];
  readonly little: readonly Uint8Array[];
  /** Leaves in `told` what came of it. */
  readonly code: string;
  readonly told: string;
}

/** Pixels of a strip of the pictures here: 2^16 cells of 16 x 16. */
const stripPixels = 2 ** 24;

/** The programs, with pictures of `side` x `side` pixels. */
export async function peaksAt(side: number): Promise<Peak[]> {
  const { id } = await defaultModel();
  const alpha = Uint8Array.of(100);
  const lossless = (side: number): Uint8Array =>
    writeContainer({
      ...{ modelId: bytesOfHex(id), width: side, height: side, grey: false, alpha },
      ...{ payload: "plane", plane: Uint8Array.of(200) },
    });
  const plain = emptyModel(graph({ latents: 1, patch: { width: 16, height: 16 } }));
  const latents = async (side: number, parts = {}) => [
    plain,
    await streamFor(plain, { width: side, height: side }, parts),
  ];
  const large = emptyModel(graph({ latents: 64, synthesis: { hidden: [], blocks: 6, blockHidden: 65536 } }));
  const small = emptyModel(graph({ latents: 1 }));
  const whole = (open: string) => `const { data } = await (${open}).decode(files.at(-1)); told = String(data.length);`;
  const inRows = (open: string) =>
    `let count = 0; for await (const rows of (await (${open}).decodeRows(files.at(-1))).rows) count += rows.length; told = String(count);`;
  const embedded = "await loadCodec()";
  const given = "await loadDecoder(files[0])";
  const pixels = side * side;
  const opened = (maxMemory: number) => `
    const opened = await loadDecoder({ model: files[0], maxMemory: ${maxMemory} }).catch((error) => error);
    told = opened.code ?? "opened";`;
  const pictures = { told: String(4 * pixels) };
  const models = { files: [large], little: [small] };
  return [
    {
      name: "decode, lossless with alpha",
      stated: 4 * pixels,
      code: whole(embedded),
      files: [lossless(side)],
      little: [lossless(8)],
      ...pictures,
    },
    {
      name: "decodeRows, lossless with alpha",
      stated: 0,
      code: inRows(embedded),
      files: [lossless(side)],
      little: [lossless(8)],
      ...pictures,
    },
    {
      name: "decode",
      stated: 3 * pixels + 3 * stripPixels,
      code: whole(given),
      files: await latents(side),
      little: await latents(16),
      told: String(3 * pixels),
    },
    {
      name: "decode, with alpha",
      stated: 4 * pixels + 4 * stripPixels,
      code: whole(given),
      files: await latents(side, { alpha }),
      little: await latents(16, { alpha }),
      ...pictures,
    },
    {
      name: "decodeRows, with alpha",
      stated: 4 * stripPixels,
      code: inRows(given),
      files: await latents(side, { alpha }),
      little: await latents(16, { alpha }),
      ...pictures,
    },
    {
      name: "loadDecoder, beyond maxMemory",
      stated: 2 ** 27 + large.length,
      code: opened(2 ** 27),
      ...models,
      told: "memory-exceeded",
    },
    {
      name: "loadDecoder, within maxMemory",
      stated: 2 ** 29 + large.length,
      code: opened(2 ** 29),
      ...models,
      told: "opened",
    },
    { name: "loadModel", stated: large.length, code: "told = loadModel(files[0]).part;", ...models, told: "all" },
    { name: "inspect", stated: large.length, code: "told = inspect(files[0]).kind;", ...models, told: "model" },
  ];
}
