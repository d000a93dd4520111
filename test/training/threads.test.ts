import { Worker } from "node:worker_threads";
import { describe, expect, it, vi } from "vitest";
import { finish } from "../../src/ground/steps.js";
import type { DecodedImage } from "../../src/image/image.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Model } from "../../src/models/model.js";
import { Network } from "../../src/models/network.js";
import { clearGradients, readGradients } from "../../src/nn/gradients.js";
import { Random } from "../../src/nn/random.js";
import type { NodeTrainOptions } from "../../src/node/train.js";
import { Breath, longScope } from "../../src/training/breath.js";
import type { Standing } from "../../src/training/evidence.js";
import { passThrough } from "../../src/training/learning-pass.js";
import type { Batch } from "../../src/training/step.js";
import type { WorkerSource } from "../../src/training/team/remote-worker.js";
import { runOf, usualShards } from "../../src/training/team/shards.js";
import { Team } from "../../src/training/team/team.js";
import { trainTogether } from "../../src/training/train.js";
import type { TrainOptions } from "../../src/training/train-options.js";
import { Sampler } from "../../src/training/training-set.js";
import { Connection } from "../../src/worker/connection.js";
import { runCommand } from "../cli/run-cli.js";
import { drawPictures } from "../reference/pictures.js";
import { planned, prepared } from "./planned.js";

/** Threads run the build. */
const { train } = (await import(new URL("../../dist/node.js", import.meta.url).href)) as {
  train(images: readonly DecodedImage[], options?: NodeTrainOptions): Promise<Model>;
};
const { train: trainAlone } = (await import(
  new URL("../../dist/index.js", import.meta.url).href
)) as typeof import("../../src/index.js");

const photos = drawPictures(6, 48, 40, 3);
const small = drawPictures(24, 8, 6, 1);
const photo = { preset: "photo", latents: 16, crop: 32, batch: 5, seed: 5, steps: 5 } as const;
const vector = { preset: "vector", latents: 6, batch: 97, steps: 12 } as const;

const presets: [string, readonly DecodedImage[], TrainOptions][] = [
  ["photo", photos, photo],
  ["vector", small, vector],
  ["variational", small, { preset: "variational", latents: 4, hidden: [16], batch: 80, warmUp: 0.5, steps: 12 }],
  ["variational, importance-weighted", small, { preset: "variational", latents: 4, samples: 12, batch: 65, steps: 4 }],
  ["sparse", small, { preset: "sparse", latents: 60, sparsity: { kind: "k", active: 5 }, batch: 64, steps: 12 }],
  [
    "photo, to restore what a function of the caller's own damages",
    photos,
    {
      preset: "photo",
      latents: 8,
      crop: 16,
      batch: 4,
      steps: 3,
      corrupt: {
        name: "dark",
        drawn: "always",
        apply: (image, random) => ({ ...image, data: image.data.map((v) => v * random.uniform()) }),
      },
    } as TrainOptions,
  ],
];

describe.each(presets)("training on several threads: %s", (_, images, options) => {
  it("gives the same bits again, whatever the number of threads, and those of the main entry", async () => {
    const [one, two, again, three] = [1, 2, 2, 3].map((threads) => train(images, { ...options, threads }));
    const { id } = await one;
    for (const other of [two, again, three]) expect((await other).id).toBe(id);
    expect((await two).weights()).toEqual((await one).weights());
    expect((await two).training!.shards).toBeGreaterThan(1);
    expect((await trainAlone(images, options)).id).toBe(id);
  });
});

