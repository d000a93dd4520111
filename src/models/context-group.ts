import { type Activation, activationNumber } from "../kernels/interface.js";
import { byteWeights, Dense } from "../nn/dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Parameters } from "../nn/parameters.js";
import type { Random } from "../nn/random.js";

/** The network's log scales are multiplied by this, so that they move fast enough; `predictSymbols` does so, too. */
const logScaleFactor = 4;

/** Of a layer whose inputs are dequantized symbols. */
export const symbolInputs = { ...byteWeights, sparseInputs: true } as const;

/** The part of the network that predicts one group of channels: out(act(hidden(act(context + own)))). */
export class ContextGroup {
  readonly first: number;
  readonly channels: number;
  private readonly own: Dense | undefined;
  private readonly inner: Dense;
  private readonly out: Dense;
  private readonly activation: number;
  private sum: Grid | undefined;

  constructor(
    private readonly parameters: Parameters,
    name: string,
    shape: { first: number; channels: number; hidden: number; activation: Activation },
  ) {
    const { first, channels, hidden, activation } = shape;
    this.first = first;
    this.channels = channels;
    this.activation = activationNumber[activation];
    this.own = first ? new Dense(parameters, `${name}.own`, first, hidden, symbolInputs) : undefined;
    this.inner = new Dense(parameters, `${name}.inner`, hidden, hidden, { activation, ...byteWeights });
    this.out = new Dense(parameters, `${name}.out`, hidden, 2 * channels, byteWeights);
  }

  initialize(random: Random): void {
    this.own?.initialize(random);
    this.inner.initialize(random);
    this.out.initialize(random);
    const weight = this.parameters.read(this.out.weight);
    this.parameters.write(
      this.out.weight,
      weight.map((value) => value * 0.1),
    );
    this.parameters.write(this.out.bias, new Float32Array(2 * this.channels));
  }

  prepare(): void {
    for (const layer of [this.own, this.inner, this.out]) layer?.prepare();
  }

  /** `own`: the channels before this group, undefined for the first. */
  forward(context: Grid, own: Grid | undefined): Grid {
    this.sum = this.add(context, own && this.own?.forward(own));
    return this.scaleLogs(this.out.forward(this.inner.forward(this.activate(this.sum))));
  }

  backward(gradient: Grid): { context: Grid; own: Grid | undefined } {
    const { call } = this.parameters.kernels;
    if (!this.sum) throw new Error("backward before forward");
    const inner = this.inner.backward(this.out.backward(this.scaleLogs(gradient)));
    call.activateGradient(this.activation, sizeOf(inner), this.sum.pointer, inner.pointer, inner.pointer);
    return { context: inner, own: this.own?.backward(inner) };
  }

  /** As `forward`, but with the log scales as the network has them: `predictSymbols` multiplies them. */
  infer(context: Grid, own: Grid | undefined): Grid {
    const sum = this.add(context, own && this.own?.infer(own));
    return this.out.infer(this.inner.infer(this.activate(sum)));
  }

  private add(context: Grid, own: Grid | undefined): Grid {
    if (!own) return context;
    this.parameters.kernels.call.add(sizeOf(own), context.pointer, own.pointer, own.pointer);
    return own;
  }

  private activate(grid: Grid): Grid {
    const { kernels } = this.parameters;
    const output = gridLike(kernels, grid);
    kernels.call.activate(this.activation, sizeOf(grid), grid.pointer, output.pointer);
    return output;
  }

  /** Multiplies the log scales among the outputs, or their gradients, in place. */
  private scaleLogs(output: Grid): Grid {
    const { call, memory } = this.parameters.kernels;
    const factors = new Float32Array(2 * this.channels).fill(1).fill(logScaleFactor, this.channels);
    call.scaleColumns(rowsOf(output), output.channels, output.pointer, memory.place(factors), output.pointer);
    return output;
  }
}
