import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Tensor, writeSafetensors } from "../../src/ground/safetensors.js";
import { finish } from "../../src/ground/steps.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { Model } from "../../src/models/model.js";
import { Network } from "../../src/models/network.js";
import { photoConfiguration } from "../../src/models/presets.js";
import { DifferentiableParameters, declareTensor } from "../../src/nn/differentiable-parameters.js";
import { clearGradients } from "../../src/nn/gradients.js";
import { sizeOf } from "../../src/nn/grid.js";
import { trained } from "../../src/nn/parameters.js";
import { Random } from "../../src/nn/random.js";
import { initialize } from "../../src/training/initialize.js";
import { Optimiser, photoOptimiser } from "../../src/training/optimiser.js";
import { learningRateAt, StepSchedule } from "../../src/training/schedule.js";
import { forwardBackward, type StepResult } from "../../src/training/step.js";
import { Sampler } from "../../src/training/training-set.js";
import { drawPictures } from "../reference/pictures.js";
import { prepared } from "../training/planned.js";
import { describeWithTorch, difference, floatsOf, pathOf, readTensors, runPython } from "./python.js";

/** What two implementations in 32-bit floats leave: the largest difference as a share of the largest number of a tensor. */
const tolerance = 1e-4;
const kernels = await loadKernels();
const { memory } = kernels;

const tensor = (shape: readonly number[], values: Float32Array): Tensor => ({
  dtype: "F32",
  shape,
  data: new Uint8Array(values.slice().buffer),
});

const small = (tune: "psnr" | "ssimulacra2", channels: 1 | 3 = 3): ModelConfiguration => ({
  ...photoConfiguration({ channels, latents: 24, tune }),
  analysis: { hidden: [], blocks: 2, blockHidden: 40 },
  prior: { kind: "context", hidden: 24, groups: [2, 6, 16] },
});

/** Crops of 120 pixels leave the metric five scales, some of them odd, and blocks of 32 that end with the picture. */
const cases: [string, ModelConfiguration, number][] = [
  ["tuned for squared error", small("psnr"), 48],
  ["tuned for SSIMULACRA 2", small("ssimulacra2"), 120],
  ["grey", small("ssimulacra2", 1), 56],
  ["weights that training does not round", { ...small("psnr"), weightLevels: undefined, activation: "gelu" }, 40],
];

interface Step {
  readonly result: StepResult;
  readonly gradients: Map<string, Float32Array>;
}

/** A step of the trainer of this package; what the twin needs to repeat it is left in the folder. */
async function stepInto(folder: string, configuration: ModelConfiguration, side: number): Promise<Step> {
  await mkdir(folder);
  const mark = memory.mark();
  const network = new Network(kernels, configuration, { training: true });
  const { parameters } = network;
  const random = new Random(kernels, 3);
  const images = prepared(drawPictures(4, 130, 130, configuration.channels), configuration.channels);
  const sampler = new Sampler(kernels, configuration, images, { batch: 2, crop: side, augment: false });
  await initialize(network, sampler, random);
  // Away from where things start, so that no part is without effect.
  for (const parameter of parameters.all) {
    const shift = random.uniforms(parameter.count).map((value) => 0.04 * (value - 0.5));
    parameters.write(
      parameter,
      parameters.read(parameter).map((value, i) => value + shift[i]),
    );
  }
  network.prepare();
  // Coarse steps: under wide scales a centroid is a small difference of large numbers, of which 32 bits leave less.
  const batch = await sampler.batch(random, [-0.9, -0.2]);
  clearGradients(parameters);
  const result = finish(forwardBackward(network, batch));
  const gradients = new Map(parameters.all.map((p) => [p.name, memory.f32(p.gradient, p.count).slice()]));

  const weights = parameters.all.map((p): [string, Tensor] => [p.name, tensor(p.shape, parameters.read(p))]);
  const metadata = { format: "isthmus-model", version: "0", part: "all", configuration: JSON.stringify(configuration) };
  await writeFile(join(folder, "model.isthm"), writeSafetensors({ tensors: new Map(weights), metadata }));
  const { canvas, qualities } = batch;
  const tensors = new Map([
    ["canvas", tensor([2, canvas.height, canvas.width, canvas.channels], memory.f32(canvas.pointer, sizeOf(canvas)))],
    ["qualities", tensor([2], Float32Array.from(qualities))],
  ]);
  await writeFile(join(folder, "batch.safetensors"), writeSafetensors({ tensors, metadata: {} }));
  memory.release(mark);
  return { result, gradients };
}