describe("the gradient of a batch in shards", () => {
  it("is that of the whole batch but for rounding, and so is the result", async () => {
    const kernels = await loadKernels();
    // Nothing is drawn at random but the batch, and the shards differ in size.
    const plan = await planned(small, { preset: "vector", corrupt: "blur:1", latents: 5, batch: 11, steps: 1 });
    const network = new Network(kernels, plan.configuration, { training: true });
    const random = new Random(kernels, 3);
    const { parameters } = network;
    for (const parameter of parameters.all) {
      const values = random.uniforms(parameter.count).map((value) => (value - 0.5) / 4);
      for (const state of ["value", "average"] as const) parameters.write(parameter, values, state);
    }
    network.prepare();
    const sampler = new Sampler(kernels, plan.configuration, prepared(small, 1), plan);
    const draw = (stream = 0): Promise<Batch> => {
      random.reseed(9, stream);
      return sampler.batch(random);
    };
    const standing = { step: 0, share: 0 };
    clearGradients(parameters);
    const passWhole = (stream: number, standing: Standing) =>
      longScope(kernels.memory, async () => finish(passThrough(network, plan, await draw(stream), random, standing)));
    const whole = await passWhole(0, standing);
    const gradient = readGradients(parameters);
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(1e-4);
    const team = new Team(network, { ...plan, shards: usualShards }, [], new Breath());
    const parts = await team.pass(draw, standing);
    readGradients(parameters).forEach((value, i) => {
      expect(Math.abs(value - gradient[i])).toBeLessThan(1e-5 * largest);
    });
    expect(parts.loss).toBeCloseTo(whole.loss, 6);
    expect(parts.meanSquaredError / whole.meanSquaredError).toBeCloseTo(1, 5);
    const losses = await team.evaluate(draw, 2);
    for (const [i, loss] of losses.entries()) {
      expect(loss).toBeCloseTo((await passWhole(i, { step: i, share: 1 })).loss, 6);
    }
  });

  it("holds no more than 192 x 192 pixels, unless a picture has more, and so many pictures where one is a cell", async () => {
    const shardsOf = async (options: TrainOptions, images = photos) => (await planned(images, options)).shards;
    expect(await shardsOf({ preset: "photo", crop: 192, batch: 32 })).toBe(32);
    expect(await shardsOf({ preset: "photo", crop: 96, batch: 64 })).toBe(16);
    expect(await shardsOf({ preset: "photo", crop: 512, batch: 3 })).toBe(3);
    expect(await shardsOf({ preset: "photo", crop: 16, batch: 64 })).toBe(8);
    expect(await shardsOf({ preset: "vector", batch: 128 }, small)).toBe(4);
    expect(await shardsOf({ preset: "vector", batch: 31 }, small)).toBe(1);
  });

  it.each([
    [11, 8],
    [4, 4],
    [128, 8],
    [3, 2],
  ])("covers %i pictures by %i shards once each", (count, shards) => {
    const runs = Array.from({ length: shards }, (_, shard) => runOf(count, shard, shards));
    expect(runs[0].from).toBe(0);
    expect(runs.at(-1)!.to).toBe(count);
    runs.forEach(({ from, to }, i) => {
      expect(to).toBeGreaterThan(from);
      if (i > 0) expect(from).toBe(runs[i - 1].to);
    });
  });
});

/** The checkpoint of a training that is aborted after some steps. */
async function interrupted(options: NodeTrainOptions): Promise<Uint8Array> {
  const controller = new AbortController();
  const checkpoints: Uint8Array[] = [];
  const training = train(photos, {
    ...options,
    signal: controller.signal,
    onCheckpoint: (bytes) => {
      checkpoints.push(bytes);
    },
    onProgress: ({ step }) => {
      if (step >= 1) controller.abort("enough");
    },
  });
  await expect(training).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  expect(checkpoints.length).toBe(1);
  return checkpoints[0];
}

