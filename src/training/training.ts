import { IsthmusError } from "../ground/errors.js";
import { finish, type Steps } from "../ground/steps.js";
import { Model, roundingToStorage } from "../models/model.js";
import type { Network } from "../models/network.js";
import type { PlaneContexts } from "../models/plane-contexts.js";
import { besideParent } from "../models/storage.js";
import { Random } from "../nn/random.js";
import type { Breath } from "./breath.js";
import { calibrateQuantization } from "./calibrate.js";
import { type Checkpoint, type SavedTraining, writeCheckpoint } from "./checkpoint.js";
import type { Clock } from "./clock.js";
import { makeTables, timeTableCrop } from "./count-tables.js";
import { Evidence } from "./evidence.js";
import type { Gallery } from "./gallery.js";
import { HeldOut } from "./held-out.js";
import { initialize, initializeBlocks } from "./initialize.js";
import { trainPlaneContexts } from "./learn-plane-contexts.js";
import { Optimiser, optimiserOf } from "./optimiser.js";
import type { TrainPlan } from "./plan.js";
import type { PreparedSet } from "./prepared-set.js";
import { preservingWeights } from "./preserve-weights.js";
import type { ProgressMeter } from "./progress-meter.js";
import { qualityScaleOf } from "./quality-scale.js";
import { learningRateAt, variationalLearningRateAt } from "./schedule.js";
import { receiverMatrices, settle } from "./settle.js";
import type { Batch, StepResult } from "./step.js";
import type { Team } from "./team/team.js";
import { Timetable } from "./timetable.js";
import type { TrainOptions } from "./train-options.js";
import { Sampler } from "./training-set.js";
import { rootOf, transferWeights } from "./transfer.js";

/** Streams of random numbers apart from those of the steps, which are numbered from 0. */
const stream = { start: -1, tables: -2, timing: -3, scale: -4 };
/** Crops counted into the coding tables of models on the way, at each quality. */
const snapshotCrops = 2;
const secondsBetweenSnapshots = 30;
/** Training goes on for at least as many times as long as a snapshot took before the next one. */
const snapshotPause = 9;
/** How often in a training it is measured what the work after the last step would take. */
const measurements = 20;
/** When a model that shall be a difference settles: see docs/decisions/0054. */
const settlingShare = 0.5;
/** Crops that the qualities are spaced by where no tables are counted, and what they take beside counting. */
const usualScaleCrops = 12;
const shareOfScale = 0.4;

/** What surrounds a training. */
export interface Surroundings {
  readonly team: Team;
  readonly breath: Breath;
  readonly clock: Clock;
  readonly meter: ProgressMeter;
  /** Of the images. */
  readonly digest: string;
  /** Bytes of decoded images to hold at a time. */
  readonly maxImageMemory: number;
}

/** One training run: its state and the order of its phases, start (or restore), run, finish. */
export class Training {
  private readonly optimiser: Optimiser;
  private readonly random: Random;
  private readonly sampler: Sampler;
  private timetable: Timetable;
  private planes: PlaneContexts | undefined;
  /** What the model will be a difference to. */
  private parent: Model | undefined;
  private parentsFile: Uint8Array | undefined;
  private isSettled = false;
  private step = 0;
  private stepSeconds = 0;
  private lastCheckpoint = performance.now();
  private nextSnapshot: number;

  private constructor(
    private readonly network: Network,
    private readonly set: PreparedSet,
    private readonly plan: TrainPlan,
    private readonly options: TrainOptions,
    private readonly around: Surroundings,
    private readonly heldOut: HeldOut | undefined,
    learnt: Gallery,
    /** Takes the place of the sampler's batches in variational training. */
    private readonly evidence: Evidence | undefined,
  ) {
    const { kernels, configuration } = network;
    this.nextSnapshot = performance.now() + (options.snapshotSeconds ?? secondsBetweenSnapshots) * 1000;
    this.random = new Random(kernels, plan.seed);
    this.optimiser = new Optimiser(network.parameters, optimiserOf(plan));
    this.sampler = new Sampler(kernels, configuration, learnt, plan, set.damage);
    this.timetable = new Timetable(plan, around.clock);
  }

  static async create(
    network: Network,
    set: PreparedSet,
    plan: TrainPlan,
    options: TrainOptions,
    around: Surroundings,
  ): Promise<Training> {
    const { maxImageMemory, breath } = around;
    const heldOut = plan.patience ? await HeldOut.create(network, set, plan, maxImageMemory, breath) : undefined;
    const learnt = heldOut?.training ?? set.images;
    const evidence = plan.variational && (await Evidence.over(network, learnt, plan, maxImageMemory, breath));
    return new Training(network, set, plan, options, around, heldOut, learnt, evidence);
  }

