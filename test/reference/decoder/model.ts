import { createHash } from "node:crypto";
import { round } from "../float32.js";
import { demand } from "./refused.js";
import { readTensorFile, type Tensor, type TensorFile, writeTensorFile } from "./safetensors.js";
import type { Tables } from "./symbol-reader.js";

/** docs/FORMAT.md, "Configuration": what a decoder has a use for. */
export interface Configuration {
  readonly channels: number;
  readonly patch: { readonly width: number; readonly height: number };
  readonly fixedSize: boolean;
  readonly synthesisMargin: number;
  readonly chroma?: "half";
  readonly latents: number;
  readonly activation: string;
  readonly synthesis: {
    readonly hidden: readonly number[];
    readonly blocks: number;
    readonly shortcut?: boolean;
    readonly blockKind?: string;
  };
  readonly prior:
    | { readonly kind: "static" | "none" }
    | { readonly kind: "context"; readonly groups: readonly number[] };
  readonly likelihood?: "gaussian" | "bernoulli";
  readonly qualityScale?: readonly number[];
  readonly weightLevels?: { readonly layers: number; readonly prior?: number };
  readonly coarser?: readonly Pick<Configuration, "patch" | "latents" | "synthesis" | "prior">[];
}

/** A model file, read for decoding (docs/FORMAT.md, "Model file"). */
export class ReferenceModel {
  readonly id: string;
  readonly configuration: Configuration;
  /** The model as each level of latents sees it, the finest first. */
  readonly levels: readonly ReferenceModel[];
  private readonly file: TensorFile;
  /** What the names of a level's tensors begin with. */
  private readonly prefix: string = "";

  constructor(bytes: Uint8Array) {
    this.file = readTensorFile(bytes);
    const { format, version, part, configuration } = this.file.metadata;
    demand(format === "isthmus-model" && version === "0", "no model, or one of another version");
    demand(part === "all" || part === "receiver", "a model of an unknown part");
    this.configuration = JSON.parse(configuration);
    demand(this.configuration.prior.kind !== "none", "a model that restores decodes nothing");
    demand((this.configuration.synthesis.blockKind ?? "residual") === "residual", "blocks of an unknown kind");
    this.id = idOf(this.file);
    this.levels = [this, ...(this.configuration.coarser ?? []).map((level, i) => this.levelOf(i + 1, level))];
    this.levels.slice(1).forEach(({ configuration: { patch, prior } }, i) => {
      const ratio = patch.width / this.levels[i].configuration.patch.width;
      demand(Number.isInteger(ratio) && ratio > 1 && patch.width === patch.height, "levels whose cells do not fit");
      demand(prior.kind === "context" && this.configuration.prior.kind === "context", "levels of different tables");
    });
  }

  private levelOf(level: number, { patch, latents, synthesis, prior }: NonNullable<Configuration["coarser"]>[number]) {
    const configuration = { ...this.configuration, patch, latents, synthesis, prior };
    return Object.create(this, { configuration: { value: configuration }, prefix: { value: `levels.${level}.` } });
  }

  private tensor(name: string): Tensor {
    const tensor = this.file.tensors.get(/^(tables|plane)\./.test(name) ? name : this.prefix + name);
    demand(tensor !== undefined, `no tensor ${name}`);
    return tensor;
  }

  has(name: string): boolean {
    return this.file.tensors.has(name);
  }

  shape(name: string): readonly number[] {
    return this.tensor(name).shape;
  }

  /** The elements of a tensor as they are written. */
  elements(name: string): Float64Array {
    return elementsOf(this.tensor(name));
  }

  /** The floats of a tensor of weights. */
  weights(name: string): Float32Array {
    const tensor = this.tensor(name);
    const elements = elementsOf(tensor);
    if (tensor.type !== "I8" && tensor.type !== "I16") return Float32Array.from(elements);
    const scale = this.weights(`${name}.scale`);
    return Float32Array.from(elements, (element, i) => round(element * scale[i % scale.length]));
  }

  get tables(): Tables {
    return {
      minimum: this.elements("tables.minimum"),
      size: this.elements("tables.size"),
      frequencies: Uint16Array.from(this.elements("tables.frequencies")),
    };
  }
}

const forSendersAlone = /^(levels\.\d+\.)?(analysis|gain|likelihood)\./;

function idOf({ metadata: { format, version, configuration }, tensors }: TensorFile): string {
  const receiver = writeTensorFile({
    metadata: { format, version, configuration, part: "receiver" },
    tensors: new Map([...tensors].filter(([name]) => !forSendersAlone.test(name))),
  });
  return createHash("sha256").update(receiver).digest("hex").slice(0, 16);
}

function elementsOf({ type, bytes }: Tensor): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const read: Record<string, readonly [width: number, at: (offset: number) => number]> = {
    F32: [4, (offset) => view.getFloat32(offset, true)],
    I32: [4, (offset) => view.getInt32(offset, true)],
    F16: [2, (offset) => halfFloat(view.getUint16(offset, true))],
    U16: [2, (offset) => view.getUint16(offset, true)],
    I16: [2, (offset) => view.getInt16(offset, true)],
    I8: [1, (offset) => view.getInt8(offset)],
    U8: [1, (offset) => view.getUint8(offset)],
  };
  const [width, at] = read[type];
  return Float64Array.from({ length: bytes.length / width }, (_, i) => at(i * width));
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  demand(exponent < 31, "a weight that is not finite");
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** docs/FORMAT.md, "Dense layers in integers": W of the layers of blocks and of the prior. */
export const layerLevels = ({ configuration }: ReferenceModel): number => configuration.weightLevels?.layers ?? 127;
export const priorLevels = (model: ReferenceModel): number =>
  model.configuration.weightLevels?.prior ?? layerLevels(model);
