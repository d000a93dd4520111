import type { Network } from "../models/network.js";
import type { Random } from "../nn/random.js";
import { Evidence } from "./evidence.js";
import type { TrainPlan } from "./plan.js";
import type { Batch } from "./step.js";
import type { Team } from "./team/team.js";
import { type CropDamage, commonSize, Sampler, type TrainingImage } from "./training-set.js";

/** Evaluations of a whole training, and the batches of one. */
const evaluations = 20;
const evaluationBatches = 8;
const mostHeldOut = 64;

/** Early stopping: images kept out of training, the loss of the averaged weights on them, and the best weights seen. */
export class HeldOut {
  /** What all evaluations of a training cost, in steps. */
  static readonly cost = evaluations * evaluationBatches;
  readonly training: readonly TrainingImage[];
  bestLoss = Number.POSITIVE_INFINITY;
  sinceBest = 0;
  best = new Map<string, Float32Array>();
  private readonly sampler: Sampler;
  private readonly evidence: Evidence | undefined;

  constructor(
    private readonly network: Network,
    images: readonly TrainingImage[],
    private readonly plan: TrainPlan,
    validation: readonly TrainingImage[] = [],
    damage?: CropDamage,
  ) {
    const { training, heldOut } = validation.length > 0 ? { training: images, heldOut: validation } : split(images);
    if (plan.configuration.fixedSize) commonSize([...training, ...heldOut]);
    this.training = training;
    this.evidence = plan.variational && new Evidence(network, heldOut, plan);
    this.sampler = new Sampler(
      network.kernels,
      network.configuration,
      heldOut,
      {
        ...plan,
        augment: false,
      },
      damage,
    );
  }

  /** True where an evaluation is due after `step` of `steps`. */
  isDue(step: number, steps: number): boolean {
    return step % Math.max(1, Math.floor(steps / evaluations)) === 0;
  }

  restore(bestLoss: number | null, sinceBest: number, best: Map<string, Float32Array>): void {
    this.bestLoss = bestLoss ?? Number.POSITIVE_INFINITY;
    this.sinceBest = sinceBest;
    this.best = best;
  }

  /**
   * Evaluates the averaged weights on the same crops every time; true where it is time to stop: never in the first half, where the learning
   * rate is so high that a good start gets worse before it gets better.
   */
  async evaluate(random: Random, step: number, steps: number, team: Team): Promise<boolean> {
    const { parameters } = this.network;
    const losses = await team.evaluate((batch) => this.draw(random, batch), evaluationBatches);
    const loss = losses.reduce((sum, value) => sum + value, 0);
    if (loss < this.bestLoss) {
      this.bestLoss = loss;
      this.sinceBest = 0;
      this.best = new Map(parameters.all.map((parameter) => [parameter.name, parameters.read(parameter, "average")]));
    } else if (2 * step > steps) {
      this.sinceBest++;
    }
    return this.sinceBest >= this.plan.patience;
  }

  private draw(random: Random, batch: number): Batch {
    random.reseed(~this.plan.seed, batch);
    return this.evidence ? this.evidence.draw(random, batch) : this.sampler.batch(random);
  }
}

/** Holds out every tenth image, evenly spread, so that sorted folders are represented; a single image serves both sides. */
function split(images: readonly TrainingImage[]): { training: TrainingImage[]; heldOut: TrainingImage[] } {
  if (images.length === 1) return { training: [...images], heldOut: [...images] };
  const every = Math.max(10, Math.ceil(images.length / mostHeldOut));
  const isHeldOut = (i: number): boolean => i % every === Math.min(every, images.length) - 1;
  return { training: images.filter((_, i) => !isHeldOut(i)), heldOut: images.filter((_, i) => isHeldOut(i)) };
}
