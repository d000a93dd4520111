import type { Kernels } from "../kernels/kernels.js";
import type { Parameter } from "../nn/parameters.js";
import type { ModelConfiguration } from "./configuration.js";
import { Network, type NetworkPart } from "./network.js";
import { receiverNetwork } from "./receiver-network.js";
import { storageOf } from "./storage.js";

/** What a file must hold of a parameter. */
export type ExpectedTensor = Pick<Parameter, "name" | "shape" | "count" | "storage">;

/** Kernels that do nothing, to lay a network out without asking for memory. */
export const planning = {
  call: { packedLength: () => 0, packedIntegerBytes: () => 0 },
  memory: { allocate: () => 0, allocateFloats: () => 0 },
} as unknown as Kernels;

/** Names and shapes of the parameters that a file must hold for a configuration, before any of them is allocated. */
export const expectedTensors = (configuration: ModelConfiguration, part: NetworkPart): readonly ExpectedTensor[] =>
  new Network(planning, configuration, { part }).parameters.all;

/** The same of what a receiver of pictures needs. */
export const receiverTensors = (configuration: ModelConfiguration): readonly ExpectedTensor[] =>
  receiverNetwork(planning, configuration).parameters.all;

/** Whether a parameter lies in files as whole numbers, with a scale for each column. */
export const hasWholeNumbers = (parameter: ExpectedTensor): boolean => typeof storageOf(parameter) === "object";
