import type { Activation } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { byteWeights, Dense, densePasses, initializeDense, type WeightRounding } from "./dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "./grid.js";
import type { Layer, Passes } from "./layer.js";
import type { Parameter, Parameters } from "./parameters.js";
import type { Random } from "./random.js";

/** Most rows that `infer` takes through both layers at once: they stay in the second-level cache. */
const chunkRows = 256;
/** Products that they make together: some milliseconds of work. */
const chunkProducts = 1 << 25;
const taps = 9;
const mixStorage = { type: "int16", largest: 255 } as const;
const centre = 4;

/** x + down(activation(up(depthwise3x3(x)))): mixes neighbours, then channels. Starts as the identity. */
export class ResidualBlock implements Layer {
  readonly mixWeight: Parameter;
  readonly mixBias: Parameter;
  readonly up: Dense;
  readonly down: Dense;
  /** What the last forward pass was given. */
  input: Grid | undefined;

  constructor(
    readonly parameters: Parameters,
    name: string,
    readonly channels: number,
    hidden: number,
    activation: Activation,
    weights: WeightRounding = byteWeights(),
  ) {
    this.mixWeight = parameters.declare(`${name}.mix.weight`, [taps, channels], 1, mixStorage);
    this.mixBias = parameters.declare(`${name}.mix.bias`, [channels]);
    this.up = new Dense(parameters, `${name}.up`, channels, hidden, { activation, ...weights });
    this.down = new Dense(parameters, `${name}.down`, hidden, channels, weights);
  }

  /** `output` may be the input itself. */
  infer(input: Grid, output = gridLike(this.parameters.kernels, input)): Grid {
    for (const _ of this.steps(input, output));
    return output;
  }

  /** `infer` in pieces, between which the caller may do something else. */
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
      this.mixWeight.value,
      this.mixBias.value,
      output.pointer,
    );
    return output;
  }
}

const rowPointer = (grid: Grid, row: number): Pointer => grid.pointer + row * grid.channels * 4;

export function initializeBlock({ parameters, channels, mixWeight, up }: ResidualBlock, random: Random): void {
  const weight = random.uniforms(taps * channels).map((value) => (2 * value - 1) / 6);
  for (let c = 0; c < channels; c++) weight[centre * channels + c] += 1;
  parameters.write(mixWeight, weight);
  initializeDense(up, random);
}

export const blockPasses: Passes<ResidualBlock> = {
  forward(layer, input) {
    layer.input = input;
    const hidden = densePasses.forward(layer.up, layer.mix(input));
    return addTo(layer, input, densePasses.forward(layer.down, hidden));
  },

  backward(layer, gradient) {
    const { parameters, input, channels, mixWeight, mixBias, up, down } = layer;
    const { kernels, training } = parameters;
    const { call } = kernels;
    if (!input) throw new Error("backward before forward");
    const { batch, height, width } = input;
    const mixed = densePasses.backward(up, densePasses.backward(down, gradient));
    const result = gridLike(kernels, input);
    if (training) {
      call.depthwiseWeightGradient(batch, height, width, channels, input.pointer, mixed.pointer, mixWeight.gradient);
      call.sumColumns(rowsOf(mixed), channels, mixed.pointer, mixBias.gradient, 1);
    }
    call.depthwiseInputGradient(batch, height, width, channels, mixed.pointer, mixWeight.value, result.pointer);
    return addTo(layer, gradient, result);
  },
};

/** Adds `left` onto `right` and returns `right`. */
function addTo({ parameters }: ResidualBlock, left: Grid, right: Grid): Grid {
  parameters.kernels.call.add(sizeOf(right), left.pointer, right.pointer, right.pointer);
  return right;
}
