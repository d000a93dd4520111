import { nearestShape, shapes } from "./aspect.js";
import { type Frame, headerBits, likeliestStep } from "./frame.js";
import {
  cumulative,
  type Distribution,
  latents,
  newDistribution,
  PreviewNetwork,
  steps,
  type Weights,
} from "./network.js";

/** What a search found: a frame, its bits and the squared error of its coefficients. */
export interface Found extends Frame {
  readonly bits: number;
  readonly error: number;
}

export interface SearchOptions {
  readonly width: number;
  readonly height: number;
  readonly transparent: boolean;
  readonly bytes: number;
  /** Bits of these bytes to be left alone. */
  readonly spare: number;
  /** Trials with the true synthesis and the true rate. */
  readonly trials: number;
}

/** What a symbol's magnitude is rounded up from, between 0 and 1, where the quantization step is chosen: most latents are better left at zero. */
const usualThreshold = 0.65;
/** Price of a bit, in squared quantization steps. */
const usualPrice = 0.13;
/** Price at which what is left of the budget is spent. */
const lastPrice = 0.01;

/** Symbols of the least error that fit into `bytes` bytes. */
export function searchSymbols(weights: Weights, coefficients: Float64Array, options: SearchOptions): Found {
  const { bytes, transparent, trials } = options;
  const shape = nearestShape(options.width, options.height);
  const { aspect } = shapes[shape];
  const budget = 8 * bytes - options.spare;
  const tasks = new Map<number, Task>();
  const taskAt = (step: number): Task => {
    let task = tasks.get(step);
    if (!task) {
      const network = new PreviewNetwork(weights, { transparent, aspect, step, bytes });
      task = new Task(network, shape, coefficients);
      tasks.set(step, task);
    }
    return task;
  };
  // The finest step that fits at the usual threshold, by bisection.
  let low = 0;
  let high = steps - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const task = taskAt(middle);
    if (!task.overflows && task.quantize(usualThreshold).bits <= budget) low = middle;
    else high = middle - 1;
  }
  let best: Found | undefined;
  for (const step of [low, low + 1]) {
    const found = step < steps && !taskAt(step).overflows ? taskAt(step).fit(budget) : undefined;
    if (found && (!best || found.error < best.error)) best = found;
  }
  best ??= taskAt(likeliestStep(weights, bytes)).likeliest();
  if (trials === 0) return best;
  const task = taskAt(best.network.conditions.step);
  const unit = task.unit ** 2;
  const pruned = task.refine(best, budget, usualPrice * unit, trials);
  return task.refine(pruned, budget, lastPrice * unit, trials);
}

class Task {
  /** Latents before rounding, in quantization steps. */
  private readonly wanted: Float64Array;
  private readonly header: number;
  /** True where the step is so fine that a latent lies beyond its largest symbol. */
  readonly overflows: boolean = false;
  /** Quantization step of most latents. */
  readonly unit: number;

  constructor(
    private readonly network: PreviewNetwork,
    private readonly shape: number,
    private readonly coefficients: Float64Array,
  ) {
    const { weights, stepOf, conditions } = network;
    this.header = headerBits(weights, shape, conditions);
    this.unit = stepOf[network.coded[network.coded.length - 1]];
    this.wanted = new Float64Array(latents);
    for (const i of network.coded) {
      this.wanted[i] = (coefficients[weights.order[i]] - weights.mean[i]) / stepOf[i];
      if (Math.abs(this.wanted[i]) > network.largest[i]) this.overflows = true;
    }
  }

  /** Each latent by itself: up where what is beyond a whole number of steps reaches the threshold, else towards zero. */
  quantize(threshold: number): { symbols: Int8Array; bits: number } {
    const symbols = new Int8Array(latents);
    for (const i of this.network.coded) {
      const value = this.wanted[i];
      const isMean = this.network.stepOf[i] < this.unit;
      const magnitude = Math.min(this.network.largest[i], Math.floor(Math.abs(value) + 1 - (isMean ? 0.5 : threshold)));
      symbols[i] = value < 0 ? -magnitude : magnitude;
    }
    return { symbols, bits: this.bits(symbols) };
  }

  /** Symbol after symbol, the one of the least squared error plus price times bits; what later symbols make of it is left aside. */
  private quantizeCheaply(price: number): { symbols: Int8Array; bits: number } {
    const { network, wanted, unit } = this;
    const state = network.startPrior();
    const symbols = new Int8Array(latents);
    const distribution = newDistribution();
    let bits = this.header;
    for (const i of network.coded) {
      network.predict(state, i, distribution);
      const value = wanted[i];
      const weight = (network.stepOf[i] / unit) ** 2;
      const nearest = Math.max(-distribution.largest, Math.min(distribution.largest, Math.round(value)));
      let chosen = 0;
      let chosenBits = bitsOf(distribution, 0);
      let cost = weight * value * value + price * chosenBits;
      const towards = nearest > 0 ? -1 : 1;
      for (let symbol = nearest, k = 0; symbol !== 0 && k < 2; symbol += towards, k++) {
        const symbolBits = bitsOf(distribution, symbol);
        const other = weight * (value - symbol) ** 2 + price * symbolBits;
        if (other >= cost) continue;
        cost = other;
        chosen = symbol;
        chosenBits = symbolBits;
      }
      symbols[i] = chosen;
      bits += chosenBits;
      network.observe(state, i, chosen);
    }
    return { symbols, bits };
  }

