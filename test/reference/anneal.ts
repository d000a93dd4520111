import type { Random } from "./random.js";

/** The plain twin of assembly/anneal.ts, in 64-bit floats. */
export interface Sweep {
  readonly N: number;
  readonly C: number;
  readonly symbols: Float32Array;
  readonly gradient: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
  readonly curvature: Float32Array;
  readonly slope: Float32Array;
  readonly rate: number;
  readonly temperature: number;
  readonly reluctance: number;
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
      const draws = random.uniform(4);
      for (let lane = 0; lane < part; lane++) move(sweep, n * C + c + lane, draws[lane], outcome);
    }
  }
  return outcome;
}

function move(sweep: Sweep, i: number, draw: number, { slope, symbols, margins }: Outcome): void {
  const symbol = sweep.symbols[i];
  const curvature = sweep.curvature[i % sweep.C];
  const average = sweep.slope[i] + (sweep.gradient[i] - sweep.slope[i]) * sweep.rate;
  const step = curvature / 2 + sweep.reluctance;
  const costs = [sweep.up[i] + average + step, sweep.down[i] - average + step, 0];
  const weights = costs.map((cost) => Math.exp((Math.min(...costs) - cost) / sweep.temperature));
  const total = weights[0] + weights[1] + weights[2];
  const [up, down] = weights.map((weight) => weight / total);
  margins.push(Math.min(Math.abs(draw - up), Math.abs(draw - up - down)));
  const move = draw < up ? 1 : draw < up + down ? -1 : 0;
  symbols.push(symbol + move);
  slope.push(average + curvature * move);
}
