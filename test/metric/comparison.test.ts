import { describe, expect, test } from "vitest";
import { finish } from "../../src/ground/steps.js";
import { MetricComparison } from "../../src/metric/comparison.js";
import { builds } from "../kernels/builds.js";
import { ssimulacra2 as twin } from "../reference/ssimulacra2.js";
import { damages, original, sizes } from "./pictures.js";

describe.each(builds)("a comparison, $name build", ({ kernels }) => {
  const { memory, call } = kernels;

  describe.each(sizes)("of %i x %i pixels", (width, height) => {
    const image = original(width, height);

    test.each([1, 3] as const)("has the score and the gradient of the twin, %i channels", (channels) => {
      const samples = (data: Uint8Array): Float64Array =>
        Float64Array.from({ length: width * height * channels }, (_, i) => data[(i * 3) / channels] / 255);
      const [left, right] = [samples(image.data), samples(damages.noisy(image).data)];
      const margin = 3;
      const stride = (width + margin) * channels;
      memory.scope(() => {
        const place = (values: Float64Array) => memory.place(Float32Array.from(values, (value) => value - 0.5));
        const canvas = memory.allocateFloats(stride * height);
        const gradient = memory.allocateFloats(stride * height);
        call.fill(stride * height, 0.25, gradient);
        for (let y = 0; y < height; y++) {
          const row = right.subarray(y * width * channels, (y + 1) * width * channels);
          memory.f32(canvas + y * stride * 4, row.length).set(row.map((value) => value - 0.5));
        }
        const grid = { pointer: place(left), batch: 1, height, width, channels };
        const comparison = new MetricComparison(kernels, grid);
        const rows = { pointer: canvas, stride };
        const weight = 0.7;
        const score = finish(comparison.differentiate(rows, weight, { pointer: gradient, stride }));
        expect(Math.abs(score - twin(width, height, channels, left, right))).toBeLessThan(0.01);
        expect(finish(comparison.score(rows))).toBe(score);

        const slopes = memory.f32(gradient, stride * height).slice();
        const step = 1e-5;
        // A few samples far apart, at the corners too; at black and white the score has a corner.
        const some = Array.from({ length: 16 }, (_, k) => Math.round((k * (left.length - 1)) / 15)).filter(
          (i) => right[i] > 0 && right[i] < 1,
        );
        expect(some.length).toBeGreaterThan(8);
        const pairs = some.map((i) => {
          const moved = (by: number): number => {
            const changed = right.slice();
            changed[i] += by;
            return twin(width, height, channels, left, changed);
          };
          const wanted = (weight * (moved(step) - moved(-step))) / (2 * step);
          const at = Math.floor(i / (width * channels)) * stride + (i % (width * channels));
          return { wanted, found: slopes[at] - 0.25 };
        });
        const size = Math.max(...pairs.map(({ wanted }) => Math.abs(wanted)));
        for (const { wanted, found } of pairs) expect(Math.abs(found - wanted)).toBeLessThan(0.01 * size);
        // What lies between the rows is left alone.
        for (let y = 0; y < height; y++) expect(slopes[y * stride + width * channels]).toBe(0.25);
      });
    });
  });

  test("has no slope for samples beyond black and white, and none at an exact copy", () => {
    const [width, height] = [16, 16];
    memory.scope(() => {
      const floats = width * height;
      const pointer = memory.place(Float32Array.from({ length: floats }, (_, i) => ((i * 37) % 64) / 64 - 0.5));
      const comparison = new MetricComparison(kernels, { pointer, batch: 1, height, width, channels: 1 });
      const gradient = memory.allocateFloats(floats);
      const slopes = (canvas: number): Float32Array => {
        call.fill(floats, 0, gradient);
        finish(comparison.differentiate({ pointer: canvas, stride: width }, 1, { pointer: gradient, stride: width }));
        return memory.f32(gradient, floats).slice();
      };
      expect(slopes(pointer).every((slope) => slope === 0)).toBe(true);
      const beyond = memory.f32(pointer, floats).map((value) => value * 1.5);
      const found = slopes(memory.place(beyond));
      found.forEach((slope, i) => {
        if (Math.abs(beyond[i]) > 0.5) expect(slope).toBe(0);
      });
      expect(found.some((slope) => slope !== 0)).toBe(true);
    });
  });

  test("leaves pictures below 8 pixels alone", () => {
    memory.scope(() => {
      const pointer = memory.allocateFloats(7 * 20);
      const comparison = new MetricComparison(kernels, { pointer, batch: 1, height: 7, width: 20, channels: 1 });
      expect(comparison.isPossible).toBe(false);
    });
  });
});
