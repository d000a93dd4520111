import type { Kernels } from "../kernels/kernels.js";
import type { Storage } from "../nn/parameters.js";
import type { ModelConfiguration } from "./configuration.js";
import { Network, type NetworkPart } from "./network.js";

export interface ExpectedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly storage: Storage;
}

/** Kernels that do nothing, to lay a network out without asking for memory. */
export const planning = {
  call: { fill: () => {}, packedLength: () => 0, packedIntegerBytes: () => 0 },
  memory: { allocate: () => 0, allocateFloats: () => 0 },
} as unknown as Kernels;

/** Names and shapes of the parameters that a file must hold for a configuration, before any of them is allocated. */
export function expectedTensors(configuration: ModelConfiguration, part: NetworkPart): readonly ExpectedTensor[] {
  return new Network(planning, configuration, { part }).parameters.all;
}
