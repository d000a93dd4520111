import { nearestShape, shapes } from "./aspect.js";
import { Candidate } from "./candidate.js";
import { type Frame, headerBits, likeliestStep } from "./frame.js";
import { bitsOf, latents, newDistribution, PreviewNetwork, steps, type Weights } from "./preview-network.js";

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
    if (!task.overflows && task.fitsRounded(usualThreshold, budget)) low = middle;
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
  const unit = task.unit * task.unit;
  const candidate = task.candidate(best.symbols);
  task.refine(candidate, budget, usualPrice * unit, trials);
  task.refine(candidate, budget, lastPrice * unit, trials);
  return task.found(candidate.symbols, candidate.bits, candidate.error);
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

  /** Whether the budget takes each latent by itself: up where what is beyond a whole number of steps reaches the threshold, else towards zero. */
  fitsRounded(threshold: number, budget: number): boolean {
    const symbols = new Int8Array(latents);
    for (const i of this.network.coded) {
      const value = this.wanted[i];
      const isMean = this.network.stepOf[i] < this.unit;
      const magnitude = Math.min(this.network.largest[i], Math.floor(Math.abs(value) + 1 - (isMean ? 0.5 : threshold)));
      symbols[i] = value < 0 ? -magnitude : magnitude;
    }
    return this.bits(symbols, budget) <= budget;
  }

  /**
   * Symbol after symbol, the one of the least squared error plus price times bits; what later symbols make of it is left aside. Undefined where the budget
   * does not take them.
   */
  private quantizeCheaply(price: number, budget: number): { symbols: Int8Array; bits: number } | undefined {
    const { network, wanted, unit } = this;
    const state = network.startPrior();
    const symbols = new Int8Array(latents);
    const distribution = newDistribution();
    let bits = this.header;
    for (const i of network.coded) {
      network.predict(state, i, distribution);
      const value = wanted[i];
      const share = network.stepOf[i] / unit;
      const weight = share * share;
      const nearest = Math.max(-distribution.largest, Math.min(distribution.largest, Math.round(value)));
      let chosen = 0;
      let chosenBits = bitsOf(distribution, 0);
      let cost = weight * value * value + price * chosenBits;
      const towards = nearest > 0 ? -1 : 1;
      for (let symbol = nearest, k = 0; symbol !== 0 && k < 2; symbol += towards, k++) {
        const symbolBits = bitsOf(distribution, symbol);
        const off = value - symbol;
        const other = weight * off * off + price * symbolBits;
        if (other >= cost) continue;
        cost = other;
        chosen = symbol;
        chosenBits = symbolBits;
      }
      symbols[i] = chosen;
      bits += chosenBits;
      if (bits > budget) return undefined;
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
      const found = this.quantizeCheaply(middle, budget);
      if (found) {
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

  /** Changes symbols by one while that lessens error + price * bits, both with what the change makes of other symbols. */
  refine(candidate: Candidate, budget: number, price: number, trials: number): void {
    let left = trials;
    let taken = true;
    while (taken && left > 0) {
      taken = false;
      for (const move of candidate.moves(price)) {
        if (taken || left <= 0) break;
        left--;
        taken = candidate.take(move, budget, price);
      }
    }
  }

  candidate(symbols: Int8Array): Candidate {
    return new Candidate(this.network, this.coefficients, this.header, symbols);
  }

  found(symbols: Int8Array, bits: number, error = this.error(symbols)): Found {
    return { network: this.network, shape: this.shape, symbols, bits, error };
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

  /** Bits of the frame, or more than the limit where they exceed it. */
  private bits(symbols: Int8Array, limit = Number.POSITIVE_INFINITY): number {
    const { network } = this;
    const state = network.startPrior();
    const distribution = newDistribution();
    let bits = this.header;
    for (const i of network.coded) {
      network.predict(state, i, distribution);
      bits += bitsOf(distribution, symbols[i]);
      if (bits > limit) break;
      network.observe(state, i, symbols[i]);
    }
    return bits;
  }
}
