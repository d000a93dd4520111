import { IsthmusError } from "../ground/errors.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../ground/safetensors.js";
import type { Steps } from "../ground/steps.js";
import { checkConfiguration } from "../models/check-sender.js";
import { Model } from "../models/model.js";
import type { Network } from "../models/network.js";
import { type PlaneContexts, planeTensors, readPlaneContexts } from "../models/plane-contexts.js";
import type { ParameterState } from "../nn/parameters.js";
import type { Optimiser } from "./optimiser.js";
import type { TrainPlan } from "./plan.js";
import { receiverMatrices } from "./settle.js";

const format = "isthmus-checkpoint";
/** Another version goes on otherwise, or holds something else. */
const version = "3";
const parentName = "parent";
const states: readonly ParameterState[] = ["value", "moment1", "moment2", "average"];

/** Everything that training needs to go on exactly where it stood. Random numbers need no state: each step seeds its own. */
export interface Checkpoint {
  readonly plan: TrainPlan;
  /** Steps done. */
  readonly step: number;
  /** Present where the receiver's matrices have settled near the parent's: see settle.ts. */
  readonly isSettled?: boolean;
  /** Seconds spent so far. */
  readonly seconds: number;
  /** Where the schedule follows the clock: what is written down of it so far, see schedule.ts. */
  readonly firstSteps?: readonly number[];
  /** The digest of all images, see image-digest.ts. */
  readonly images: { readonly count: number; readonly digest: string };
  /** Early stopping: see held-out.ts. */
  readonly bestLoss: number | null;
  readonly sinceBest: number;
  readonly evaluations: number;
  readonly evaluatedAt: number;
}

/** What a checkpoint holds beside numbers and the network. */
export interface KeptTensors {
  /** The best weights so far, by the parameters' names; empty where there are none. */
  readonly best: ReadonlyMap<string, Float32Array>;
  /** Of the model that training started from, or of its images. */
  readonly planes: PlaneContexts | undefined;
  /** The plain file of the model that the result will be the difference to. */
  readonly parent: Uint8Array | undefined;
}

/** The bytes of a checkpoint, in steps: nothing of what it holds may change before the last. */
export function* writeCheckpoint(
  { parameters }: Network,
  optimiser: Optimiser,
  checkpoint: Checkpoint,
  { best, planes, parent }: KeptTensors,
): Steps<Uint8Array> {
  const { memory } = parameters.kernels;
  const tensors = new Map<string, Tensor>(planes ? planeTensors(planes) : []);
  if (parent) tensors.set(parentName, { dtype: "U8", shape: [parent.length], data: parent });
  for (const parameter of parameters.all) {
    for (const state of states) {
      tensors.set(`${state}.${parameter.name}`, floats(parameter.shape, parameters.read(parameter, state)));
    }
    const kept = best.get(parameter.name);
    if (kept) tensors.set(`best.${parameter.name}`, floats(parameter.shape, kept));
    yield;
  }
  for (const { name, shape, pointer } of optimiser.state) {
    tensors.set(name, floats(shape, memory.f32(pointer, countOf(shape)).slice()));
    yield;
  }
  return writeSafetensors({ tensors, metadata: { format, version, checkpoint: JSON.stringify(checkpoint) } });
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

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

  /** Throws `not-isthmus`, `unsupported-version`, `truncated`, `corrupt` or `invalid-model` where the bytes are no checkpoint of this version. */
  static read(bytes: Uint8Array): SavedTraining {
    const { tensors, metadata } = readSafetensors(bytes);
    if (metadata.format !== format) throw new IsthmusError("not-isthmus", "This file is not an Isthmus checkpoint");
    if (metadata.version !== version) {
      throw new IsthmusError(
        "unsupported-version",
        `Expected a checkpoint of version ${version} but received one of version ${metadata.version ?? 1}, which only the Isthmus that wrote it can go on from`,
      );
    }
    const checkpoint = parse(metadata.checkpoint);
    checkConfiguration(checkpoint?.plan?.configuration);
    return new SavedTraining(checkpoint, tensors);
  }

  /** Writes the saved state into a network of the plan's configuration and its optimiser, and returns what else was kept. */
  restore(
    network: Network,
    optimiser: Optimiser,
  ): { best: Map<string, Float32Array>; planes: PlaneContexts | undefined; parent: Model | undefined } {
    const { parameters } = network;
    const best = new Map<string, Float32Array>();
    for (const parameter of parameters.all) {
      for (const state of states) {
        parameters.write(parameter, this.values(`${state}.${parameter.name}`, parameter.count), state);
      }
      const name = `best.${parameter.name}`;
      if (this.tensors.has(name)) best.set(parameter.name, this.values(name, parameter.count));
    }
    for (const { name, shape, pointer } of optimiser.state) {
      const count = countOf(shape);
      parameters.kernels.memory.f32(pointer, count).set(this.values(name, count));
    }
    network.prepare();
    optimiser.prepare();
    const { plan, isSettled } = this.checkpoint;
    if (plan.difference !== undefined) optimiser.settle(receiverMatrices(network)[isSettled ? "all" : "kept"]);
    return { best, planes: readPlaneContexts(this.tensors), parent: this.parent() };
  }

  private parent(): Model | undefined {
    if (this.checkpoint.plan.difference === undefined) return undefined;
    const file = this.tensors.get(parentName)?.data;
    if (file) return Model.read(file);
    throw new IsthmusError("invalid-model", "The checkpoint holds no parent for the difference that it is to become");
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
