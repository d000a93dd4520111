import type { Activation } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { byteWeights, Dense } from "./dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "./grid.js";
import type { Layer } from "./layer.js";
import type { Parameter, Parameters } from "./parameters.js";
import type { Random } from "./random.js";

/** Rows that `infer` takes through both layers at once: they stay in the second-level cache. */
const chunkRows = 256;
const taps = 9;
const centre = 4;

/** x + down(activation(up(depthwise3x3(x)))): mixes neighbours, then channels. Starts as the identity. */
export class ResidualBlock implements Layer {
  private readonly mixWeight: Parameter;
  private readonly mixBias: Parameter;
  private readonly up: Dense;
  private readonly down: Dense;
  private input: Grid | undefined;

  constructor(
    private readonly parameters: Parameters,
    name: string,
    private readonly channels: number,
    hidden: number,
    activation: Activation,
  ) {
    this.mixWeight = parameters.declare(`${name}.mix.weight`, [taps, channels]);
    this.mixBias = parameters.declare(`${name}.mix.bias`, [channels]);
    this.up = new Dense(parameters, `${name}.up`, channels, hidden, { activation, ...byteWeights });
    this.down = new Dense(parameters, `${name}.down`, hidden, channels, byteWeights);
  }

  initialize(random: Random): void {
    const { channels } = this;
    const weight = random.uniforms(taps * channels).map((value) => (2 * value - 1) / 6);
    for (let c = 0; c < channels; c++) weight[centre * channels + c] += 1;
    this.parameters.write(this.mixWeight, weight);
    this.up.initialize(random);
  }

  prepare(): void {
    this.up.prepare();
    this.down.prepare();
  }

  forward(input: Grid): Grid {
    this.input = input;
    return this.addTo(input, this.down.forward(this.up.forward(this.mix(input))));
  }

  backward(gradient: Grid): Grid {
    const { kernels } = this.parameters;
    const { call } = kernels;
    const { input, channels } = this;
    if (!input) throw new Error("backward before forward");
    const { batch, height, width } = input;
    const mixed = this.up.backward(this.down.backward(gradient));
    const result = gridLike(kernels, input);
    if (this.parameters.training) {
      const { gradient: byWeight } = this.mixWeight;
      call.depthwiseWeightGradient(batch, height, width, channels, input.pointer, mixed.pointer, byWeight);
      call.sumColumns(rowsOf(mixed), channels, mixed.pointer, this.mixBias.gradient, 1);
    }
    call.depthwiseInputGradient(batch, height, width, channels, mixed.pointer, this.mixWeight.value, result.pointer);
    return this.addTo(gradient, result);
  }

  /** `output` may be the input itself. */
  infer(input: Grid, output = gridLike(this.parameters.kernels, input)): Grid {
    const { call, memory } = this.parameters.kernels;
    const rows = rowsOf(input);
    memory.scope(() => {
      const mixed = this.mix(input);
      for (let first = 0; first < rows; first += chunkRows) {
        memory.scope(() => {
          const width = Math.min(chunkRows, rows - first);
          const chunk: Grid = {
            pointer: rowPointer(mixed, first),
            batch: 1,
            height: 1,
            width,
            channels: this.channels,
          };
          this.down.inferInto(this.up.infer(chunk), chunk);
          call.add(sizeOf(chunk), rowPointer(input, first), chunk.pointer, rowPointer(output, first));
        });
      }
    });
    return output;
  }

  private mix(input: Grid): Grid {
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

  /** Adds `left` onto `right` and returns `right`. */
  private addTo(left: Grid, right: Grid): Grid {
    this.parameters.kernels.call.add(sizeOf(right), left.pointer, right.pointer, right.pointer);
    return right;
  }
}

const rowPointer = (grid: Grid, row: number): Pointer => grid.pointer + row * grid.channels * 4;