const shapes = { square: [24, 24], tall: [600, 16], vector: [24], "gain.offset": [7] };
const optimiserSteps = 25;

/** What the optimiser of this package makes of random gradients, by SOAP of a square matrix, of one with a long side, and by Adam. */
async function optimiseInto(folder: string): Promise<Map<string, Float32Array>> {
  await mkdir(folder);
  const random = new Random(kernels, 9);
  const parameters = new DifferentiableParameters(kernels);
  for (const [name, shape] of Object.entries(shapes))
    declareTensor(parameters, { name, ...trained(shape, name.startsWith("gain") ? 3 : 1) });
  const optimiser = new Optimiser(parameters, { ...photoOptimiser, learningRate: 4e-3 });
  const tensors = new Map<string, Tensor>();
  const gradients = new Map<string, Float32Array>();
  for (const p of parameters.all) {
    parameters.write(p, random.normals(p.count));
    parameters.write(p, parameters.read(p), "average");
    tensors.set(p.name, tensor(p.shape, parameters.read(p)));
    // Directions of unlike strength, as those of networks are.
    const values = random
      .normals(p.count * optimiserSteps)
      .map((value, i) => value * (1 + (i % p.shape[p.shape.length - 1])));
    gradients.set(p.name, values);
    tensors.set(`gradient.${p.name}`, tensor([optimiserSteps, ...p.shape], values));
  }
  const schedule = new StepSchedule(optimiserSteps);
  for (let step = 0; step < optimiserSteps; step++) {
    for (const { name, count, gradient } of parameters.all) {
      memory.f32(gradient, count).set(gradients.get(name)!.subarray(step * count, (step + 1) * count));
    }
    optimiser.step(step, learningRateAt(schedule, step));
  }
  await writeFile(join(folder, "steps.safetensors"), writeSafetensors({ tensors, metadata: {} }));
  return new Map(
    parameters.all.flatMap((p) => [
      [p.name, parameters.read(p)],
      [`average.${p.name}`, parameters.read(p, "average")],
    ]),
  );
}

describeWithTorch("the twin in PyTorch", () => {
  let folder: string;
  const steps = new Map<string, Step>();
  let optimised: Map<string, Float32Array>;
  let model: Model;
  const answerOf = (name: string) => readTensors(join(folder, name, "answer.safetensors"));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "isthmus-torch-"));
    for (const [name, configuration, side] of cases) {
      steps.set(name, await stepInto(join(folder, name), configuration, side));
    }
    optimised = await optimiseInto(join(folder, "optimiser"));
    await mkdir(join(folder, "read"));
    model = Model.read(await readFile(new URL("../vectors/golden/photo.isthm", import.meta.url)));
    await writeFile(join(folder, "read", "model.isthm"), model.safetensors());
    const folders = [...cases.map(([name]) => name), "optimiser", "read"].map((name) => join(folder, name));
    const ended = await runPython([pathOf("test/training-torch/parity.py"), ...folders]);
    expect(ended).toEqual({ code: 0, output: "", errors: "" });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(cases)("has the loss and the gradients of the trainer: %s", async (name) => {
    const { result, gradients } = steps.get(name)!;
    const answer = await answerOf(name);
    const [loss, bitsPerPixel, meanSquaredError, ssimulacra2] = floatsOf(answer.get("means")!);
    const found = { loss, bitsPerPixel, meanSquaredError, ...(result.ssimulacra2 !== undefined && { ssimulacra2 }) };
    for (const [key, value] of Object.entries(result)) {
      expect(difference([value], [found[key as keyof typeof found]!]), key).toBeLessThan(tolerance);
    }
    expect(new TextDecoder().decode(answer.get("order")!.data).split("\n")).toEqual([...gradients.keys()]);
    const differences = [...gradients].map(([key, values]) => [key, difference(values, floatsOf(answer.get(key)!))]);
    expect(differences.filter(([, share]) => (share as number) >= tolerance)).toEqual([]);
    const still = [...gradients].filter(([, values]) => values.every((value) => value === 0)).map(([key]) => key);
    expect(still).toEqual([]);
  });

  test("reads the weights of a file", async () => {
    const answer = await answerOf("read");
    expect(new Map([...answer].map(([name, values]) => [name, floatsOf(values)]))).toEqual(model.weights());
  });

  test("takes the steps of the optimiser", async () => {
    const answer = await answerOf("optimiser");
    for (const [name, values] of optimised) {
      expect(difference(values, floatsOf(answer.get(name)!)), name).toBeLessThan(tolerance);
    }
  });
});
