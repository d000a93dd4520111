import type { Kernels } from "../kernels/kernels.js";
import { type Parameters, type TrainedTensor, tensorsIn } from "../nn/parameters.js";
import { levelsOf, type ModelConfiguration } from "./configuration.js";
import { ReceiverLevel, receiverParts } from "./receiver-level.js";

/** The layers that a receiver needs of one model, over one kernel instance: everything from symbols to pixels. */
export class ReceiverNetwork {
  readonly kernels: Kernels;

  constructor(
    readonly parameters: Parameters,
    readonly configuration: ModelConfiguration,
    readonly levels: readonly ReceiverLevel[],
  ) {
    this.kernels = parameters.kernels;
  }
}

/** What the names of a level's tensors begin with. */
export const nameOf = (level: number): string => (level ? `levels.${level}.` : "");

/** The tensors that a receiver needs of a model of this configuration. */
export const receiverTensors = (configuration: ModelConfiguration): readonly TrainedTensor[] =>
  levelsOf(configuration).flatMap((c, level) => tensorsIn(receiverParts(c), nameOf(level)));

/** The receiver's network in a store of parameters. */
export const receiverNetwork = (parameters: Parameters, configuration: ModelConfiguration): ReceiverNetwork =>
  new ReceiverNetwork(
    parameters,
    configuration,
    levelsOf(configuration).map(
      (c, level) => new ReceiverLevel(parameters, c, parameters.place(receiverParts(c), nameOf(level))),
    ),
  );
