import type { Pointer } from "../../kernels/kernels.js";
import type { Network } from "../../models/network.js";
import { clearGradients, eachAt, floatsOf, writeGradients } from "../../nn/gradients.js";
import { Random } from "../../nn/random.js";
import { type Breath, longScope } from "../breath.js";
import type { Standing } from "../evidence.js";
import { passThrough } from "../learning-pass.js";
import type { TrainPlan } from "../plan.js";
import { withAverages } from "../preserve-weights.js";
import type { Batch, StepResult } from "../step.js";
import { RemoteWorker, type StartedWorker } from "./remote-worker.js";
import { meanResult, noiseSeed, numbersOf, type Run, runOf, shardOf } from "./shards.js";
import { buffersOfJobs, type Gradient, type Job, sendBatch } from "./team-messages.js";

/** Draws a batch, in the caller's scope. */
type Draw = () => Batch | Promise<Batch>;

/**
 * The passes of a training, on one thread or several: every batch is split into the shards of the plan, each thread passes through some of them,
 * and their gradients are added in the order of the shards. All threads then take the same step. The result depends on the shards alone, not on who
 * did what.
 */
export class Team {
  private readonly workers: readonly RemoteWorker[];
  private readonly random: Random;
  /** The sum of the shards' gradients, one parameter after the other. */
  private readonly sum: Pointer;
  private readonly floats: number;
  /** The pictures of each shard within a batch. */
  private readonly runs: readonly Run[];
  private readonly pictures: readonly number[];
  /** The gradients that each worker has handed over since the last step. */
  private received: (readonly Gradient[])[] = [];
  /** What this thread needed for its slowest shard so far. */
  private shardSeconds = 0;

  constructor(
    private readonly network: Network,
    private readonly plan: TrainPlan,
    workers: readonly StartedWorker[],
    private readonly breath: Breath,
  ) {
    const { kernels, parameters } = network;
    this.workers = workers.map((worker) => new RemoteWorker(worker));
    this.random = new Random(kernels, plan.seed);
    this.floats = floatsOf(parameters);
    this.runs = numbersOf({ from: 0, to: plan.shards }).map((shard) => runOf(plan.batch, shard, plan.shards));
    this.pictures = this.runs.map(({ from, to }) => to - from);
    this.sum = kernels.memory.allocateFloats(this.floats);
  }

  /** The leader's own thread among them. */
  get threads(): number {
    return 1 + this.workers.length;
  }

  /** Gives the workers the state from which on they take the same steps. */
  begin(checkpoint: Uint8Array): void {
    for (const worker of this.workers) worker.tell({ order: "begin", checkpoint });
  }

  /** Forward and backward pass through a batch; leaves its gradient in the parameters. Throws what a worker throws, and `worker-failed`. */
  async pass(draw: Draw, standing: Standing): Promise<StepResult> {
    const { plan, network } = this;
    const { kernels, parameters } = network;
    const weightOf = (shard: number): number => this.pictures[shard] / plan.batch;
    kernels.call.fill(this.floats, 0, this.sum);
    const { own, others } = await this.shareOut("pass", draw, plan.seed, standing.step, standing, (shard) =>
      this.addGradient(weightOf(shard)),
    );
    this.received = others.map(({ gradients }) => gradients);
    others
      .flatMap(({ gradients }) => gradients)
      .forEach((gradient, i) => {
        writeGradients(parameters, gradient);
        this.addGradient(weightOf(own.length + i));
      });
    eachAt(parameters, ({ gradient, count }, at) => kernels.memory.copy(this.sum + at * 4, gradient, count * 4));
    return this.mean(own, others);
  }

  /** Lets the workers take the step that the leader takes, by the gradient that is in its parameters. */
  step(step: number, rate: number): void {
    const sum = this.network.kernels.memory.f32(this.sum, this.floats);
    this.workers.forEach((worker, i) => {
      const [gradient, ...spare] = this.received[i];
      gradient.set(sum);
      const transfer = this.received[i].map(({ buffer }) => buffer);
      worker.tell({ order: "step", gradient, spare, step, rate }, transfer);
    });
    this.received = [];
  }

  /** The losses of `count` batches under the averaged weights. */
  evaluate(draw: (index: number) => ReturnType<Draw>, count: number): Promise<number[]> {
    return withAverages(this.network, async () => {
      const losses: number[] = [];
      for (let index = 0; index < count; index++) {
        const standing = { step: index, share: 1 };
        const { own, others } = await this.shareOut("evaluate", () => draw(index), ~this.plan.seed, index, standing);
        losses.push(this.mean(own, others).loss);
      }
      return losses;
    });
  }

  close(): void {
    for (const worker of this.workers) worker.close();
  }

  /** Passes through the shards of a batch: the leader through the first, the workers through the others. */
  private async shareOut(
    order: "pass" | "evaluate",
    draw: Draw,
    seed: number,
    stream: number,
    standing: Standing,
    afterShard: (shard: number) => void = () => {},
  ) {
    const { network, plan, runs } = this;
    const { kernels, parameters } = network;
    const seedOf = (shard: number): number => noiseSeed(seed, shard);
    network.levels[0].analysis?.code?.anneal(standing.share);
    return longScope(kernels.memory, async () => {
      const batch = await draw();
      const answers = this.workers.map((worker, i) => {
        const jobs = this.shardsOf(i + 1).map(
          (shard): Job => ({
            batch: sendBatch(kernels, shardOf(batch, runs[shard])),
            seed: seedOf(shard),
            stream,
          }),
        );
        return worker.ask({ order, jobs, standing }, buffersOfJobs(jobs), this.shardSeconds);
      });
      const own: StepResult[] = [];
      for (const shard of this.shardsOf(0)) {
        await this.breath.breathe();
        const before = performance.now();
        await longScope(kernels.memory, async () => {
          this.random.reseed(seedOf(shard), stream);
          clearGradients(parameters);
          const pass = passThrough(network, plan, shardOf(batch, runs[shard]), this.random, standing);
          own.push(await this.breath.through(pass));
          afterShard(shard);
        });
        this.shardSeconds = Math.max(this.shardSeconds, (performance.now() - before) / 1000);
      }
      return { own, others: await Promise.all(answers) };
    });
  }

  private mean(own: readonly StepResult[], others: readonly { readonly results: readonly StepResult[] }[]): StepResult {
    return meanResult([...own, ...others.flatMap(({ results }) => results)], this.pictures);
  }

  /** The shards of a thread: of the leader's, who is number 0 and has the gradients to add, the fewest. */
  private shardsOf(thread: number): number[] {
    return numbersOf(runOf(this.runs.length, thread, this.threads));
  }

  /** Adds the parameters' gradients to the sum. */
  private addGradient(weight: number): void {
    const { kernels, parameters } = this.network;
    eachAt(parameters, ({ gradient, count }, at) => kernels.call.addScaled(count, weight, gradient, this.sum + at * 4));
  }
}
