import {
  activate,
  activateGradient,
  bitsOf,
  type Distribution,
  latents,
  newDistribution,
  type PreviewNetwork,
  type PriorState,
  synthesisFeature,
} from "./preview-network.js";

/** Another symbol for a latent. */
export interface Move {
  /** Index into `network.coded`. */
  readonly position: number;
  readonly symbol: number;
  /** Expected change of error + price * bits. */
  readonly gain: number;
}

/** A change is given up where its bits so far, and this share of those that the rest took before, are too many. */
const restShare = 0.95;

/**
 * Symbols of a preview with all that the change of one of them needs: what the prior knew before each symbol, the hidden units of the synthesis, and the
 * residual. So a change costs the symbols behind it, and no more than the error where that alone rules it out.
 */
export class Candidate {
  error = 0;
  private path: Path;
  private trial: Path;
  /** The synthesis before its activation, and with a change. */
  private units: Float64Array;
  private trialUnits: Float64Array;
  /** Decoded less wanted, in the order of latents; zero where nothing is coded. */
  private residual = new Float64Array(latents);
  private trialResidual = new Float64Array(latents);
  /** Deviations; zero where nothing is coded. */
  private readonly spread = new Float64Array(latents);
  private readonly state: PriorState;

  constructor(
    private readonly network: PreviewNetwork,
    coefficients: Float64Array,
    header: number,
    readonly symbols: Int8Array,
  ) {
    const { weights, coded } = network;
    this.path = newPath(coded.length, weights.priorHidden);
    this.trial = newPath(coded.length, weights.priorHidden);
    this.state = network.startPrior();
    this.path.hidden.set(this.state.hidden);
    this.path.bits[0] = header;
    this.follow(this.path, 0, Number.POSITIVE_INFINITY);
    this.units = network.synthesisUnits(symbols);
    this.trialUnits = this.units.slice();
    const decoded = network.synthesize(symbols);
    for (const i of coded) {
      this.residual[i] = decoded[weights.order[i]] - coefficients[weights.order[i]];
      this.error += this.residual[i] * this.residual[i];
      this.spread[i] = weights.deviation[i];
    }
  }

  get bits(): number {
    return this.path.bits[this.network.coded.length];
  }

  /** Changes by one that promise to lessen error + price * bits, best first, by the gradient of the synthesis and the distributions as they stand. */
  moves(price: number): Move[] {
    const { network, symbols, residual, path } = this;
    const { coded, stepOf, weights } = network;
    const { deviation, synthesisHidden: S, synthesisInput } = weights;
    const unitSlopes = this.unitSlopes();
    const moves: Move[] = [];
    for (let position = 0; position < coded.length; position++) {
      const i = coded[position];
      let sum = 0;
      for (let h = 0; h < S; h++) sum += unitSlopes[h] * synthesisInput[i * S + h];
      const slope = 2 * residual[i] + sum * synthesisFeature(1, deviation[i]);
      const distribution = path.distributions[position];
      const before = symbols[i];
      for (let by = -1; by <= 1; by += 2) {
        const symbol = before + by;
        if (Math.abs(symbol) > distribution.largest) continue;
        const change = by * stepOf[i];
        const promise = change * (slope + change);
        // What is far from promising is not worth its logarithm.
        if (promise > 4 * price) continue;
        const bitsBefore = path.bits[position + 1] - path.bits[position];
        const gain = promise + price * (bitsOf(distribution, symbol) - bitsBefore);
        if (gain < 0) moves.push({ position, symbol, gain });
      }
    }
    return moves.sort((a, b) => a.gain - b.gain);
  }

  /** Makes the change where it lessens error + price * bits, with what it makes of other symbols, and fits the budget. True where it did. */
  take({ position, symbol }: Move, budget: number, price: number): boolean {
    const { symbols, trial, bits } = this;
    const latent = this.network.coded[position];
    const error = this.trialError(latent, symbol);
    const limit = Math.min(budget, bits + (this.error - error) / price);
    const before = symbols[latent];
    symbols[latent] = symbol;
    if (!this.follow(trial, position, limit)) {
      symbols[latent] = before;
      return false;
    }
    this.error = error;
    [this.units, this.trialUnits] = [this.trialUnits, this.units];
    [this.residual, this.trialResidual] = [this.trialResidual, this.residual];
    this.keepTrial(position);
    return true;
  }