  /** The lowest price that fits the budget, by bisection of its logarithm. */
  fit(budget: number): Found | undefined {
    let low = usualPrice / 16;
    let high = usualPrice * 16;
    let best: { symbols: Int8Array; bits: number } | undefined;
    for (let i = 0; i < 6; i++) {
      const middle = Math.sqrt(low * high);
      const found = this.quantizeCheaply(middle);
      if (found.bits <= budget) {
        best = found;
        high = middle;
      } else low = middle;
    }
    return best && this.found(best.symbols, best.bits);
  }

  /** Hardly any bits: of each latent the likelier of zero and what the prior expects. */
  likeliest(): Found {
    const { network } = this;
    const state = network.startPrior();
    const symbols = new Int8Array(latents);
    const distribution = newDistribution();
    for (const i of network.coded) {
      network.predict(state, i, distribution);
      const middle = Math.round(distribution.location);
      const usable = Math.abs(middle) <= distribution.largest;
      if (usable && bitsOf(distribution, middle) < bitsOf(distribution, 0)) symbols[i] = middle;
      network.observe(state, i, symbols[i]);
    }
    return this.found(symbols, this.bits(symbols));
  }

  /**
   * Changes symbols by one where that lessens error + price * bits, both with what the change makes of other symbols; then spends what is left of the
   * budget. Candidates are ranked by the gradient of the synthesis and by the distributions as they stand, and each is tried before it is taken.
   */
  refine(start: Found, budget: number, price: number, trials: number): Found {
    let current = start;
    let left = trials;
    let refused = new Set<number>();
    while (left > 0) {
      const moves = this.rankMoves(current, price).filter(({ key }) => !refused.has(key));
      let taken = false;
      for (const { latent, symbol, key } of moves.slice(0, 6)) {
        if (left-- <= 0) break;
        const next = this.changed(current, latent, symbol);
        const fits = next.bits <= budget;
        if (fits && next.error + price * next.bits < current.error + price * current.bits) {
          current = next;
          taken = true;
          refused = new Set();
          break;
        }
        refused.add(key);
      }
      if (!taken && (moves.length === 0 || left <= 0)) break;
    }
    return current;
  }

  private changed({ symbols: from }: Found, latent: number, symbol: number): Found {
    const symbols = from.slice();
    symbols[latent] = symbol;
    return this.found(symbols, this.bits(symbols));
  }

  /** Changes that promise to lessen error + price * bits, best first. */
  private rankMoves({ symbols }: Found, price: number): Move[] {
    const { network, coefficients } = this;
    const { coded, stepOf, weights } = network;
    const decoded = network.synthesize(symbols);
    const residual = new Float64Array(latents);
    for (const i of coded) residual[i] = decoded[weights.order[i]] - coefficients[weights.order[i]];
    const slopes = network.synthesisGradient(symbols, residual);
    const state = network.startPrior();
    const distribution = newDistribution();
    const moves: Move[] = [];
    for (const i of coded) {
      network.predict(state, i, distribution);
      const before = symbols[i];
      const bitsBefore = bitsOf(distribution, before);
      for (const symbol of [before - 1, before + 1]) {
        if (Math.abs(symbol) > distribution.largest) continue;
        const change = (symbol - before) * stepOf[i];
        const promise = change * (slopes[i] + change);
        // What is far from promising is not worth its logarithm.
        if (promise > 4 * price) continue;
        const gain = promise + price * (bitsOf(distribution, symbol) - bitsBefore);
        if (gain < 0) moves.push({ latent: i, symbol, gain, key: i * 256 + symbol });
      }
      network.observe(state, i, before);
    }
    return moves.sort((a, b) => a.gain - b.gain);
  }

  private found(symbols: Int8Array, bits: number): Found {
    return { network: this.network, shape: this.shape, symbols, bits, error: this.error(symbols) };
  }

  private error(symbols: Int8Array): number {
    const { network, coefficients } = this;
    const { order } = network.weights;
    const decoded = network.synthesize(symbols);
    let sum = 0;
    for (const i of network.coded) {
      const difference = decoded[order[i]] - coefficients[order[i]];
      sum += difference * difference;
    }
    return sum;
  }

  private bits(symbols: Int8Array): number {
    const { network } = this;
    const state = network.startPrior();
    const distribution = newDistribution();
    let bits = this.header;
    for (const i of network.coded) {
      network.predict(state, i, distribution);
      bits += bitsOf(distribution, symbols[i]);
      network.observe(state, i, symbols[i]);
    }
    return bits;
  }
}

interface Move {
  readonly latent: number;
  readonly symbol: number;
  readonly gain: number;
  readonly key: number;
}

const bitsOf = (distribution: Distribution, symbol: number): number =>
  16 - Math.log2(cumulative(distribution, symbol + 1) - cumulative(distribution, symbol));
