/** Which part of the curvature that whole sweeps meet is a symbol's own; the rest is what symbols that move together do to each other. */
const ownShare = 0.5;
/** Before anything was met, in bits. */
const assumed = 0.5;

/**
 * The curvature by a symbol of the bits of those that it predicts. Met as the secant of their gradient along the moves of a whole sweep.
 */
export class ContextCurvature {
  private curvature = assumed;
  private symbols: Float32Array | undefined;
  private gradient: Float32Array | undefined;

  /** The curvature after the moves that led to these symbols and this gradient. */
  meet(symbols: Float32Array, gradient: Float32Array): number {
    const { symbols: before, gradient: gradientBefore } = this;
    if (before && gradientBefore) {
      let bend = 0;
      let moves = 0;
      for (let i = 0; i < symbols.length; i++) {
        const step = symbols[i] - before[i];
        if (step === 0) continue;
        bend += step * (gradient[i] - gradientBefore[i]);
        moves += step * step;
      }
      if (moves > 0) this.curvature = Math.max(0, (ownShare * bend) / moves);
    }
    this.symbols = symbols.slice();
    this.gradient = gradient.slice();
    return this.curvature;
  }
}
