import { beforeAll, describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { photoConfiguration, vectorConfiguration } from "../../src/models/presets.js";
import { addWindows, canvasSize, gatherWindows, gridSize, mirroredIndices } from "../../src/models/tiling.js";
import { sizeOf } from "../../src/nn/grid.js";

const photo = photoConfiguration({ channels: 3 });
let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

describe("mirrored indices", () => {
  it("reflect without repeating the edge, as often as needed", () => {
    expect([...mirroredIndices(-3, 10, 3)]).toEqual([1, 2, 1, 0, 1, 2, 1, 0, 1, 2]);
    expect([...mirroredIndices(-2, 5, 1)]).toEqual([0, 0, 0, 0, 0]);
    expect([...mirroredIndices(0, 4, 8)]).toEqual([0, 1, 2, 3]);
  });
});

describe("grids", () => {
  it("cover every pixel with a cell", () => {
    for (const [side, cells] of [
      [1, 1],
      [8, 1],
      [9, 2],
      [500, 63],
    ]) {
      expect(gridSize(photo, { width: side, height: 1 })).toEqual({ width: cells, height: 1 });
    }
  });

  it("have one cell and a window that is the picture, for a fixed size", () => {
    const vector = vectorConfiguration({ channels: 1, width: 5, height: 3 });
    const grid = gridSize(vector, { width: 5, height: 3 });
    expect(grid).toEqual({ width: 1, height: 1 });
    const values = Float32Array.from({ length: 15 }, (_, i) => i);
    const canvas = { pointer: kernels.memory.place(values), batch: 1, height: 3, width: 5, channels: 1 };
    const windows = gatherWindows(kernels, vector, canvas, grid, 0);
    expect(windows.channels).toBe(15);
    const back = addWindows(kernels, vector, windows, 0);
    expect(kernels.memory.f32(back.pointer, sizeOf(back))).toEqual(values);
  });

  it("count each canvas sample as often as windows cover it", () => {
    const grid = { width: 3, height: 2 };
    const margin = 4;
    const size = canvasSize(photo, grid, margin);
    expect(size).toEqual({ width: 32, height: 24 });
    const ones = new Float32Array(size.width * size.height * 3).fill(1);
    const canvas = { pointer: kernels.memory.place(ones), batch: 1, ...size, channels: 3 };
    const sum = addWindows(kernels, photo, gatherWindows(kernels, photo, canvas, grid, margin), margin);
    const values = kernels.memory.f32(sum.pointer, sizeOf(sum));
    const at = (x: number, y: number): number => values[(y * size.width + x) * 3];
    expect(at(0, 0)).toBe(1);
    expect(at(12, 0)).toBe(2); // two windows side by side
    expect(at(12, 12)).toBe(4); // four windows meet
  });
});
