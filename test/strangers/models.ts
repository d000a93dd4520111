import { type Tensor, writeSafetensors } from "../../src/ground/safetensors.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { expectedTensors } from "../../src/models/network.js";
import { photoConfiguration } from "../../src/models/presets.js";
import { storageOf } from "../../src/models/storage.js";

/** Models that nobody would train: valid files whose every weight is 0, of graphs that cost much. */

const bytesOf = (values: Int32Array | Uint16Array): Uint8Array => new Uint8Array(values.buffer);

/** The file of a model whose most probable symbol, 0, costs next to nothing. */
export function emptyModel(configuration: ModelConfiguration): Uint8Array {
  const tensors = new Map<string, Tensor>();
  for (const parameter of expectedTensors(configuration, "all")) {
    const { name, shape, count } = parameter;
    const storage = storageOf(parameter);
    const integers = typeof storage === "object";
    const [dtype, width] = ({ float32: ["F32", 4], float16: ["F16", 2], int16: ["I16", 2], int8: ["I8", 1] } as const)[
      integers ? storage.type : storage
    ];
    tensors.set(name, { dtype, shape, data: new Uint8Array(count * width) });
    const columns = shape[shape.length - 1];
    if (integers) {
      tensors.set(`${name}.scale`, { dtype: "F32", shape: [columns], data: new Uint8Array(columns * 4) });
    }
  }
  const count = configuration.prior.kind === "static" ? 64 : 240;
  const vector = (name: string, dtype: Tensor["dtype"], values: Int32Array | Uint16Array) =>
    tensors.set(name, { dtype, shape: [values.length], data: bytesOf(values) });
  vector("tables.minimum", "I32", new Int32Array(count));
  vector("tables.size", "I32", new Int32Array(count).fill(1));
  vector(
    "tables.frequencies",
    "U16",
    Uint16Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 1 : 65535)),
  );
  const texts = { configuration: JSON.stringify(configuration), training: "{}" };
  return writeSafetensors({ tensors, metadata: { format: "isthmus-model", version: "0", part: "all", ...texts } });
}

const plain = { hidden: [], blocks: 0, blockHidden: 0 };

/** A graph without blocks, with a static prior, with something else in it. */
export const graph = (changes: Partial<ModelConfiguration>): ModelConfiguration => ({
  ...photoConfiguration({ channels: 3, latents: 4 }),
  analysisMargin: 0,
  synthesisMargin: 0,
  analysis: plain,
  synthesis: plain,
  prior: { kind: "static" },
  ...changes,
});
