import type { Network } from "../models/network.js";
import type { Random } from "../nn/random.js";
import type { Breath } from "./breath.js";
import type { Checkpoint } from "./checkpoint.js";
import { Evidence } from "./evidence.js";
import type { Gallery } from "./gallery.js";
import type { TrainPlan } from "./plan.js";
import type { PreparedSet } from "./prepared-set.js";
import { commonSize } from "./set-facts.js";
import type { Batch } from "./step.js";
import type { Team } from "./team/team.js";
import { Sampler } from "./training-set.js";

/** Evaluations of a whole training, and the batches of one. */
const evaluations = 20;
const evaluationBatches = 8;
/** Steps between two evaluations, at least, where the schedule is one by the clock. */
const stepsForEvaluation = 32;
const mostHeldOut = 64;

/** Early stopping: images kept out of training, the loss of the averaged weights on them, and the best weights seen. */
export class HeldOut {
  /** Batches of an evaluation. */
  readonly batches = evaluationBatches;
  bestLoss = Number.POSITIVE_INFINITY;
  sinceBest = 0;
  /** Where the last evaluation was: its number, or that of the last one left out, and its step. */
  evaluations = 0;
  evaluatedAt = 0;
  best = new Map<string, Float32Array>();

  private constructor(
    private readonly network: Network,
    private readonly plan: TrainPlan,
    /** What is left to learn from. */
    readonly training: Gallery,
    private readonly sampler: Sampler,
    private readonly evidence: Evidence | undefined,
  ) {}

  /** `validation`: the images to judge by; where there are none, some of the others are kept out of training. */
  static async create(
    network: Network,
    { images, validation, damage }: Pick<PreparedSet, "images" | "validation" | "damage">,
    plan: TrainPlan,
    maxMemory: number,
    breath: Breath,
  ): Promise<HeldOut> {
    const { training, heldOut } = validation.count > 0 ? { training: images, heldOut: validation } : split(images);
    if (plan.configuration.fixedSize) commonSize([...training.sizes, ...heldOut.sizes]);
    const evidence = plan.variational && (await Evidence.over(network, heldOut, plan, maxMemory, breath));
    const { batch, crop } = plan;
    const options = { batch, crop, augment: false };
    const sampler = new Sampler(network.kernels, network.configuration, heldOut, options, damage);
    return new HeldOut(network, plan, training, sampler, evidence);
  }

  /**
   * True where an evaluation is due when `share` of the training, or `step` steps, are done. Where steps are few because the time is short, most
   * of them are left out, so that what they cost does not take the time.
   */
  isDue(share: number, step: number): boolean {
    if (Math.floor(share * evaluations) <= this.evaluations) return false;
    return share === 1 || this.countsSteps || step - this.evaluatedAt >= stepsForEvaluation;
  }

  restore({ bestLoss, sinceBest, evaluations, evaluatedAt }: Checkpoint, best: Map<string, Float32Array>): void {
    this.bestLoss = bestLoss ?? Number.POSITIVE_INFINITY;
    this.sinceBest = sinceBest;
    this.evaluations = evaluations;
    this.evaluatedAt = evaluatedAt;
    this.best = best;
  }

  /**
   * Evaluates the averaged weights on the same crops every time; true where it is time to stop: never in the first half, where the learning
   * rate is so high that a good start gets worse before it gets better.
   */
  async evaluate(random: Random, share: number, step: number, team: Team): Promise<boolean> {
    const { parameters } = this.network;
    const losses = await team.evaluate((batch) => this.draw(random, batch), evaluationBatches);
    this.evaluations = Math.floor(share * evaluations);
    this.evaluatedAt = step;
    const loss = losses.reduce((sum, value) => sum + value, 0);
    if (loss < this.bestLoss) {
      this.bestLoss = loss;
      this.sinceBest = 0;
      this.best = new Map(parameters.all.map((parameter) => [parameter.name, parameters.read(parameter, "average")]));
    } else if (2 * share > 1) {
      this.sinceBest++;
    }
    return this.sinceBest >= this.plan.patience;
  }

  /** Forgets the best weights, where others are to be judged from now on. */
  forget(): void {
    this.bestLoss = Number.POSITIVE_INFINITY;
    this.sinceBest = 0;
    this.best = new Map();
  }

  private get countsSteps(): boolean {
    return this.plan.steps > 0 && !this.plan.schedule;
  }

  private draw(random: Random, batch: number): Batch | Promise<Batch> {
    random.reseed(~this.plan.seed, batch);
    return this.evidence ? this.evidence.draw(random, batch) : this.sampler.batch(random);
  }
}

/** Holds out every tenth image, evenly spread, so that sorted folders are represented; a single image serves both sides. */
function split(images: Gallery): { training: Gallery; heldOut: Gallery } {
  const { count } = images;
  if (count === 1) return { training: images, heldOut: images };
  const every = Math.max(10, Math.ceil(count / mostHeldOut));
  const isHeldOut = (i: number): boolean => i % every === Math.min(every, count) - 1;
  const numbers = Array.from({ length: count }, (_, i) => i);
  return {
    training: images.choose(numbers.filter((i) => !isHeldOut(i))),
    heldOut: images.choose(numbers.filter(isHeldOut)),
  };
}