describe("a training on two threads", () => {
  it("goes on from its checkpoint to the weights of an undisturbed one, on any number of threads", async () => {
    const options = { ...photo, steps: 12, threads: 2 };
    const whole = await train(photos, options);
    const resume = await interrupted(options);
    for (const threads of [1, 2, 3]) expect((await train(photos, { resume, threads })).id).toBe(whole.id);
    expect((await trainAlone(photos, { resume })).id).toBe(whole.id);
  });

  it("stops early at the same step, with the same weights, whatever the number of threads", async () => {
    const noise = (from: number): DecodedImage[] =>
      drawPictures(2, 8, 8, 1).map((image, seed) => ({
        ...image,
        data: image.data.map((_, i) => (Math.imul(i + 977 * (seed + from), 2654435761) >>> 24) & 255),
      }));
    const options = {
      ...vector,
      latents: 8,
      batch: 64,
      steps: 60,
      learningRate: 0.1,
      earlyStop: { patience: 1 },
      validation: noise(9),
    };
    const [two, three] = [
      await train(noise(0), { ...options, threads: 2 }),
      await train(noise(0), { ...options, threads: 3 }),
    ];
    expect((await train(noise(0), { ...options, threads: 1 })).id).toBe(two.id);
    expect(two.training!.steps).toBeLessThan(60);
    expect(three.training!.steps).toBe(two.training!.steps);
    expect(three.id).toBe(two.id);
  });

  it("reports, hands out models on the way, and ends in good order when asked to", async () => {
    const finisher = new AbortController();
    const steps: number[] = [];
    const snapshots: Model[] = [];
    const model = await train(small, {
      ...vector,
      steps: 1_000_000,
      threads: 2,
      finish: finisher.signal,
      snapshotSeconds: 0,
      onProgress: ({ step }) => steps.push(step),
      onSnapshot: (snapshot) => {
        snapshots.push(snapshot);
        finisher.abort();
      },
    });
    expect(snapshots.length).toBeGreaterThan(0);
    expect(steps.length).toBeGreaterThan(1);
    expect(model.training!.steps).toBeGreaterThanOrEqual(snapshots[0].training!.steps);
    const undisturbed = await train(small, { ...vector, threads: 2 });
    const watched = await train(small, { ...vector, threads: 2, snapshotSeconds: 0, onSnapshot: () => {} });
    expect(watched.weights()).toEqual(undisturbed.weights());
  });

  it("trains for the minutes it is given", async () => {
    const before = performance.now();
    const model = await train(small, { ...vector, steps: undefined as never, minutes: 0.03, threads: 2 });
    expect(model.training!.steps).toBeGreaterThan(0);
    expect(performance.now() - before).toBeLessThan(60_000);
  });

  it("ends where the numbers are not finite any more", async () => {
    const options: NodeTrainOptions = { preset: "variational", learningRate: 1, steps: 400, batch: 64, threads: 2 };
    const bright = drawPictures(24, 12, 12, 3);
    await expect(train(bright, options)).rejects.toMatchObject({ code: "training-diverged" });
  });

  it("leaves nothing behind, however it ends", async () => {
    const open = (): string[] => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name));
    await interrupted({ ...photo, steps: 12, threads: 3 });
    await train(photos, { ...photo, threads: 2 });
    const fails = (): never => {
      throw new Error("the listener fails");
    };
    await expect(
      train(photos, { ...photo, threads: 2, onCheckpoint: fails, checkpointSeconds: 0, steps: 1e6 }),
    ).rejects.toThrow("the listener fails");
    // Ports close a moment later than they are told to.
    await expect.poll(open, { timeout: 10_000 }).toEqual([]);
    // A process that has nothing else to do ends by itself.
    const script = `
      import { train } from ${JSON.stringify(new URL("../../dist/node.js", import.meta.url).href)};
      const images = [0, 1, 2].map((i) => ({ data: new Uint8Array(64).map((_, j) => 9 * j * i), width: 8, height: 8, channels: 1 }));
      const abort = new AbortController();
      const options = { preset: "vector", latents: 2, threads: 2, steps: 1e6, signal: abort.signal };
      await train(images, { ...options, onProgress: ({ step }) => step > 1 && abort.abort() }).catch(({ code }) => console.log(code));`;
    const ended = await runCommand(process.execPath, ["--input-type=module", "-e", script], {});
    expect([ended.code, ended.stdout.toString(), ended.stderr]).toEqual([0, "aborted\n", ""]);
  });
});

