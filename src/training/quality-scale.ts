import type { Network } from "../models/network.js";
import { type Breath, longScope } from "./breath.js";
import { type Batch, forwardBackward } from "./step.js";

/** Coordinates at which crops are scored, spread evenly over -1 .. 1. */
const scored = /* @__PURE__ */ Array.from({ length: 9 }, (_, i) => i / 4 - 1);

/** The score of quality 0, where the network goes as low: what one would still send. */
const lowestScore = 15;
/** Below this range of scores there is nothing to space evenly. */
const leastRange = 5;
/** Steps between the qualities whose coordinates are stored: as many levels lie in each. */
const steps = 15;
/** Coordinates are rounded to one over this, and this far apart at least. */
const precision = 4096;

/**
 * The network's coordinates of evenly spaced qualities from 0 to 100, by the mean SSIMULACRA 2 of some training crops: equal steps of quality are equal
 * steps of score, from 15, or the least that the network comes down to, up to the best that it reaches. Undefined where the crops have no score, or
 * quality makes no difference. `draw`: the same crop at each coordinate. One crop at least is scored, and then further ones while `goesOn`, as of `makeTables`, says so.
 */
export async function qualityScaleOf(
  network: Network,
  goesOn: (crops: number, seconds: number) => boolean,
  draw: (crop: number, coordinate: number) => Batch | Promise<Batch>,
  breath: Breath,
): Promise<number[] | undefined> {
  const scores = scored.map(() => 0);
  let crops = 0;
  let before = performance.now();
  do {
    before = performance.now();
    for (const [i, coordinate] of scored.entries()) {
      const { ssimulacra2 } = await longScope(network.kernels.memory, async () =>
        breath.through(forwardBackward(network, await draw(crops, coordinate))),
      );
      if (ssimulacra2 === undefined) return undefined;
      scores[i] += ssimulacra2;
      await breath.breathe();
    }
    crops++;
  } while (goesOn(crops, (performance.now() - before) / 1000));
  return evenScores(scores.map((sum) => sum / crops));
}

/** The coordinates at which a score, known at `scored`, rises in equal steps. */
export function evenScores(scores: readonly number[]): number[] | undefined {
  const rising = scores.map((_, i) => Math.max(...scores.slice(0, i + 1)));
  const high = rising[rising.length - 1];
  const low = Math.max(lowestScore, rising[0]);
  if (!(high - low >= leastRange)) return undefined;
  const scale: number[] = [];
  for (let step = 0; step <= steps; step++) {
    const wanted = low + ((high - low) * step) / steps;
    const above = Math.max(
      1,
      rising.findIndex((score) => score >= wanted),
    );
    const [from, to] = [rising[above - 1], rising[above]];
    const share = to > from ? (wanted - from) / (to - from) : 0;
    const coordinate = scored[above - 1] + share * (scored[above] - scored[above - 1]);
    scale.push(Math.round(coordinate * precision));
  }
  // Rising, whatever rounding and plateaus have made of it, and up to the end.
  scale[steps] = precision;
  for (let step = steps - 1; step >= 0; step--) scale[step] = Math.min(scale[step], scale[step + 1] - 1);
  return scale.map((value) => value / precision);
}
