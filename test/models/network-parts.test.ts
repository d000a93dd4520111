import { describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { expectedTensors, Network } from "../../src/models/network.js";
import * as presets from "../../src/models/presets.js";
import { receiverNetwork, receiverTensors } from "../../src/models/receiver-network.js";
import { Parameters, type TrainedTensor } from "../../src/nn/parameters.js";

const kernels = await loadKernels();
const size = { channels: 1, width: 12, height: 10, latents: 6 } as const;
const restoration = { corruption: "noise:25", scale: 1 };

const configurations: Record<string, ModelConfiguration> = {
  photo: presets.photoConfiguration({ channels: 3, latents: 24 }),
  vector: presets.vectorConfiguration(size),
  variational: presets.variationalConfiguration({ ...size, channels: 3, beta: 1 }),
  "variational of probabilities": presets.variationalConfiguration({ ...size, beta: 1 }),
  sparse: presets.sparseConfiguration({ ...size, sparsity: { kind: "k", active: 2 } }),
  "restoring photos": presets.restoringPhotoConfiguration({ channels: 1, latents: 8, restoration }),
  "restoring vectors": presets.restoringVectorConfiguration({ ...size, restoration }),
};

const described = (tensors: readonly TrainedTensor[]) =>
  tensors.map(({ name, shape, count, learningRateMultiplier, storage }) => ({
    ...{ name, shape, count, learningRateMultiplier, storage },
  }));

/** A network is made from its parts, and its file is checked by them, before there is one. */
describe.each(Object.entries(configurations))("the parts of a network, %s", (_, configuration) => {
  it.each(["all", "receiver"] as const)("name the tensors that it declares, in their order: %s", (part) => {
    const { parameters } = new Network(kernels, configuration, { part });
    expect(described(parameters.all)).toEqual(described(expectedTensors(configuration, part)));
  });

  it("have those of a receiver at their end, and its network declares these alone", () => {
    const names = (tensors: readonly TrainedTensor[]) => tensors.map(({ name }) => name);
    const receiver = names(receiverTensors(configuration));
    expect(names(receiverNetwork(new Parameters(kernels), configuration).parameters.all)).toEqual(receiver);
    expect(names(expectedTensors(configuration, "all")).slice(-receiver.length)).toEqual(receiver);
  });
});
