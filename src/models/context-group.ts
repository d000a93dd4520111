import { type Activation, activationNumber } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { Dense, type DenseParts, denseParts, densePass, initializeDense, type WeightRounding } from "../nn/dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Parameters, Placed } from "../nn/parameters.js";
import type { Random } from "../nn/random.js";

/** The network's log scales are multiplied by this, so that they move fast enough; `predictGroup` does so, too. */
const logScaleFactor = 4;

export interface DescribedGroup {
  readonly first: number;
  readonly channels: number;
  readonly description: Pointer;
}

export interface GroupParts {
  readonly first: number;
  readonly channels: number;
  readonly activation: Activation;
  /** Absent where no channels come before. */
  readonly own: DenseParts | undefined;
  readonly inner: DenseParts;
  readonly out: DenseParts;
}

/** What is the same for all groups of a prior. */
interface GroupShape {
  readonly hidden: number;
  readonly activation: Activation;
  readonly weights: WeightRounding;
}

/** Of `channels` channels from channel `first` on. */
export const groupParts = (
  first: number,
  channels: number,
  { hidden, activation, weights }: GroupShape,
): GroupParts => ({
  first,
  channels,
  activation,
  own: first ? denseParts(first, hidden, { ...weights, sparseInputs: true }) : undefined,
  inner: denseParts(hidden, hidden, { activation, ...weights }),
  out: denseParts(hidden, 2 * channels, weights),
});

/** The part of the network that predicts one group of channels: out(act(hidden(act(context + own)))). */
export class ContextGroup {
  readonly first: number;
  readonly channels: number;
  readonly own: Dense | undefined;
  readonly inner: Dense;
  readonly out: Dense;
  readonly activation: number;

  constructor(
    readonly parameters: Parameters,
    { first, channels, activation, own, inner, out }: Placed<GroupParts>,
  ) {
    this.first = first;
    this.channels = channels;
    this.activation = activationNumber[activation];
    this.own = own && new Dense(parameters, own);
    this.inner = new Dense(parameters, inner);
    this.out = new Dense(parameters, out);
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

/** As a `Pass`, of two inputs. */
export interface GroupPass {
  readonly output: Grid;
  /** The gradients by the context and by the group's own cell. */
  backward(gradient: Grid): { readonly context: Grid; readonly own: Grid | undefined };
}

export function groupPass(group: ContextGroup, context: Grid, own: Grid | undefined): GroupPass {
  const { kernels } = group.parameters;
  const { call } = kernels;
  const { activation } = group;
  const before = group.own && own && densePass(group.own, own);
  const sum = before?.output ?? context;
  if (before) call.add(sizeOf(sum), context.pointer, sum.pointer, sum.pointer);
  const activated = gridLike(kernels, sum);
  call.activate(activation, sizeOf(sum), sum.pointer, activated.pointer);
  const inner = densePass(group.inner, activated);
  const outer = densePass(group.out, inner.output);
  return {
    output: scaleLogs(group, outer.output),
    backward(gradient) {
      const bySum = inner.backward(outer.backward(scaleLogs(group, gradient)));
      call.activateGradient(activation, sizeOf(bySum), sum.pointer, bySum.pointer, bySum.pointer);
      return { context: bySum, own: before?.backward(bySum) };
    },
  };
}

/** Multiplies the log scales among the outputs, or their gradients, in place. */
function scaleLogs({ parameters, channels }: ContextGroup, output: Grid): Grid {
  const { call, memory } = parameters.kernels;
  const factors = new Float32Array(2 * channels).fill(1).fill(logScaleFactor, channels);
  call.scaleColumns(rowsOf(output), output.channels, output.pointer, memory.place(factors), output.pointer);
  return output;
}