  async start(from: Model | undefined): Promise<void> {
    if (from && this.plan.difference !== undefined) this.parent = rootOf(from);
    const { network, around } = this;
    const { breath } = around;
    this.random.reseed(this.plan.seed, stream.start);
    if (from) {
      initializeBlocks(network, this.random);
      transferWeights(from, network);
    } else if (this.evidence) {
      await this.evidence.initialize(this.random, breath);
    } else {
      await this.sampler.ready(breath);
      await initialize(network, this.sampler, this.random, this.plan.start, breath);
    }
    this.planes = (await trainPlaneContexts(network.kernels, this.set.planes, breath)) ?? from?.planeContexts;
    if (this.parent) this.optimiser.settle(receiverMatrices(network).kept);
    around.team.begin(await breath.through(this.checkpoint()));
  }

  restore(saved: SavedTraining): void {
    const { checkpoint } = saved;
    const { best, planes, parent } = saved.restore(this.network, this.optimiser);
    this.planes = planes;
    this.parent = parent;
    this.isSettled = checkpoint.isSettled ?? false;
    this.heldOut?.restore(checkpoint, best);
    this.step = checkpoint.step;
    this.around.clock.resumeAt(checkpoint.seconds);
    this.timetable = new Timetable(this.plan, this.around.clock, checkpoint.firstSteps);
    this.around.meter.resumeAt(checkpoint.step, this.timetable.expectedSteps(checkpoint.step));
    this.around.team.begin(finish(this.checkpoint()));
  }

  /** Whatever ends the training before its model is there, but for numbers that are not finite, calls for a checkpoint. */
  async runAndFinish(): Promise<Model> {
    try {
      await this.run();
      return await preservingWeights(this.network, () => this.finish());
    } catch (error) {
      const code = error instanceof IsthmusError ? error.code : undefined;
      if (code === "aborted") await this.options.onCheckpoint?.(finish(this.checkpoint()));
      else if (code !== "training-diverged") await this.rescue();
      throw error;
    }
  }

  private async run(): Promise<void> {
    const { heldOut, timetable, random } = this;
    const { team, breath, clock, meter } = this.around;
    const { finish: early } = this.options;
    meter.enter("train");
    let measured = -1;
    let lastLook = performance.now();
    for (;;) {
      const goesOn = !(early?.aborted && this.step > 0) && timetable.goesOn(this.step, this.stepSeconds);
      const share = goesOn ? timetable.schedule.shareAt(this.step) : 1;
      if (heldOut?.isDue(share, this.step)) {
        const before = clock.seconds;
        const stops = await heldOut.evaluate(random, share, this.step, team);
        timetable.expect({ evaluating: clock.seconds - before });
        if (stops) break;
      }
      if (!goesOn) break;
      if (timetable.followsClock && Math.floor(share * measurements) > measured) {
        measured = Math.floor(share * measurements);
        timetable.expect({ counting: await this.timeTables() });
      }
      await this.settleIfDue(share);
      const before = clock.seconds;
      const result = await this.optimise();
      this.stepSeconds = clock.seconds - before;
      if (heldOut?.evaluatedAt === 0) timetable.expect({ evaluating: heldOut.batches * this.stepSeconds });
      this.step++;
      meter.add(this.step, timetable.done(this.step), timetable.expectedSteps(this.step), result);
      await breath.breathe();
      if (performance.now() - lastLook < 50 && !early?.aborted) continue;
      lastLook = performance.now();
      await this.checkpointIfDue();
      if (!early?.aborted) await this.snapshotIfDue();
    }
  }

  /** Brings the receiver's matrices near to the parent's, once, where the model shall be a difference; the rest of the training makes up for that. */
  private async settleIfDue(share: number): Promise<void> {
    const { plan, parent, network, optimiser, around } = this;
    if (!parent || plan.difference === undefined || this.isSettled || share < settlingShare) return;
    await around.breath.through(settle(network, parent, plan.difference));
    this.isSettled = true;
    optimiser.settle(receiverMatrices(network).free);
    this.heldOut?.forget();
    around.team.begin(await around.breath.through(this.checkpoint()));
  }

  private finish(): Promise<Model> {
    this.around.meter.enter("finish");
    return this.model((crops, seconds) => this.timetable.countsOn(crops, seconds));
  }

