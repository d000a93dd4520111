import type { Tensor } from "../ground/safetensors.js";
import type { Steps } from "../ground/steps.js";
import { mayDiffer } from "../models/difference.js";
import { encodeFile } from "../models/encode-file.js";
import type { Model } from "../models/model.js";
import type { Network } from "../models/network.js";
import { receiverTensors } from "../models/receiver-network.js";
import { besideParent, hasWholeNumbers, storedValues, type TensorMap } from "../models/storage.js";
import type { Parameter } from "../nn/parameters.js";

/** Where an own model ends up beside its parent: see docs/decisions/0054. */

/** A change below so many units is dropped: those between a half and it are many, and gain little. */
const leastUnits = 0.8;
/** Halvings of the interval in which the common unit is looked for. */
const halvings = 12;

/** The matrices of a receiver: nearly all bytes of its half. Those of the synthesis stay the parent's from the beginning: the few bytes do more in the prior, and pixels bear no coarse changes. */
export function receiverMatrices({ parameters, configuration }: Network) {
  const names = new Set(receiverTensors(configuration).map(({ name }) => name));
  const all = parameters.all.filter((parameter) => names.has(parameter.name) && hasWholeNumbers(parameter));
  const isPriors = ({ name }: Parameter): boolean => name.startsWith("prior.");
  return { all, free: all.filter(isPriors), kept: all.filter((parameter) => !isPriors(parameter)) };
}

/**
 * Brings the matrices of the receiver, from their averages, so near to the parent's that the receiver's half takes about `mostBytes` as a difference to it. All changes of a
 * matrix become multiples of one unit, which is the larger the less the loss minds.
 */
export function* settle(network: Network, parent: Model, mostBytes: number): Steps<void> {
  const { parameters, configuration } = network;
  const before = parent.tensorsOf("receiver");
  const kin = { id: parent.id, parent: parent.id, part: "receiver", tensors: before } as const;
  const matrices = receiverMatrices(network).free.map((parameter) => new Settling(network, parameter, before));
  const settled = new Set(matrices.map(({ parameter }) => parameter.name));
  const others: [string, Tensor][] = [];
  for (const { name } of receiverTensors(configuration)) {
    const parameter = parameters.all.find((one) => one.name === name)!;
    if (!settled.has(name)) others.push(...besideParent(before)(parameter, parameters.read(parameter, "average")));
  }
  for (const [name, tensor] of before) if (mayDiffer.test(name)) others.push([name, tensor]);
  const metadata = { configuration: JSON.stringify(configuration) };
  let [low, high] = [-30, 10];
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    const tensors = new Map([...others, ...matrices.flatMap((matrix) => matrix.tensors(2 ** middle))]);
    const { length } = yield* encodeFile({ tensors, metadata }, kin);
    if (length > mostBytes) low = middle;
    else high = middle;
  }
  for (const matrix of matrices) {
    const { parameter } = matrix;
    const values = storedValues(parameter, new Map(matrix.tensors(2 ** high)));
    parameters.write(parameter, values);
    parameters.write(parameter, values, "average");
    yield;
  }
  network.prepare();
}

class Settling {
  private readonly before: Int8Array | Int16Array;
  /** Where training went, in steps of the parent's grid from where the parent is. */
  private readonly way: Float32Array;
  /** Units of this matrix, in steps of the grid, where the common one is 1. */
  private readonly step: number;
  private readonly scales: Tensor;
  /** The largest size in each column. */
  private readonly mosts: Float32Array;
  private readonly stored: Tensor;

  constructor(
    network: Network,
    readonly parameter: Parameter,
    tensors: TensorMap,
  ) {
    const { parameters } = network;
    this.stored = tensors.get(parameter.name)!;
    this.scales = tensors.get(`${parameter.name}.scale`)!;
    const buffer = this.stored.data.slice().buffer;
    this.before = this.stored.dtype === "I8" ? new Int8Array(buffer) : new Int16Array(buffer);
    const scales = new Float32Array(this.scales.data.slice().buffer);
    const columns = scales.length;
    this.mosts = new Float32Array(columns);
    this.before.forEach((value: number, i: number) => {
      this.mosts[i % columns] = Math.max(this.mosts[i % columns], Math.abs(value));
    });
    const mean = (values: Float32Array, of: (value: number) => number): number =>
      values.reduce((sum, value) => sum + of(value), 0) / values.length;
    this.way = parameters
      .read(parameter, "average")
      .map((value, i) => value / (scales[i % columns] || 1) - this.before[i]);
    // The loss grows with the square of a change, and with that of the gradients, as far as they tell.
    const curvature = mean(parameters.read(parameter, "moment2"), (square) => square);
    const scale = Math.sqrt(mean(scales, (value) => value * value));
    this.step = 1 / (Math.sqrt(curvature) * scale + 1e-20);
  }

  tensors(common: number): [string, Tensor][] {
    const { before, way, step, stored, scales, parameter, mosts } = this;
    const exact = common * step;
    const unit = Math.max(1, Math.min(2 ** 15, Math.round(exact)));
    const after = before.slice();
    way.forEach((change, i) => {
      const most = mosts[i % mosts.length];
      // The largest of a column stay: inference in integers scales columns by them.
      if (Math.abs(change) < leastUnits * exact || Math.abs(before[i]) === most) return;
      const value = before[i] + unit * Math.round(change / unit);
      if (Math.abs(value) <= most) after[i] = value;
    });
    const data = new Uint8Array(after.buffer);
    return [
      [parameter.name, { ...stored, data }],
      [`${parameter.name}.scale`, scales],
    ];
  }
}
