import { type Activation, activationNumber } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { byteWeights, Dense, densePasses, initializeDense, type WeightRounding } from "../nn/dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Parameters } from "../nn/parameters.js";
import type { Random } from "../nn/random.js";

/** The network's log scales are multiplied by this, so that they move fast enough; `predictGroup` does so, too. */
const logScaleFactor = 4;

export interface DescribedGroup {
  readonly first: number;
  readonly channels: number;
  readonly description: Pointer;
}

/** The part of the network that predicts one group of channels: out(act(hidden(act(context + own)))). */
export class ContextGroup {
  readonly first: number;
  readonly channels: number;
  readonly own: Dense | undefined;
  readonly inner: Dense;
  readonly out: Dense;
  readonly activation: number;
  /** What the last forward pass activated. */
  sum: Grid | undefined;

  constructor(
    readonly parameters: Parameters,
    name: string,
    shape: { first: number; channels: number; hidden: number; activation: Activation; weights?: WeightRounding },
  ) {
    const { first, channels, hidden, activation, weights = byteWeights() } = shape;
    this.first = first;
    this.channels = channels;
    this.activation = activationNumber[activation];
    this.own = first
      ? new Dense(parameters, `${name}.own`, first, hidden, { ...weights, sparseInputs: true })
      : undefined;
    this.inner = new Dense(parameters, `${name}.inner`, hidden, hidden, { activation, ...weights });
    this.out = new Dense(parameters, `${name}.out`, hidden, 2 * channels, weights);
  }

  /** Places what `predictGroup` knows of it, as assembly/context-group.ts reads it. */
  describe(): DescribedGroup {
    const products = [this.own, this.inner, this.out].map((layer) => layer?.product?.description ?? 0);
    const { first, channels, activation } = this;
    const { memory } = this.parameters.kernels;
    return { first, channels, description: memory.place(Int32Array.of(first, channels, activation, ...products)) };
  }
}

export function initializeGroup({ parameters, channels, own, inner, out }: ContextGroup, random: Random): void {
  for (const layer of [own, inner, out]) if (layer) initializeDense(layer, random);
  const weight = parameters.read(out.weight);
  parameters.write(
    out.weight,
    weight.map((value) => value * 0.1),
  );
  parameters.write(out.bias, new Float32Array(2 * channels));
}

export const groupPasses = {
  forward(group: ContextGroup, context: Grid, own: Grid | undefined): Grid {
    const { kernels } = group.parameters;
    const sum = group.own && own ? densePasses.forward(group.own, own) : context;
    if (sum !== context) kernels.call.add(sizeOf(sum), context.pointer, sum.pointer, sum.pointer);
    group.sum = sum;
    const activated = gridLike(kernels, sum);
    kernels.call.activate(group.activation, sizeOf(sum), sum.pointer, activated.pointer);
    const inner = densePasses.forward(group.inner, activated);
    return scaleLogs(group, densePasses.forward(group.out, inner));
  },

  backward(group: ContextGroup, gradient: Grid): { context: Grid; own: Grid | undefined } {
    const { call } = group.parameters.kernels;
    if (!group.sum) throw new Error("backward before forward");
    const outer = densePasses.backward(group.out, scaleLogs(group, gradient));
    const inner = densePasses.backward(group.inner, outer);
    call.activateGradient(group.activation, sizeOf(inner), group.sum.pointer, inner.pointer, inner.pointer);
    return { context: inner, own: group.own && densePasses.backward(group.own, inner) };
  },
};

/** Multiplies the log scales among the outputs, or their gradients, in place. */
function scaleLogs({ parameters, channels }: ContextGroup, output: Grid): Grid {
  const { call, memory } = parameters.kernels;
  const factors = new Float32Array(2 * channels).fill(1).fill(logScaleFactor, channels);
  call.scaleColumns(rowsOf(output), output.channels, output.pointer, memory.place(factors), output.pointer);
  return output;
}
