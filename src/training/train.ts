import { expected, IsthmusError, throwIfAborted } from "../errors.js";
import { checkImage, type DecodedImage, type Image } from "../image/image.js";
import { loadKernels, relaxedSimdSupported } from "../kernels/instantiate.js";
import { Model, roundToStorage } from "../models/model.js";
import { Network } from "../models/network.js";
import type { PlaneContexts } from "../models/plane-contexts.js";
import { Random } from "../nn/random.js";
import { Breath } from "./breath.js";
import { calibrateQuantization } from "./calibrate.js";
import { SavedTraining, writeCheckpoint } from "./checkpoint.js";
import { checkInputs, cropDamageOf, damageImages } from "./damage.js";
import { Evidence } from "./evidence.js";
import { HeldOut } from "./held-out.js";
import { initialize, initializeBlocks } from "./initialize.js";
import { Optimiser, optimiserOf } from "./optimiser.js";
import type { TrainOptions } from "./options.js";
import { corruptionOf, planTraining, type TrainPlan, warningsOfPlan } from "./plan.js";
import { type TrainingPlane, trainingPlanes, trainPlaneContexts } from "./plane-contexts.js";
import { preservingWeights } from "./preserve-weights.js";
import { ProgressMeter } from "./progress-meter.js";
import { learningRateAt, variationalLearningRateAt } from "./schedule.js";
import type { Batch, StepResult } from "./step.js";
import { makeTables } from "./tables.js";
import type { WorkerSource } from "./team/remote-worker.js";
import { Team } from "./team/team.js";
import { type CropDamage, prepareImages, Sampler, type TrainingImage } from "./training-set.js";
import { transferWeights } from "./transfer.js";

/** Streams of random numbers apart from those of the steps, which are numbered from 0. */
const stream = { start: -1, tables: -2, calibration: -3 };
const calibrationSteps = 6;
/** Crops counted into the coding tables, at each quality: of the model that is returned, and of those on the way. */
const tableCrops = { finish: 24, snapshot: 2 };
const secondsBetweenSnapshots = 30;
/** Training goes on for at least as many times as long as a snapshot took before the next one. */
const snapshotPause = 9;

/**
 * Trains a model on images and returns it. Images should be what the sender will send: a few hundred of one kind are a good start.
 *
 * @throws IsthmusError `invalid-parameter`, `invalid-training-set`, `training-diverged`, `unsupported-engine`, or `aborted`
 * (then `onCheckpoint` has been called with what `resume` needs).
 */
export const train = (images: Iterable<Image>, options: TrainOptions = {}): Promise<Model> =>
  trainTogether(images, options, alone);

const alone: WorkerSource = { threads: 1, start: () => [] };

/** `train` on several threads, with the same result. */
export async function trainTogether(
  images: Iterable<Image>,
  options: TrainOptions,
  workers: WorkerSource,
): Promise<Model> {
  throwIfAborted(options.signal);
  if (!(Symbol.iterator in Object(images))) throw expected("an array of images", "images", images);
  const checked = Array.from(images, (image) => checkImage(image));
  const saved = options.resume && SavedTraining.read(options.resume);
  if (saved && saved.checkpoint.images !== checked.length) {
    throw new IsthmusError(
      "invalid-training-set",
      `Expected the ${saved.checkpoint.images} images of the checkpoint but received ${checked.length}`,
    );
  }
  // What can be read once only is read here.
  const given = { ...options, ...(options.inputs && { inputs: checkInputs(checked, options.inputs) }) };
  const plan = saved?.checkpoint.plan ?? planTraining(checked, given);
  for (const warning of [...warningsOfPlan(plan), ...warningsOfThreads(plan, workers)]) options.onWarning?.(warning);
  const kernels = await loadKernels({ relaxed: relaxedSimdSupported() });
  const network = new Network(kernels, plan.configuration, { training: true });
  const set = await prepareSet(network, checked, plan, given);
  const breath = new Breath(options.signal);
  const team = new Team(network, plan, workers.start(Math.min(workers.threads, plan.shards) - 1), breath);
  try {
    const training = new Training(network, set, plan, options, team, breath);
    if (saved) training.restore(saved);
    else await training.start();
    return await training.runAndFinish();
  } finally {
    team.close();
  }
}

function warningsOfThreads({ shards, configuration: { sparsity } }: TrainPlan, { threads }: WorkerSource): string[] {
  if (threads === 1 || shards > 1) return [];
  const reason =
    sparsity?.kind === "kl" ? "the penalty kl is one on whole batches" : "its batches are too small to be split";
  return [`This training runs on one thread: ${reason}`];
}

/** What a training learns from and is judged by, in the channels of its network. */
interface PreparedSet {
  readonly images: readonly TrainingImage[];
  readonly validation: readonly TrainingImage[];
  readonly damage: CropDamage | undefined;
  readonly planes: readonly TrainingPlane[];
}

