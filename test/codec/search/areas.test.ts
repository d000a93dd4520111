import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Area, copyArea, cutArea, growArea, pasteArea, runsOf } from "../../../src/codec/search/areas.js";
import { loadKernels } from "../../../src/kernels/instantiate.js";
import type { Grid } from "../../../src/nn/grid.js";

const kernels = await loadKernels();
const { memory } = kernels;

const areas = fc
  .tuple(fc.nat(5), fc.nat(5), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .map(([left, top, width, height]): Area => ({ left, top, right: left + width, bottom: top + height }));

const cellsOf = ({ left, top, right, bottom }: Area): string[] => {
  const cells: string[] = [];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) cells.push(`${x} ${y}`);
  return cells;
};

describe("areas", () => {
  test("are cut into pieces that hold each cell once and are small enough", () => {
    fc.assert(
      fc.property(areas, fc.integer({ min: 1, max: 9 }), (area, side) => {
        const pieces = cutArea(area, side);
        expect(pieces.flatMap(cellsOf).sort()).toEqual(cellsOf(area).sort());
        for (const { left, top, right, bottom } of pieces) {
          expect(right - left).toBeLessThanOrEqual(side);
          expect(bottom - top).toBeLessThanOrEqual(side);
        }
      }),
    );
  });

  test("of no rows are cut into nothing", () => {
    expect(cutArea({ left: 0, top: 4, right: 9, bottom: 4 }, 3)).toEqual([]);
  });

  test("grow no further than the whole", () => {
    const whole = { left: 0, top: 0, right: 10, bottom: 6 };
    expect(growArea({ left: 4, top: 1, right: 7, bottom: 5 }, 2, whole)).toEqual({
      left: 2,
      top: 0,
      right: 9,
      bottom: 6,
    });
  });

  test("are copied out and pasted back in their place", () => {
    memory.scope(() => {
      const values = Float32Array.from({ length: 5 * 4 * 3 }, (_, i) => i);
      const grid: Grid = { pointer: memory.place(values), batch: 1, height: 4, width: 5, channels: 3 };
      const area = { left: 1, top: 2, right: 4, bottom: 4 };
      const copy = copyArea(kernels, grid, area);
      const copied = memory.f32(copy.pointer, 18);
      expect(copy).toMatchObject({ width: 3, height: 2, channels: 3 });
      expect(Array.from(copied)).toEqual([...values.slice(33, 42), ...values.slice(48, 57)]);
      copied.fill(-1);
      pasteArea(kernels, copy, grid, area);
      const wanted = values.map((value, i) => ((i >= 33 && i < 42) || (i >= 48 && i < 57) ? -1 : value));
      expect(memory.f32(grid.pointer, values.length)).toEqual(wanted);
    });
  });

  test("become runs of the wanted cells, numbered within the outer area", () => {
    const outer = { left: 2, top: 1, right: 8, bottom: 5 };
    const inner = { left: 3, top: 2, right: 7, bottom: 4 };
    expect(runsOf(inner, outer, () => true)).toEqual([
      { first: 7, cells: 4 },
      { first: 13, cells: 4 },
    ]);
    expect(runsOf(inner, outer, (column, row) => row === 3 && column !== 4)).toEqual([
      { first: 13, cells: 1 },
      { first: 15, cells: 2 },
    ]);
  });
});
