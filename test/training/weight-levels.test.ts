import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { readSafetensors } from "../../src/ground/safetensors.js";
import { finish } from "../../src/ground/steps.js";
import { psnr } from "../../src/image/psnr.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { Model } from "../../src/models/model.js";
import { asStored } from "../../src/models/storage.js";
import { byteWeights, Dense, denseParts, densePass } from "../../src/nn/dense.js";
import { DifferentiableParameters } from "../../src/nn/differentiable-parameters.js";

import { Random } from "../../src/nn/random.js";
import { train } from "../../src/training/train.js";
import { drawExactPicture } from "../reference/exact-pictures.js";

const kernels = await loadKernels();
const { memory } = kernels;

describe("a layer whose rounding training knows of", () => {
  const [inputs, outputs, rows] = [12, 7, 5];
  function layerOf(levels?: number): Dense {
    const parameters = new DifferentiableParameters(kernels);
    return new Dense(parameters, parameters.place(denseParts(inputs, outputs, byteWeights(levels))));
  }
  const random = new Random(kernels, 3);
  const weights = random.uniforms(inputs * outputs).map((u) => u - 0.5);
  const values = random.uniforms(rows * inputs).map((u) => u - 0.5);
  const gridOf = (floats: Float32Array, channels: number) => ({
    pointer: memory.place(floats),
    batch: 1,
    height: 1,
    width: rows,
    channels,
  });
  /** What the layer makes of the values, and the gradients by them and by its weights of the sum of the outputs. */
  function passes(layer: Dense, weight: Float32Array) {
    layer.parameters.write(layer.weight, weight);
    finish(layer.packing(true));
    const { output, backward } = densePass(layer, gridOf(values, inputs));
    const result = Array.from(memory.f32(output.pointer, rows * outputs));
    const gradient = backward(gridOf(new Float32Array(rows * outputs).fill(1), outputs));
    return {
      output: result,
      gradient: Array.from(memory.f32(gradient.pointer, rows * inputs)),
      byWeights: Array.from(memory.f32(layer.weight.gradient, inputs * outputs)),
    };
  }
  /** Files hold 12 bits of a scale. */
  const expectClose = (found: readonly number[], wanted: readonly number[]): void => {
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted[i], 3);
  };

  test("passes forward and backward as with the weights that its file will hold", () => {
    const layer = layerOf(5);
    const stored = asStored(layer.weight, weights);
    expect(new Set(Array.from(stored, (value, i) => (i % outputs === 0 ? value : 0))).size).toBeLessThanOrEqual(11);
    const rounded = passes(layer, weights);
    const plain = passes(layerOf(), stored);
    expectClose(rounded.output, plain.output);
    expectClose(rounded.gradient, plain.gradient);
    expectClose(rounded.byWeights, plain.byWeights);
    // The weights themselves stay as fine as they are, so that small steps add up.
    expect(layer.parameters.read(layer.weight)).toEqual(weights);
    expect(passes(layerOf(), weights).output).not.toEqual(rounded.output);
  });
});

test("a photo model holds weights of its levels, and codes with them", async () => {
  const pictures = Array.from({ length: 4 }, (_, seed) =>
    drawExactPicture({ width: 96, height: 64, channels: 3, kind: "scene", seed }),
  );
  const model = await train(pictures, { preset: "photo", from: null, steps: 6, latents: 16, tune: "psnr", seed: 4 });
  const levels = model.configuration.weightLevels!;
  for (const [name, { dtype, data }] of readSafetensors(model.safetensors()).tensors) {
    const { layers, prior = layers, projections } = levels;
    const ofLayers = name.startsWith("prior.") ? prior : layers;
    const most = name.startsWith("prior.") || name.includes(".blocks.") ? ofLayers : projections;
    if (dtype === "I8") expect(Math.max(...new Int8Array(data.slice().buffer).map(Math.abs))).toBe(most);
    if (dtype === "I16" && name.includes("projection"))
      expect(Math.max(...new Int16Array(data.slice().buffer).map(Math.abs))).toBe(most);
  }
  const codec = await Codec.create(model);
  const receiver = await Codec.create(model.receiver());
  const bytes = await codec.encode(pictures[0], { quality: 90 });
  const decoded = await receiver.decode(bytes);
  expect(await codec.decode(bytes)).toEqual(decoded);
  expect(psnr(pictures[0], decoded)).toBeGreaterThan(15);
});

test("models of impossible levels are refused", async () => {
  const pictures = [drawExactPicture({ width: 32, height: 32, channels: 1, kind: "scene", seed: 1 })];
  const model = await train(pictures, { preset: "photo", from: null, latents: 4, steps: 1, tune: "psnr" });
  const file = new TextDecoder("latin1").decode(model.safetensors());
  const read = (weightLevels: unknown) =>
    Model.read(
      forge(file, JSON.stringify(model.configuration), JSON.stringify({ ...model.configuration, weightLevels })),
    );
  expect(read({ layers: 127, projections: 255 }).latents).toBe(4);
  for (const [layers, projections] of [[0, 56], [128, 56], [20.5, 56], [20], [20, 0], [20, 32768]]) {
    expect(() => read({ layers, projections })).toThrow(/no valid "weightLevels"/);
  }
  expect(read({ layers: 20, prior: 127, projections: 255 }).latents).toBe(4);
  for (const prior of [0, 128, "20", 20.5]) {
    expect(() => read({ layers: 20, prior, projections: 56 })).toThrow(/no valid "weightLevels"/);
  }
  expect(() => read(20)).toThrow(/no valid "weightLevels"/);
});

/** The file with another configuration in its header. */
function forge(file: string, own: string, other: string): Uint8Array {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const length = new DataView(bytes(file.slice(0, 8)).buffer).getUint32(0, true);
  const header = JSON.parse(file.slice(8, 8 + length));
  expect(header.__metadata__.configuration).toBe(own);
  header.__metadata__.configuration = other;
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, padded.length, true);
  return Uint8Array.from([...head, ...bytes(padded), ...bytes(file.slice(8 + length))]);
}