  /** Runs the prior over the symbols from a position on. False, early, where the bits reach the limit. */
  private follow(into: Path, from: number, limit: number): boolean {
    const { network, path, state, symbols } = this;
    const { coded } = network;
    const H = network.weights.priorHidden;
    for (let h = 0; h < H; h++) {
      state.hidden[h] = path.hidden[from * H + h];
      state.active[h] = activate(state.hidden[h]);
    }
    const last = coded.length;
    const bitsOfAll = path.bits[last];
    let bits = path.bits[from];
    for (let position = from; position < last; position++) {
      const i = coded[position];
      const distribution = into.distributions[position];
      for (let h = 0; h < H; h++) into.hidden[position * H + h] = state.hidden[h];
      network.predict(state, i, distribution);
      bits += bitsOf(distribution, symbols[i]);
      if (bits + restShare * (bitsOfAll - path.bits[position + 1]) >= limit) return false;
      into.bits[position + 1] = bits;
      network.observe(state, i, symbols[i]);
    }
    return true;
  }

  private keepTrial(from: number): void {
    const { path, trial, network } = this;
    const H = network.weights.priorHidden;
    path.hidden.set(trial.hidden.subarray(from * H), from * H);
    path.bits.set(trial.bits.subarray(from + 1), from + 1);
    for (let k = from; k < path.distributions.length; k++) {
      const kept = trial.distributions[k];
      trial.distributions[k] = path.distributions[k];
      path.distributions[k] = kept;
    }
  }

  /** The error with another symbol; its units and residual are those of the trial. */
  private trialError(latent: number, symbol: number): number {
    const { units, trialUnits, residual, trialResidual, spread, symbols } = this;
    const { stepOf, weights } = this.network;
    const { deviation, synthesisHidden: S, synthesisInput, synthesisOutput } = weights;
    const step = stepOf[latent];
    const change =
      synthesisFeature(symbol * step, deviation[latent]) - synthesisFeature(symbols[latent] * step, deviation[latent]);
    trialResidual.fill(0);
    for (let h = 0; h < S; h++) {
      trialUnits[h] = units[h] + change * synthesisInput[latent * S + h];
      const difference = activate(trialUnits[h]) - activate(units[h]);
      if (difference === 0) continue;
      const at = h * latents;
      for (let i = 0; i < latents; i++) trialResidual[i] += difference * synthesisOutput[at + i];
    }
    let error = 0;
    for (let i = 0; i < latents; i++) {
      let value = residual[i] + spread[i] * trialResidual[i];
      if (i === latent) value += (symbol - symbols[latent]) * step;
      trialResidual[i] = value;
      error += value * value;
    }
    return error;
  }

  /** Gradient of the error by the hidden units of the synthesis. */
  private unitSlopes(): Float64Array {
    const { units, residual, spread, network } = this;
    const { synthesisHidden: S, synthesisOutput } = network.weights;
    const scaled = new Float64Array(latents);
    for (let i = 0; i < latents; i++) scaled[i] = 2 * residual[i] * spread[i];
    const slopes = new Float64Array(S);
    for (let h = 0; h < S; h++) {
      const slope = activateGradient(units[h]);
      if (slope === 0) continue;
      let sum = 0;
      for (let i = 0; i < latents; i++) sum += scaled[i] * synthesisOutput[h * latents + i];
      slopes[h] = sum * slope;
    }
    return slopes;
  }
}

/** What the prior knew, position after position. */
interface Path {
  /** Hidden units before each symbol. */
  readonly hidden: Float64Array;
  readonly distributions: Distribution[];
  /** Bits before each symbol, and of all. */
  readonly bits: Float64Array;
}

const newPath = (length: number, width: number): Path => ({
  hidden: new Float64Array(length * width),
  distributions: Array.from({ length }, newDistribution),
  bits: new Float64Array(length + 1),
});
