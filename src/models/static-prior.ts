import { type Grid, gridLike } from "../nn/grid.js";
import type { Parameter, Parameters } from "../nn/parameters.js";
import { logLinear } from "./gains.js";
import type { Prior, Rate } from "./prior.js";
import { scaleIndex } from "./scale-table.js";

/** These few numbers may move faster than weights do. */
const scalarLearningRate = 5;

/**
 * One zero-mean logistic distribution for each channel, the same at every position; its log standard deviation is a linear
 * function of quality. (The factorized prior of Balle et al. 2018, "Variational image compression with a scale hyperprior",
 * section 6.1, with one parameter for the shape; the shape of the coding tables is learned besides, see training/tables.ts.)
 */
export class StaticPrior implements Prior {
  readonly logScale: Parameter;
  readonly slope: Parameter;

  constructor(
    private readonly parameters: Parameters,
    private readonly latents: number,
  ) {
    this.logScale = parameters.declare("prior.logScale", [latents], scalarLearningRate);
    this.slope = parameters.declare("prior.slope", [latents], scalarLearningRate);
  }

  initialize(logScale: Float32Array, slope: number): void {
    this.parameters.write(this.logScale, logScale);
    this.parameters.write(this.slope, new Float32Array(this.latents).fill(slope));
  }

  rate(values: Grid, qualities: readonly number[], weights: readonly number[]): Rate {
    const { kernels } = this.parameters;
    const { call, memory } = kernels;
    const { latents } = this;
    const rows = values.height * values.width;
    const count = rows * latents;
    const gradient = gridLike(kernels, values);
    const mean = memory.allocateFloats(count);
    const logScale = memory.allocateFloats(count);
    const gradientMean = memory.allocateFloats(count);
    const gradientLogScale = memory.allocateFloats(count);
    const sums = memory.allocateFloats(latents);
    const total = memory.allocate(8);
    call.fill(count, 0, mean);
    const bits = qualities.map((q, image) => {
      const start = image * count * 4;
      call.repeatRow(rows, latents, memory.place(this.logScales(q)), logScale);
      memory.f64(total, 1)[0] = 0;
      call.logisticBits(
        count, values.pointer + start, mean, logScale, weights[image],
        gradient.pointer + start, gradientMean, gradientLogScale, total,
      );
      call.sumColumns(rows, latents, gradientLogScale, sums, 0);
      if (this.parameters.training) {
        call.add(latents, sums, this.logScale.gradient, this.logScale.gradient);
        call.addScaled(latents, q, sums, this.slope.gradient);
      }
      return memory.f64(total, 1)[0] / weights[image];
    });
    return { bits, gradient };
  }

  tableIndex(q: number, rows: number, tableCount: number): Uint8Array {
    const row = Uint8Array.from(this.logScales(q), (logScale) => Math.min(scaleIndex(logScale), tableCount - 1));
    const result = new Uint8Array(rows * this.latents);
    for (let start = 0; start < result.length; start += row.length) result.set(row, start);
    return result;
  }

  private logScales(q: number): Float32Array<ArrayBuffer> {
    return logLinear(this.parameters, this.logScale, this.slope, q);
  }
}
