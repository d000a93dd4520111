import { logarithm2 } from "../ground/arithmetic.js";
import { shapes } from "./aspect.js";
import {
  type Conditions,
  cumulative,
  type Distribution,
  latents,
  newDistribution,
  PreviewNetwork,
  stepDistribution,
  steps,
  type Weights,
} from "./preview-network.js";
import { RangeDecoder, RangeEncoder, total } from "./range-coder.js";

/** Lengths that a frame can have. */
export const leastBytes = 8;
export const mostBytes = 64;

/** Symbols of a preview under a network that knows its conditions; `shape` indexes `shapes`. */
export interface Frame {
  readonly network: PreviewNetwork;
  readonly shape: number;
  readonly symbols: Int8Array;
}

/** One picture in sixteen is taken to be transparent. */
const opaqueShare = (total / 16) * 15;

const stepAt = (step: number): number => step - steps / 2;

/** Where the interval of a step begins: the tails of the logistic distribution belong to the first and the last. */
function stepCumulative(distribution: Distribution, step: number): number {
  if (step <= 0) return 0;
  if (step >= steps) return total;
  return cumulative(distribution, stepAt(step));
}

/** The step that frames of so many bytes have most often. */
export function likeliestStep(weights: Weights, bytes: number): number {
  const distribution = stepDistribution(weights, bytes);
  const share = (step: number): number => stepCumulative(distribution, step + 1) - stepCumulative(distribution, step);
  return Array.from({ length: steps }, (_, step) => step).reduce((best, step) =>
    share(step) > share(best) ? step : best,
  );
}

/** Bits before the first symbol. */
export function headerBits(weights: Weights, shape: number, { transparent, step, bytes }: Conditions): number {
  const { begin, end } = shapes[shape];
  const distribution = stepDistribution(weights, bytes);
  const width = stepCumulative(distribution, step + 1) - stepCumulative(distribution, step);
  const shares = [transparent ? total - opaqueShare : opaqueShare, end - begin, width];
  return shares.reduce((bits, share) => bits - logarithm2(share), 48);
}

/** The frame in exactly `bytes` bytes, or undefined where it needs more. */
export function writeFrame({ network, shape, symbols }: Frame): Uint8Array<ArrayBuffer> | undefined {
  const { weights, conditions } = network;
  const coder = new RangeEncoder();
  if (conditions.transparent) coder.encode(opaqueShare, total);
  else coder.encode(0, opaqueShare);
  coder.encode(shapes[shape].begin, shapes[shape].end);
  const ofStep = stepDistribution(weights, conditions.bytes);
  coder.encode(stepCumulative(ofStep, conditions.step), stepCumulative(ofStep, conditions.step + 1));
  const hidden = network.startPrior();
  const distribution = newDistribution();
  for (const i of network.coded) {
    network.predict(hidden, i, distribution);
    coder.encode(cumulative(distribution, symbols[i]), cumulative(distribution, symbols[i] + 1));
    network.observe(hidden, i, symbols[i]);
  }
  return coder.finish(conditions.bytes);
}

/** Any bytes are some frame. */
export function readFrame(weights: Weights, bytes: Uint8Array): Frame {
  const coder = new RangeDecoder(bytes);
  const transparent = coder.peek() >= opaqueShare;
  if (transparent) coder.accept(opaqueShare, total);
  else coder.accept(0, opaqueShare);
  const target = coder.peek();
  const shape = shapes.findIndex(({ end }) => target < end);
  coder.accept(shapes[shape].begin, shapes[shape].end);
  const ofStep = stepDistribution(weights, bytes.length);
  const where = coder.peek();
  let step = 0;
  while (stepCumulative(ofStep, step + 1) <= where) step++;
  coder.accept(stepCumulative(ofStep, step), stepCumulative(ofStep, step + 1));
  const { aspect } = shapes[shape];
  const network = new PreviewNetwork(weights, { transparent, aspect, step, bytes: bytes.length });
  const hidden = network.startPrior();
  const symbols = new Int8Array(latents);
  const distribution = newDistribution();
  for (const i of network.coded) {
    network.predict(hidden, i, distribution);
    symbols[i] = readSymbol(coder, distribution);
    network.observe(hidden, i, symbols[i]);
  }
  return { network, shape, symbols };
}

function readSymbol(coder: RangeDecoder, distribution: Distribution): number {
  const target = coder.peek();
  let symbol = 0;
  let begin = cumulative(distribution, 0);
  let end = cumulative(distribution, 1);
  while (target < begin && symbol > -distribution.largest) {
    end = begin;
    begin = cumulative(distribution, --symbol);
  }
  while (target >= end && symbol < distribution.largest) {
    begin = end;
    end = cumulative(distribution, ++symbol + 1);
  }
  coder.accept(begin, end);
  return symbol;
}
