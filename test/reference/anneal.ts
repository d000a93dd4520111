import type { Random } from "./random.js";

/** The plain twin of assembly/anneal.ts, in 64-bit floats. */
export interface Sweep {
  readonly N: number;
  readonly C: number;
  readonly symbols: Float32Array;
  readonly gradient: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
  readonly shiftUp: Float32Array;
  readonly shiftDown: Float32Array;
  readonly curvature: Float32Array;
  readonly sensitivity: Float32Array;
  readonly slope: Float32Array;
  readonly rate: number;
  readonly temperature: number;
  readonly reluctance: number;
  readonly share: number;
}

export interface Outcome {
  readonly slope: number[];
  readonly symbols: number[];
  /** How near the draw came to falling otherwise, 0 .. 1. */
  readonly margins: number[];
}

export function annealSymbols(sweep: Sweep, random: Random): Outcome {
  const { N, C } = sweep;
  const outcome: Outcome = { slope: [], symbols: [], margins: [] };
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c += 4) {
      const part = Math.min(4, C - c);
      const [draws, chances] = [random.uniform(4), random.uniform(4)];
      for (let lane = 0; lane < part; lane++) {
        move(sweep, n * C + c + lane, draws[lane], chances[lane], outcome);
      }
    }
  }
  return outcome;
}

function move(sweep: Sweep, i: number, draw: number, chance: number, { slope, symbols, margins }: Outcome): void {
  const symbol = sweep.symbols[i];
  const curvature = sweep.curvature[i % sweep.C] * sweep.sensitivity[Math.floor(i / sweep.C)];
  const [rise, fall] = [sweep.shiftUp[i], sweep.shiftDown[i]];
  const average = sweep.slope[i] + (sweep.gradient[i] - sweep.slope[i]) * sweep.rate;
  const parabola = (shift: number): number => average * shift + (curvature / 2) * shift ** 2;
  const costs = [sweep.up[i] + parabola(rise), sweep.down[i] + parabola(-fall), -sweep.reluctance];
  const weights = costs.map((cost) => Math.exp((Math.min(...costs) - cost) / sweep.temperature));
  const total = weights[0] + weights[1] + weights[2];
  const [up, down] = weights.map((weight) => weight / total);
  margins.push(Math.min(Math.abs(draw - up), Math.abs(draw - up - down)));
  const move = chance >= sweep.share ? 0 : draw < up ? 1 : draw < up + down ? -1 : 0;
  symbols.push(symbol + move);
  slope.push(average + curvature * (move > 0 ? rise : move < 0 ? -fall : 0));
}
