import { beforeAll, describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { Random } from "../../src/nn/random.js";
import { longScope } from "../../src/training/breath.js";
import { principalComponents } from "../../src/training/principal-components.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

/** Samples with standard deviations 8, 4, 2, 1, ... along orthogonal directions, around a mean that is not zero. */
function samples(rows: number, dimensions: number): Float32Array {
  const random = new Random(kernels, 5);
  const values = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    for (let direction = 0; direction < Math.min(dimensions, 6); direction++) {
      const amount = (random.uniform() - 0.5) * Math.sqrt(12) * 2 ** (3 - direction);
      for (let d = 0; d < dimensions; d++) values[row * dimensions + d] += amount * cosine(direction, d, dimensions);
    }
    for (let d = 0; d < dimensions; d++) values[row * dimensions + d] += d / dimensions;
  }
  return values;
}

/** The orthonormal basis of the discrete cosine transform. */
function cosine(k: number, d: number, dimensions: number): number {
  const scale = Math.sqrt((k === 0 ? 1 : 2) / dimensions);
  return scale * Math.cos((Math.PI * k * (2 * d + 1)) / (2 * dimensions));
}

function decompose(rows: number, dimensions: number, count: number) {
  return longScope(kernels.memory, async () => {
    const pointer = kernels.memory.place(samples(rows, dimensions));
    return principalComponents(kernels, { pointer, batch: rows, height: 1, width: 1, channels: dimensions }, count);
  });
}

describe("principal components", () => {
  it.each([
    ["more samples than dimensions (covariance)", 3000, 12],
    ["fewer samples than dimensions (Gram matrix)", 200, 333],
  ])("are the directions and variances that the samples were made of: %s", async (_, rows, dimensions) => {
    const { mean, components, variances } = await decompose(rows, dimensions, 4);
    for (let k = 0; k < 4; k++) {
      const vector = components.subarray(k * dimensions, (k + 1) * dimensions);
      const along = vector.reduce((sum, value, d) => sum + value * cosine(k, d, dimensions), 0);
      const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(along)).toBeGreaterThan(0.97);
      expect(length).toBeCloseTo(1, 4);
      expect(variances[k] / 4 ** (3 - k)).toBeGreaterThan(0.7);
      expect(variances[k] / 4 ** (3 - k)).toBeLessThan(1.3);
    }
    expect(mean.length).toBe(dimensions);
  });

  it("of one sample, repeated, have no variance and hold no NaN", async () => {
    const { components, variances } = await longScope(kernels.memory, async () => {
      const pointer = kernels.memory.place(new Float32Array(5 * 8).fill(0.25));
      return principalComponents(kernels, { pointer, batch: 5, height: 1, width: 1, channels: 8 }, 3);
    });
    expect(components.every(Number.isFinite)).toBe(true);
    expect(Math.max(...variances)).toBeLessThan(1e-12);
  });
});
