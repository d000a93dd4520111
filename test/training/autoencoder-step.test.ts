import { describe, expect, test } from "vitest";
import { finish } from "../../src/ground/steps.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { Network } from "../../src/models/network.js";
import {
  restoringPhotoConfiguration,
  restoringVectorConfiguration,
  sparseConfiguration,
} from "../../src/models/presets.js";
import { clearGradients } from "../../src/nn/gradients.js";
import type { Grid } from "../../src/nn/grid.js";
import { Random } from "../../src/nn/random.js";
import { autoencoderStep } from "../../src/training/autoencoder-step.js";

const kernels = await loadKernels();
const { memory } = kernels;
const size = { width: 4, height: 3 };
const restoration = { corruption: "pairs", scale: 1 };
const small = { latents: 5, hidden: [6], activation: "tanh" as const, channels: 1 as const, ...size };
const step = 1e-2;

/** Smooth everywhere, so that differences tell the slope. */
const photo: ModelConfiguration = {
  ...restoringPhotoConfiguration({ channels: 1, latents: 3, restoration }),
  patch: { width: 2, height: 2 },
  analysisMargin: 1,
  synthesisMargin: 1,
  activation: "tanh",
  analysis: { hidden: [], blocks: 1, blockHidden: 4 },
  synthesis: { hidden: [], blocks: 1, blockHidden: 4 },
};

const configurations: [string, ModelConfiguration][] = [
  ["a restoring model of one size", restoringVectorConfiguration({ ...small, restoration })],
  ["a restoring model of any size", photo],
  ["a sparse model, kl", sparseConfiguration({ ...small, sparsity: { kind: "kl", activity: 0.2, weight: 0.5 } })],
  ["a sparse model, k", sparseConfiguration({ ...small, sparsity: { kind: "k", active: 5 } })],
];

describe.each(configurations)("the step of %s", (_, configuration) => {
  test("has the gradient of its loss by every parameter", () => {
    const network = new Network(kernels, configuration, { training: true });
    const random = new Random(kernels, 7);
    const { parameters } = network;
    for (const parameter of parameters.all) {
      parameters.write(
        parameter,
        random.uniforms(parameter.count).map((u) => u - 0.5),
      );
    }
    const margin = configuration.analysisMargin;
    const canvasOf = (width: number, height: number): Grid => ({
      pointer: memory.place(random.uniforms(2 * width * height).map((u) => u - 0.5)),
      batch: 2,
      height,
      width,
      channels: 1,
    });
    // A grid of whole patches.
    const [width, height] = configuration.fixedSize ? [4, 3] : [4, 2];
    const batch = {
      canvas: canvasOf(width + 2 * margin, height + 2 * margin),
      target: canvasOf(width, height),
      qualities: [0, 0],
    };
    const loss = (): number => {
      network.prepare();
      return memory.scope(() => finish(autoencoderStep(network, batch)).loss);
    };
    clearGradients(parameters);
    loss();
    const gradients = parameters.all.map(({ gradient, count }) => memory.f32(gradient, count).slice());
    parameters.all.forEach(({ name, value, count }, index) => {
      const analytic = gradients[index];
      const numeric = Array.from(analytic, (_, i) => {
        const at = value + 4 * i;
        const [before] = memory.f32(at, 1);
        const moved = (by: number): number => {
          memory.f32(at, 1)[0] = before + by;
          return loss();
        };
        const difference = (moved(step) - moved(-step)) / (2 * step);
        memory.f32(at, 1)[0] = before;
        return difference;
      });
      const coding = /^(gain|inverseGain|prior)\./.test(name);
      const scale = Math.sqrt(numeric.reduce((sum, slope) => sum + slope * slope, 0) / count);
      if (coding) expect(scale, `${name} has no part in it`).toBe(0);
      else expect(scale, `${name} has an effect`).toBeGreaterThan(1e-3);
      numeric.forEach((slope, i) => {
        expect(Math.abs(analytic[i] - slope), `${name}[${i}]`).toBeLessThanOrEqual(0.03 * scale);
      });
    });
  });
});