describe("a worker that fails", () => {
  /** One thread beside this one. */
  function sourceOf(started: Worker[], script = new URL("../../dist/worker-node.js", import.meta.url)): WorkerSource {
    return {
      threads: 2,
      start: () => {
        const worker = new Worker(script);
        started.push(worker);
        const { port1, port2 } = new MessageChannel();
        return [{ port: port2, ended: new Connection(worker).call("work", { port: port1 }, {}, [port1]) }];
      },
    };
  }

  /** A port whose other end takes orders and answers none. */
  const silent = (): [MessagePort, MessagePort] => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", ({ data }) => data.order === "end" && port1.close());
    port1.start();
    return [port1, port2];
  };

  it("ends the training with its error, where its thread is gone, and nothing is lost", async () => {
    const started: Worker[] = [];
    const checkpoints: Uint8Array[] = [];
    const options = { ...photo, steps: 100 };
    const training = trainTogether(
      photos,
      {
        ...options,
        onProgress: ({ step }) => void (step > 1 && started[0].terminate()),
        onCheckpoint: (bytes) => void checkpoints.push(bytes),
      },
      sourceOf(started),
    );
    await expect(training).rejects.toMatchObject({ name: "IsthmusError", code: "worker-failed" });
    expect(checkpoints.length).toBe(1);
    expect((await train(photos, { resume: checkpoints[0] })).id).toBe((await train(photos, options)).id);
  });

  it("ends the training with its error, where its thread cannot start", async () => {
    const training = trainTogether(photos, photo, sourceOf([], new URL("./nothing-here.js", import.meta.url)));
    await expect(training).rejects.toMatchObject({ code: "worker-failed" });
  });

  it("ends the training with its error, where its pass throws", async () => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", ({ data }) => {
      if (data.order === "pass") port1.postMessage({ error: { code: "training-diverged", message: "not finite" } });
      if (data.order === "end") port1.close();
    });
    port1.start();
    const training = trainTogether(photos, photo, { threads: 2, start: () => [{ port: port2 }] });
    await expect(training).rejects.toMatchObject({ code: "training-diverged", message: "not finite" });
  });

  it("ends the training with a sentence, where its end of the port is closed and nothing else tells", async () => {
    const [port1, port2] = silent();
    setTimeout(() => port1.close(), 100);
    const training = trainTogether(photos, photo, { threads: 2, start: () => [{ port: port2 }] });
    await expect(training).rejects.toMatchObject({
      code: "worker-failed",
      message: "A worker of the training has ended",
    });
  });

  it("ends the training with a sentence, where it never answers", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const training = trainTogether(photos, photo, { threads: 2, start: () => [{ port: silent()[1] }] });
      const ended = expect(training).rejects.toMatchObject({
        code: "worker-failed",
        message: expect.stringMatching(/^A worker of the training has given no answer for \d+ seconds$/),
      });
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { timeout: 10_000 });
      vi.advanceTimersByTime(3_600_000);
      await ended;
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the number of threads", () => {
  it.each([0, 1.5, 257, Number.NaN, "2" as never])("cannot be %s", async (threads) => {
    await expect(train(photos, { ...photo, threads })).rejects.toThrow(
      /^Expected an integer between 1 and 256 for threads/,
    );
  });

  it("is by default that of the cores", async () => {
    expect((await train(small, vector)).id).toBe((await train(small, { ...vector, threads: 1 })).id);
  });

  it("does not split what cannot be split, and says so", async () => {
    const warnings: string[] = [];
    const options: NodeTrainOptions = {
      preset: "sparse",
      latents: 20,
      steps: 2,
      onWarning: (text) => warnings.push(text),
    };
    const sparsity = { kind: "kl", activity: 0.1, weight: 1 } as const;
    const model = await train(small, { ...options, sparsity, threads: 2 });
    expect(warnings).toEqual([expect.stringContaining("the penalty kl")]);
    expect(model.weights()).toEqual((await trainAlone(small, { ...options, sparsity })).weights());
    const one = await train(photos, { ...photo, batch: 1, threads: 2, onWarning: (text) => warnings.push(text) });
    expect(one.training!.shards).toBe(1);
    expect(warnings).toEqual([expect.anything(), expect.stringContaining("too small to be split")]);
  });
});
