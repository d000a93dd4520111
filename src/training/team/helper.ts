import { IsthmusError } from "../../errors.js";
import { loadKernels, relaxedSimdSupported } from "../../kernels/instantiate.js";
import { Network } from "../../models/network.js";
import { clearGradients, readGradients, writeGradients } from "../../nn/gradients.js";
import { Random } from "../../nn/random.js";
import { SavedTraining } from "../checkpoint.js";
import type { Standing } from "../evidence.js";
import { passThrough } from "../objective.js";
import { Optimiser, optimiserOf } from "../optimiser.js";
import type { TrainPlan } from "../plan.js";
import { withAverages } from "../preserve-weights.js";
import type { StepResult } from "../step.js";
import { type Answer, type Gradient, type Job, type Order, placeBatch } from "./messages.js";

/** Helps a training whose leader is at the other end of a port; resolves when it ends. */
export function helpTraining(port: MessagePort): Promise<void> {
  let replica: Replica | undefined;
  /** Orders are carried out one after the other. */
  let done: Promise<unknown> = Promise.resolve();
  return new Promise((resolve) => {
    const carryOut = async (order: Order): Promise<void> => {
      try {
        if (order.order === "begin") replica = await Replica.create(order.checkpoint);
        const answer = replica?.carryOut(order);
        if (answer) port.postMessage(answer, "gradients" in answer ? answer.gradients.map(({ buffer }) => buffer) : []);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const answer: Answer = { error: { code: error instanceof IsthmusError ? error.code : undefined, message } };
        port.postMessage(answer);
      }
    };
    const end = (): void => {
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
class Replica {
  private readonly optimiser: Optimiser;
  private readonly random: Random;
  /** Room for gradients. */
  private spare: Gradient[] = [];

  private constructor(
    private readonly network: Network,
    private readonly plan: TrainPlan,
  ) {
    this.optimiser = new Optimiser(network.parameters, optimiserOf(plan));
    this.random = new Random(network.kernels, plan.seed);
  }

  static async create(checkpoint: Uint8Array): Promise<Replica> {
    const saved = SavedTraining.read(checkpoint);
    const { plan } = saved.checkpoint;
    const kernels = await loadKernels({ relaxed: relaxedSimdSupported() });
    const network = new Network(kernels, plan.configuration, { training: true });
    saved.restore(network);
    return new Replica(network, plan);
  }

  carryOut(order: Order): Answer | undefined {
    if (order.order === "pass") return this.pass(order.jobs, order.standing);
    if (order.order === "evaluate") return this.evaluate(order.jobs);
    if (order.order === "step") {
      this.step(order.gradient, order.step, order.rate);
      this.spare = [order.gradient, ...order.spare];
    }
    return undefined;
  }

  private pass(jobs: readonly Job[], standing: Standing): Answer {
    const { parameters, analysis } = this.network;
    analysis?.code?.anneal(standing.share);
    const passes = jobs.map((job) => {
      clearGradients(parameters);
      const result = this.passThrough(job, standing);
      return { result, gradient: readGradients(parameters, this.spare.pop()) };
    });
    return { results: passes.map(({ result }) => result), gradients: passes.map(({ gradient }) => gradient) };
  }

  private evaluate(jobs: readonly Job[]): Answer {
    const results = withAverages(this.network, () =>
      jobs.map((job) => this.passThrough(job, { step: job.stream, share: 1 })),
    );
    return { results, gradients: [] };
  }

  private step(gradient: Float32Array, step: number, rate: number): void {
    writeGradients(this.network.parameters, gradient);
    this.optimiser.step(step, rate);
    this.network.prepare();
  }

  private passThrough({ batch, seed, stream }: Job, standing: Standing): StepResult {
    const { network, plan, random } = this;
    return network.kernels.memory.scope(() => {
      random.reseed(seed, stream);
      return passThrough(network, plan, placeBatch(network.kernels, batch), random, standing);
    });
  }
}