async function prepareSet(
  { kernels, configuration }: Network,
  images: readonly DecodedImage[],
  plan: TrainPlan,
  options: TrainOptions,
): Promise<PreparedSet> {
  const { channels, restoration } = configuration;
  const validation = Array.from(options.validation ?? [], (image) => checkImage(image));
  const prepare = (inputs?: readonly DecodedImage[], validationInputs?: readonly DecodedImage[]) => ({
    images: prepareImages(images, channels, inputs),
    validation: prepareImages(validation, channels, validationInputs),
    planes: restoration ? [] : trainingPlanes(images, channels),
  });
  if (!restoration) return { ...prepare(), damage: undefined };
  if (options.inputs) {
    return {
      ...prepare(checkInputs(images, options.inputs), checkInputs(validation, options.validationInputs ?? [])),
      damage: undefined,
    };
  }
  if (options.corrupt === undefined) throw expected("the corruption of the checkpoint", "corrupt", options.corrupt);
  const corruption = corruptionOf(options.corrupt);
  if (corruption.drawn === "always") return { ...prepare(), damage: cropDamageOf(corruption) };
  const random = new Random(kernels, plan.seed);
  const damaged = await damageImages(images, corruption, random, plan.seed);
  return { ...prepare(damaged, await damageImages(validation, corruption, random, ~plan.seed)), damage: undefined };
}

/** One training run: its state and the order of its phases, start (or restore), run, finish. */
class Training {
  private readonly optimiser: Optimiser;
  private readonly random: Random;
  private readonly sampler: Sampler;
  /** Takes the place of the sampler's batches in variational training. */
  private readonly evidence: Evidence | undefined;
  private readonly heldOut: HeldOut | undefined;
  private readonly meter: ProgressMeter;
  private plan: TrainPlan;
  private step = 0;
  private lastCheckpoint = performance.now();
  private nextSnapshot: number;

  constructor(
    private readonly network: Network,
    private readonly set: PreparedSet,
    plan: TrainPlan,
    private readonly options: TrainOptions,
    private readonly team: Team,
    private readonly breath: Breath,
  ) {
    const { kernels, configuration } = network;
    const { images, validation, damage } = set;
    this.plan = plan;
    this.nextSnapshot = performance.now() + (options.snapshotSeconds ?? secondsBetweenSnapshots) * 1000;
    this.random = new Random(kernels, plan.seed);
    this.optimiser = new Optimiser(network.parameters, optimiserOf(plan));
    this.heldOut = plan.patience ? new HeldOut(network, images, plan, validation, damage) : undefined;
    const learnt = this.heldOut?.training ?? images;
    this.sampler = new Sampler(kernels, configuration, learnt, plan, damage);
    this.evidence = plan.variational && new Evidence(network, learnt, plan);
    this.meter = new ProgressMeter(plan.batch, options.onProgress);
  }

  async start(): Promise<void> {
    this.meter.report("start", 0, this.plan.steps);
    this.random.reseed(this.plan.seed, stream.start);
    const { from } = this.options;
    if (from) {
      initializeBlocks(this.network, this.random);
      transferWeights(from, this.network);
    } else if (this.evidence) {
      this.evidence.initialize(this.random);
    } else {
      initialize(this.network, this.sampler, this.random, this.plan.start);
    }
    this.team.begin(this.checkpoint());
    if (!this.plan.steps) this.plan = { ...this.plan, steps: await this.stepsThatFit() };
  }

  restore(saved: SavedTraining): void {
    const { checkpoint } = saved;
    const best = saved.restore(this.network);
    this.heldOut?.restore(checkpoint.bestLoss, checkpoint.sinceBest, best);
    this.step = checkpoint.step;
    this.meter.resumeAt(checkpoint.step, checkpoint.seconds);
    this.team.begin(this.checkpoint());
  }

  /** Throws `aborted`, and then has called for a checkpoint. */
  async runAndFinish(): Promise<Model> {
    try {
      await this.run();
      return await preservingWeights(this.network, () => this.finish());
    } catch (error) {
      const { signal, onCheckpoint } = this.options;
      const isAborted = error instanceof IsthmusError && error.code === "aborted" && signal?.aborted;
      if (isAborted) await onCheckpoint?.(this.checkpoint());
      throw error;
    }
  }

  private async run(): Promise<void> {
    const { steps } = this.plan;
    const { finish } = this.options;
    const { heldOut, random, team } = this;
    let lastLook = performance.now();
    while (this.step < steps) {
      const result = await this.optimise();
      this.step++;
      this.meter.add(this.step, steps, result);
      if (heldOut?.isDue(this.step, steps) && (await heldOut.evaluate(random, this.step, steps, team))) break;
      await this.breath.breathe();
      if (performance.now() - lastLook < 50 && !finish?.aborted) continue;
      lastLook = performance.now();
      await this.checkpointIfDue();
      if (finish?.aborted) break;
      await this.snapshotIfDue();
    }
  }

