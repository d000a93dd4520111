import type { Activation } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { Dense, denseParts, densePass, initializeDense, type WeightRounding } from "./dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "./grid.js";
import type { LatentLayer, Pass } from "./layer.js";
import { type Parameters, type Placed, trained } from "./parameters.js";
import type { Random } from "./random.js";

/** Most rows that `infer` takes through both layers at once: they stay in the second-level cache. */
const chunkRows = 256;
/** Products that they make together: some milliseconds of work. */
const chunkProducts = 1 << 25;
const taps = 9;
const mixStorage = { type: "int16", largest: 255 } as const;
const centre = 4;

export interface BlockShape {
  readonly channels: number;
  readonly hidden: number;
  readonly activation: Activation;
  readonly weights: WeightRounding;
}

export type ResidualParts = ReturnType<typeof residualParts>;

export const residualParts = ({ channels, hidden, activation, weights }: BlockShape) => ({
  mix: { weight: trained([taps, channels], 1, mixStorage), bias: trained([channels]) },
  up: denseParts(channels, hidden, { activation, ...weights }),
  down: denseParts(hidden, channels, weights),
});

/** x + down(activation(up(depthwise3x3(x)))): mixes neighbours, then channels. Starts as the identity. */
export class ResidualBlock implements LatentLayer {
  readonly kind = "residual";
  readonly reach = 1;
  readonly mixing: Placed<ResidualParts["mix"]>;
  readonly up: Dense;
  readonly down: Dense;
  readonly channels: number;

  constructor(
    readonly parameters: Parameters,
    { mix, up, down }: Placed<ResidualParts>,
  ) {
    this.mixing = mix;
    this.up = new Dense(parameters, up);
    this.down = new Dense(parameters, down);
    this.channels = this.up.inputs;
  }

  infer(input: Grid): Grid {
    const output = gridLike(this.parameters.kernels, input);
    for (const _ of this.steps(input, output));
    return output;
  }

  *steps(input: Grid, output: Grid): Generator<void, void, void> {
    const { call, memory } = this.parameters.kernels;
    const { channels, up, down } = this;
    const rows = rowsOf(input);
    const mark = memory.mark();
    const mixed = this.mix(input);
    const step = Math.min(chunkRows, Math.ceil(chunkProducts / (2 * channels * up.outputs)));
    for (let first = 0; first < rows; first += step) {
      yield;
      memory.scope(() => {
        const width = Math.min(step, rows - first);
        const chunk: Grid = { pointer: rowPointer(mixed, first), batch: 1, height: 1, width, channels };
        down.inferInto(up.infer(chunk), chunk);
        call.add(sizeOf(chunk), rowPointer(input, first), chunk.pointer, rowPointer(output, first));
      });
    }
    memory.release(mark);
  }

  mix(input: Grid): Grid {
    const { kernels } = this.parameters;
    const output = gridLike(kernels, input);
    kernels.call.depthwise(
      input.batch,
      input.height,
      input.width,
      this.channels,
      input.pointer,
      this.mixing.weight.value,
      this.mixing.bias.value,
      output.pointer,
    );
    return output;
  }
}

const rowPointer = (grid: Grid, row: number): Pointer => grid.pointer + row * grid.channels * 4;

export function initializeResidual({ parameters, channels, mixing, up }: ResidualBlock, random: Random): void {
  const weight = random.uniforms(taps * channels).map((value) => (2 * value - 1) / 6);
  for (let c = 0; c < channels; c++) weight[centre * channels + c] += 1;
  parameters.write(mixing.weight, weight);
  initializeDense(up, random);
}

export function residualPass(layer: ResidualBlock, input: Grid): Pass {
  const { parameters, channels } = layer;
  const { weight, bias } = layer.mixing;
  const { kernels, training } = parameters;
  const { call } = kernels;
  /** Adds `left` onto `right` and returns `right`. */
  const addTo = (left: Grid, right: Grid): Grid => {
    call.add(sizeOf(right), left.pointer, right.pointer, right.pointer);
    return right;
  };
  const up = densePass(layer.up, layer.mix(input));
  const down = densePass(layer.down, up.output);
  return {
    output: addTo(input, down.output),
    backward(gradient) {
      const { batch, height, width, pointer } = input;
      const mixed = up.backward(down.backward(gradient));
      const result = gridLike(kernels, input);
      if (training) {
        call.depthwiseWeightGradient(batch, height, width, channels, pointer, mixed.pointer, weight.gradient);
        call.sumColumns(rowsOf(mixed), channels, mixed.pointer, bias.gradient, 1);
      }
      call.depthwiseInputGradient(batch, height, width, channels, mixed.pointer, weight.value, result.pointer);
      return addTo(gradient, result);
    },
  };
}