  /** A model of what has been learnt so far. Leaves its weights, rounded and averaged, in the network. */
  private async model(countsOn: (crops: number, seconds: number) => boolean): Promise<Model> {
    const { network, plan, set, random, parent } = this;
    const { breath, meter } = this.around;
    const { parameters, configuration } = network;
    const rests = plan.peak === 0;
    for (const parameter of parameters.all) {
      parameters.write(parameter, this.heldOut?.best.get(parameter.name) ?? parameters.read(parameter, "average"));
      await breath.breathe();
    }
    await this.evidence?.setSteps(breath);
    await breath.through(roundingToStorage(network, parent && besideParent(parent.tensorsOf("all"))));
    random.reseed(plan.seed, stream.tables);
    this.sampler.turnTo(this.step);
    network.levels[0].analysis?.code?.anneal(1);
    const activity = configuration.sparsity && (await calibrateQuantization(network, this.sampler, random, breath));
    // The parent's tables serve as well, and cost a receiver nothing.
    const counted =
      configuration.restoration || parent
        ? undefined
        : await makeTables(network, this.sampler, random, countsOn, breath);
    const tables = counted?.tables ?? parent?.tables;
    let scaleCrops = 0;
    const goesOn = (crops: number, seconds: number): boolean => {
      scaleCrops = crops;
      if (counted) return crops < counted.crops / 2;
      return crops < usualScaleCrops && countsOn(2 * crops, seconds);
    };
    const qualityScale =
      configuration.ssimulacra2 && tables && !rests
        ? await qualityScaleOf(network, goesOn, (crop, q) => this.drawAt(crop, q), breath)
        : undefined;
    const schedule = this.timetable.record(counted?.crops ?? 2 * scaleCrops);
    const facts = {
      name: this.options.name ?? plan.configuration.preset,
      images: set.images.count,
      steps: rests ? 0 : this.step,
      seed: plan.seed,
      batch: plan.batch,
      crop: plan.crop,
      ...plan.variational,
      shards: plan.shards,
      ...(schedule && { schedule }),
      ...meter.summary(),
      ...(activity && { activity }),
      date: new Date().toISOString().slice(0, 10),
      licence: this.options.licence ?? "",
    };
    // Last, wherever it stood: the order of members is part of the model's id, and a checkpoint keeps none of what is undefined.
    const { qualityScale: before, ...graph } = configuration;
    const scale = qualityScale ?? before;
    const scaled = { ...graph, ...(scale && { qualityScale: scale }) };
    return breath.through(Model.writing(network, tables, facts, this.planes, scaled, parent));
  }

  private async optimise(): Promise<StepResult> {
    const { network, step, plan } = this;
    const { schedule } = this.timetable;
    const rateAt = plan.variational ? variationalLearningRateAt : learningRateAt;
    const rate = plan.peak * rateAt(schedule, step);
    const { team, breath } = this.around;
    const result = await team.pass(() => this.draw(step), { step, share: schedule.shareAt(step) });
    // A step of the optimiser is not to be interrupted.
    await breath.now();
    team.step(step, rate);
    this.optimiser.step(step, rate);
    network.prepare();
    return result;
  }

  private draw(step: number): Batch | Promise<Batch> {
    const { random, sampler, evidence, plan } = this;
    random.reseed(plan.seed, step);
    sampler.turnTo(step);
    return evidence ? evidence.draw(random, step) : sampler.batch(random);
  }

  /** The same crop at any quality. */
  private drawAt(crop: number, coordinate: number): Promise<Batch> {
    this.random.reseed(~this.plan.seed, crop);
    return this.sampler.batch(this.random, [coordinate]);
  }

  /** Seconds that counting a crop into the tables would take now. */
  private async timeTables(): Promise<number> {
    if (this.plan.configuration.restoration) return 0;
    this.random.reseed(this.plan.seed, stream.timing);
    const seconds = await timeTableCrop(this.network, this.sampler, this.random);
    return this.parent ? seconds * shareOfScale : seconds;
  }

  private async checkpointIfDue(): Promise<void> {
    const { onCheckpoint, checkpointSeconds = 60 } = this.options;
    if (!onCheckpoint || performance.now() - this.lastCheckpoint <= checkpointSeconds * 1000) return;
    const checkpoint = await this.around.breath.through(this.checkpoint());
    await this.around.clock.during(() => onCheckpoint(checkpoint));
    this.lastCheckpoint = performance.now();
  }

  /** A last checkpoint, where there is memory for it. What ended the training matters more than what may go wrong here. */
  private async rescue(): Promise<void> {
    try {
      await this.options.onCheckpoint?.(finish(this.checkpoint()));
    } catch {
      // The caller is told of the first error.
    }
  }

  private async snapshotIfDue(): Promise<void> {
    const { onSnapshot, snapshotSeconds = secondsBetweenSnapshots } = this.options;
    if (!onSnapshot || performance.now() < this.nextSnapshot) return;
    const before = performance.now();
    const model = await preservingWeights(this.network, () => this.model((crops) => crops < snapshotCrops));
    await this.around.clock.during(() => onSnapshot(model));
    const after = performance.now();
    this.nextSnapshot = after + Math.max(snapshotSeconds * 1000, snapshotPause * (after - before));
  }

  private checkpoint(): Steps<Uint8Array> {
    const { network, optimiser, plan, step, heldOut, set, planes } = this;
    const { firstSteps } = this.timetable;
    const checkpoint: Checkpoint = {
      plan,
      step,
      ...(this.isSettled && { isSettled: true }),
      seconds: this.around.clock.seconds,
      ...(firstSteps && { firstSteps }),
      images: { count: set.images.count, digest: this.around.digest },
      bestLoss: heldOut?.bestLoss ?? null,
      sinceBest: heldOut?.sinceBest ?? 0,
      evaluations: heldOut?.evaluations ?? 0,
      evaluatedAt: heldOut?.evaluatedAt ?? 0,
    };
    this.parentsFile ??= this.parent?.safetensors();
    const parent = this.parentsFile;
    return writeCheckpoint(network, optimiser, checkpoint, { best: heldOut?.best ?? new Map(), planes, parent });
  }
}