  private finish(): Promise<Model> {
    const { network, set, options } = this;
    this.meter.report("finish", this.step, this.plan.steps);
    return this.model(
      tableCrops.finish,
      trainPlaneContexts(network.kernels, set.planes) ?? options.from?.planeContexts,
    );
  }

  /** A model of what has been learnt so far. Leaves its weights, rounded and averaged, in the network. */
  private async model(crops: number, planeContexts: PlaneContexts | undefined): Promise<Model> {
    const { network, plan, set } = this;
    const { parameters, configuration } = network;
    for (const parameter of parameters.all) {
      parameters.write(parameter, this.heldOut?.best.get(parameter.name) ?? parameters.read(parameter, "average"));
    }
    this.evidence?.setSteps();
    roundToStorage(network);
    this.random.reseed(plan.seed, stream.tables);
    network.analysis?.code?.anneal(1);
    const activity = configuration.sparsity && calibrateQuantization(network, this.sampler, this.random);
    const tables = configuration.restoration
      ? undefined
      : await makeTables(network, this.sampler, this.random, crops, this.breath);
    const facts = {
      name: this.options.name ?? plan.configuration.preset,
      images: set.images.length,
      steps: this.step,
      seed: plan.seed,
      batch: plan.batch,
      crop: plan.crop,
      ...plan.variational,
      shards: plan.shards,
      ...this.meter.summary(),
      ...(activity && { activity }),
      date: new Date().toISOString().slice(0, 10),
      licence: this.options.licence ?? "",
    };
    return Model.write(network, tables, facts, planeContexts);
  }

  private async optimise(): Promise<StepResult> {
    const { network, step, rate } = this;
    const result = await this.pass(step, step);
    this.team.step(step, rate);
    this.optimiser.step(step, rate);
    network.prepare();
    return result;
  }

  /** Of the optimiser's peak learning rate, at the next step. */
  private get rate(): number {
    const { plan, step } = this;
    const rateAt = plan.variational ? variationalLearningRateAt : learningRateAt;
    return plan.peak * rateAt(step, plan.steps);
  }

  /** Forward and backward pass through the batch of a step, drawn from a stream of random numbers. */
  private pass(step: number, from: number): Promise<StepResult> {
    return this.team.pass(() => this.draw(step, from), { step, share: this.shareAt(step) });
  }

  private draw(step: number, from: number): Batch {
    const { random, sampler, evidence, plan } = this;
    random.reseed(plan.seed, from);
    return evidence ? evidence.draw(random, step) : sampler.batch(random);
  }

  private shareAt(step: number): number {
    return this.plan.steps ? step / this.plan.steps : 0;
  }

  /** Times a few passes that leave no trace, then divides. */
  private async stepsThatFit(): Promise<number> {
    const seconds = (this.options.minutes ?? 10) * 60 - this.meter.seconds;
    const times: number[] = [];
    for (let i = 0; i < calibrationSteps; i++) {
      const before = performance.now();
      await this.pass(0, stream.calibration);
      this.network.prepare();
      times.push((performance.now() - before) / 1000);
      await this.breath.now();
    }
    const typical = times.sort((a, b) => a - b)[calibrationSteps >> 1];
    // The optimiser, which the passes leave out, costs a few per cent.
    const fitting = seconds / (typical * 1.05);
    const evaluating = this.heldOut ? Math.min(HeldOut.cost, fitting / 2) : 0;
    return Math.max(1, Math.round(fitting - evaluating));
  }

  private async checkpointIfDue(): Promise<void> {
    const { onCheckpoint, signal, checkpointSeconds = 60 } = this.options;
    if (onCheckpoint && performance.now() - this.lastCheckpoint > checkpointSeconds * 1000) {
      await onCheckpoint(this.checkpoint());
      this.lastCheckpoint = performance.now();
    }
    throwIfAborted(signal);
  }

  private async snapshotIfDue(): Promise<void> {
    const { onSnapshot, snapshotSeconds = secondsBetweenSnapshots, from } = this.options;
    if (!onSnapshot || performance.now() < this.nextSnapshot) return;
    const before = performance.now();
    await onSnapshot(await preservingWeights(this.network, () => this.model(tableCrops.snapshot, from?.planeContexts)));
    const after = performance.now();
    this.nextSnapshot = after + Math.max(snapshotSeconds * 1000, snapshotPause * (after - before));
  }

  private checkpoint(): Uint8Array {
    const { network, plan, step, heldOut } = this;
    const checkpoint = {
      plan,
      step,
      seconds: this.meter.seconds,
      images: this.set.images.length,
      bestLoss: heldOut?.bestLoss ?? null,
      sinceBest: heldOut?.sinceBest ?? 0,
    };
    return writeCheckpoint(network, checkpoint, heldOut?.best ?? new Map());
  }
}
