/** Which part of the excess that whole sweeps meet is a symbol's own; the rest is what symbols that move together do to each other. */
const ownShare = 0.5;
/** Before anything was met, in bits. */
const assumed = 0.5;

/**
 * The curvature of the objective, in bits, beyond that of a linear synthesis: above all what a symbol does to the bits of those that it
 * predicts. Met as the secant of the gradient along the moves of a whole sweep.
 */
export class ExcessCurvature {
  private excess = assumed;
  private symbols: Float32Array | undefined;
  private gradient: Float32Array | undefined;

  /** The excess after the moves that led to these symbols; `linear` holds the known curvature of each channel. */
  meet(symbols: Float32Array, gradient: Float32Array, linear: Float32Array): number {
    const { symbols: before, gradient: gradientBefore } = this;
    if (before && gradientBefore) {
      let bend = 0;
      let moves = 0;
      for (let i = 0; i < symbols.length; i++) {
        const step = symbols[i] - before[i];
        if (step === 0) continue;
        bend += step * (gradient[i] - gradientBefore[i]) - linear[i % linear.length] * step * step;
        moves += step * step;
      }
      if (moves > 0) this.excess = Math.max(0, (ownShare * bend) / moves);
    }
    this.symbols = symbols.slice();
    this.gradient = gradient.slice();
    return this.excess;
  }
}
