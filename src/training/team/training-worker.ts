import { IsthmusError } from "../../ground/errors.js";
import { pause } from "../../ground/pause.js";
import { finish } from "../../ground/steps.js";
import { loadKernels, relaxedSimdSupported } from "../../kernels/instantiate.js";
import { Network } from "../../models/network.js";
import { clearGradients, readGradients, writeGradients } from "../../nn/gradients.js";
import { Random } from "../../nn/random.js";
import { SavedTraining } from "../checkpoint.js";
import type { Standing } from "../evidence.js";
import { passThrough } from "../learning-pass.js";
import { Optimiser, optimiserOf } from "../optimiser.js";
import type { TrainPlan } from "../plan.js";
import { withAverages } from "../preserve-weights.js";
import type { StepResult } from "../step.js";
import { type Answer, type Gradient, type Job, type Order, placeBatch } from "./team-messages.js";

/** Works for a training whose leader is at the other end of a port; resolves when it ends. */
export function workForTraining(port: MessagePort): Promise<void> {
  let worker: ShardWorker | undefined;
  let ended = false;
  /** Orders are carried out one after the other. */
  let done: Promise<unknown> = Promise.resolve();
  return new Promise((resolve) => {
    const carryOut = async (order: Order): Promise<void> => {
      if (ended) return;
      try {
        if (order.order === "begin") worker = await ShardWorker.create(order.checkpoint);
        const answer = await worker?.carryOut(order);
        if (answer) port.postMessage(answer, "gradients" in answer ? answer.gradients.map(({ buffer }) => buffer) : []);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const answer: Answer = { error: { code: error instanceof IsthmusError ? error.code : undefined, message } };
        port.postMessage(answer);
      }
    };
    const end = (): void => {
      ended = true;
      port.close();
      resolve();
    };
    port.addEventListener("message", ({ data }: MessageEvent<Order>) => {
      if (data.order === "end") end();
      else done = done.then(() => carryOut(data));
    });
    port.addEventListener("close", end);
    port.start();
  });
}

/** A copy of the network that is trained, which takes the same steps by the same gradients. */
class ShardWorker {
  private readonly random: Random;
  /** Room for gradients. */
  private spare: Gradient[] = [];

  private constructor(
    private readonly network: Network,
    private readonly optimiser: Optimiser,
    private readonly plan: TrainPlan,
  ) {
    this.random = new Random(network.kernels, plan.seed);
  }

  static async create(checkpoint: Uint8Array): Promise<ShardWorker> {
    const saved = SavedTraining.read(checkpoint);
    const { plan } = saved.checkpoint;
    const kernels = await loadKernels({ relaxed: relaxedSimdSupported() });
    const network = new Network(kernels, plan.configuration, { training: true });
    const optimiser = new Optimiser(network.parameters, optimiserOf(plan));
    saved.restore(network, optimiser);
    return new ShardWorker(network, optimiser, plan);
  }

  async carryOut(order: Order): Promise<Answer | undefined> {
    if (order.order === "pass") return this.pass(order.jobs, order.standing);
    if (order.order === "evaluate") return this.evaluate(order.jobs, order.standing);
    if (order.order === "step") {
      this.step(order.gradient, order.step, order.rate);
      this.spare = [order.gradient, ...order.spare];
    }
    return undefined;
  }

  private async pass(jobs: readonly Job[], standing: Standing): Promise<Answer> {
    const { parameters } = this.network;
    const passes = await this.passThroughAll(jobs, standing, (result) => ({
      result,
      gradient: readGradients(parameters, this.spare.pop()),
    }));
    return { results: passes.map(({ result }) => result), gradients: passes.map(({ gradient }) => gradient) };
  }

  private async evaluate(jobs: readonly Job[], standing: Standing): Promise<Answer> {
    const results = await withAverages(this.network, () => this.passThroughAll(jobs, standing, (result) => result));
    return { results, gradients: [] };
  }

  private step(gradient: Float32Array, step: number, rate: number): void {
    writeGradients(this.network.parameters, gradient);
    this.optimiser.step(step, rate);
    this.network.prepare();
  }

  /** A worker may answer other calls, too, between two shards. */
  private async passThroughAll<Kept>(
    jobs: readonly Job[],
    standing: Standing,
    keep: (result: StepResult) => Kept,
  ): Promise<Kept[]> {
    const kept: Kept[] = [];
    this.network.levels[0].analysis?.code?.anneal(standing.share);
    for (const job of jobs) {
      clearGradients(this.network.parameters);
      kept.push(keep(this.passThrough(job, standing)));
      await pause();
    }
    return kept;
  }

  private passThrough({ batch, seed, stream }: Job, standing: Standing): StepResult {
    const { network, plan, random } = this;
    return network.kernels.memory.scope(() => {
      random.reseed(seed, stream);
      return finish(passThrough(network, plan, placeBatch(network.kernels, batch), random, standing));
    });
  }
}
