import { IsthmusError } from "../errors.js";
import { checkConfiguration } from "../models/check-configuration.js";
import type { Network } from "../models/network.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../models/safetensors.js";
import type { ParameterState } from "../nn/parameters.js";
import type { TrainPlan } from "./plan.js";

const format = "isthmus-checkpoint";
const states: readonly ParameterState[] = ["value", "moment1", "moment2", "average"];

/** Everything that training needs to go on exactly where it stood. Random numbers need no state: each step seeds its own. */
export interface Checkpoint {
  readonly plan: TrainPlan;
  /** Steps done. */
  readonly step: number;
  /** Seconds spent so far. */
  readonly seconds: number;
  /** Number of images, to notice another training set. */
  readonly images: number;
  /** Early stopping: the lowest held-out loss so far and the evaluations since. */
  readonly bestLoss: number | null;
  readonly sinceBest: number;
}

export function writeCheckpoint(
  network: Network,
  checkpoint: Checkpoint,
  best: ReadonlyMap<string, Float32Array>,
): Uint8Array {
  const { parameters } = network;
  const tensors = new Map<string, Tensor>();
  for (const parameter of parameters.all) {
    for (const state of states) {
      tensors.set(`${state}.${parameter.name}`, floats(parameter.shape, parameters.read(parameter, state)));
    }
    const kept = best.get(parameter.name);
    if (kept) tensors.set(`best.${parameter.name}`, floats(parameter.shape, kept));
  }
  return writeSafetensors({ tensors, metadata: { format, checkpoint: JSON.stringify(checkpoint) } });
}

const floats = (shape: readonly number[], values: Float32Array): Tensor => ({
  dtype: "F32",
  shape,
  data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

export class SavedTraining {
  private constructor(
    readonly checkpoint: Checkpoint,
    private readonly tensors: ReadonlyMap<string, Tensor>,
  ) {}

  /** Throws `not-isthmus`, `truncated`, `corrupt` or `invalid-model` where the bytes are no checkpoint. */
  static read(bytes: Uint8Array): SavedTraining {
    const { tensors, metadata } = readSafetensors(bytes);
    if (metadata.format !== format) throw new IsthmusError("not-isthmus", "This file is not an Isthmus checkpoint");
    const checkpoint = parse(metadata.checkpoint);
    checkConfiguration(checkpoint?.plan?.configuration);
    return new SavedTraining(checkpoint, tensors);
  }

  /** Writes the saved state into a network of the plan's configuration; returns the best weights kept for early stopping. */
  restore(network: Network): Map<string, Float32Array> {
    const { parameters } = network;
    const best = new Map<string, Float32Array>();
    for (const parameter of parameters.all) {
      for (const state of states) {
        parameters.write(parameter, this.values(`${state}.${parameter.name}`, parameter.count), state);
      }
      const name = `best.${parameter.name}`;
      if (this.tensors.has(name)) best.set(parameter.name, this.values(name, parameter.count));
    }
    network.prepare();
    return best;
  }

  private values(name: string, count: number): Float32Array {
    const tensor = this.tensors.get(name);
    if (tensor?.dtype !== "F32" || tensor.data.length !== count * 4) {
      throw new IsthmusError("invalid-model", `The checkpoint holds no tensor "${name}" of ${count} floats`);
    }
    return new Float32Array(tensor.data.slice().buffer);
  }
}

function parse(text: string | undefined): Checkpoint {
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    throw new IsthmusError("corrupt", "The checkpoint's state is not valid JSON", { cause });
  }
}
