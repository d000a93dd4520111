import type { Pointer } from "../../kernels/kernels.js";
import type { Network } from "../../models/network.js";
import { clearGradients, eachAt, floatsOf, writeGradients } from "../../nn/gradients.js";
import { Random } from "../../nn/random.js";
import type { Standing } from "../evidence.js";
import { passThrough } from "../objective.js";
import type { TrainPlan } from "../plan.js";
import { withAverages } from "../preserve-weights.js";
import type { Batch, StepResult } from "../step.js";
import { Colleague, type Helper, type Passed } from "./colleague.js";
import { buffersOfJobs, type Gradient, type Job, sendBatch } from "./messages.js";
import { meanResult, noiseSeed, numbersOf, type Run, runOf, shardOf } from "./shards.js";

/**
 * The passes of a training, shared out: every batch is split into the shards of the plan, each thread passes through some of them, and their
 * gradients are added in the order of the shards. All threads then take the same step. The result depends on the shards alone, not on who did what.
 */
export class Team {
  private readonly colleagues: readonly Colleague[];
  private readonly random: Random;
  /** The sum of the shards' gradients, one parameter after the other. */
  private readonly sum: Pointer;
  private readonly floats: number;
  /** The pictures of each shard within a batch. */
  private readonly runs: readonly Run[];
  /** The gradients that each helper has handed over since the last step. */
  private received: (readonly Gradient[])[] = [];

  constructor(
    private readonly network: Network,
    private readonly plan: TrainPlan,
    shards: number,
    helpers: readonly Helper[],
  ) {
    const { kernels, parameters } = network;
    this.colleagues = helpers.map((helper) => new Colleague(helper));
    this.random = new Random(kernels, plan.seed);
    this.floats = floatsOf(parameters);
    this.runs = numbersOf({ from: 0, to: shards }).map((shard) => runOf(plan.batch, shard, shards));
    this.sum = kernels.memory.allocateFloats(this.floats);
  }

  /** The leader's own thread among them. */
  get threads(): number {
    return 1 + this.colleagues.length;
  }

  /** Gives the helpers the state from which on they take the same steps. */
  begin(checkpoint: Uint8Array): void {
    for (const colleague of this.colleagues) colleague.tell({ order: "begin", checkpoint });
  }

  /** Forward and backward pass through a batch; leaves its gradient in the parameters. Throws what a helper throws, and `worker-failed`. */
  async pass(draw: () => Batch, standing: Standing): Promise<StepResult> {
    const { network, plan, runs } = this;
    const { kernels, parameters } = network;
    const pictures = runs.map(({ from, to }) => to - from);
    const weightOf = (shard: number): number => pictures[shard] / plan.batch;
    kernels.call.fill(this.floats, 0, this.sum);
    const { own, answers } = kernels.memory.scope(() => {
      const batch = draw();
      const seedOf = (shard: number): number => noiseSeed(plan.seed, shard);
      const answers = this.colleagues.map((colleague, i) => {
        const jobs = this.shareOf(runs.length, i + 1).map(
          (shard): Job => ({
            batch: sendBatch(kernels, shardOf(batch, runs[shard])),
            seed: seedOf(shard),
            stream: standing.step,
          }),
        );
        return colleague.ask({ order: "pass", jobs, standing }, buffersOfJobs(jobs));
      });
      const own = this.shareOf(runs.length, 0).map((shard) =>
        kernels.memory.scope(() => {
          this.random.reseed(seedOf(shard), standing.step);
          clearGradients(parameters);
          const result = passThrough(network, plan, shardOf(batch, runs[shard]), this.random, standing);
          this.addGradient(weightOf(shard));
          return result;
        }),
      );
      return { own, answers };
    });
    const others = await Promise.all(answers);
    this.received = others.map(({ gradients }) => gradients);
    others
      .flatMap(({ gradients }) => gradients)
      .forEach((gradient, i) => {
        writeGradients(parameters, gradient);
        this.addGradient(weightOf(own.length + i));
      });
    eachAt(parameters, ({ gradient, count }, at) => kernels.memory.copy(this.sum + at * 4, gradient, count * 4));
    return meanResult([...own, ...others.flatMap(({ results }) => results)], pictures);
  }

  /** Lets the helpers take the step that the leader takes, by the gradient that is in its parameters. */
  step(step: number, rate: number): void {
    const sum = this.network.kernels.memory.f32(this.sum, this.floats);
    this.colleagues.forEach((colleague, i) => {
      const [gradient, ...spare] = this.received[i];
      gradient.set(sum);
      const transfer = this.received[i].map(({ buffer }) => buffer);
      colleague.tell({ order: "step", gradient, spare, step, rate }, transfer);
    });
    this.received = [];
  }

  /** The losses of `count` batches under the averaged weights. */
  async evaluate(draw: (index: number) => Batch, count: number): Promise<number[]> {
    const { network, plan } = this;
    const { memory } = network.kernels;
    const seed = noiseSeed(~plan.seed, 0);
    const answers = this.colleagues.map((colleague, i): Promise<Passed> => {
      const jobs = this.shareOf(count, i + 1).map(
        (stream): Job => memory.scope(() => ({ batch: sendBatch(network.kernels, draw(stream)), seed, stream })),
      );
      return colleague.ask({ order: "evaluate", jobs }, buffersOfJobs(jobs));
    });
    const own = withAverages(network, () =>
      this.shareOf(count, 0).map((stream) =>
        memory.scope(() => {
          const batch = draw(stream);
          this.random.reseed(seed, stream);
          return passThrough(network, plan, batch, this.random, { step: stream, share: 1 });
        }),
      ),
    );
    const others = await Promise.all(answers);
    return [...own, ...others.flatMap(({ results }) => results)].map(({ loss }) => loss);
  }

  close(): void {
    for (const colleague of this.colleagues) colleague.close();
  }

  /** What member `member` does of `count` pieces of work: the leader, who is number 0 and has the gradients to add, the least. */
  private shareOf(count: number, member: number): number[] {
    return numbersOf(runOf(count, member, this.threads));
  }

  /** Adds the parameters' gradients to the sum. */
  private addGradient(weight: number): void {
    const { kernels, parameters } = this.network;
    eachAt(parameters, ({ gradient, count }, at) => kernels.call.addScaled(count, weight, gradient, this.sum + at * 4));
  }
}
