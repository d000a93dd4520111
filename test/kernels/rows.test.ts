import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/context.js";
import { strict } from "./builds.js";
import { callWith, dot, seeds } from "./harness.js";
import { laidOut, type Row, rowsOf, takenApart } from "./strided-rows.js";

const settings = fc
  .record({
    places: fc.integer({ min: 1, max: 9 }),
    width: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(31, 96)),
    gaps: fc.tuple(fc.nat(5), fc.nat(5)),
    seed: seeds,
  })
  .chain((setting) =>
    fc
      .array(fc.integer({ min: -1, max: setting.places - 1 }), { maxLength: 12 })
      .map((indices) => ({ ...setting, indices })),
  );

function gatherRows(source: Row[], indices: Row, width: number, [from, to]: Row = [0, 0]): Row[] {
  const output = laidOut(
    indices.map(() => Array(width).fill(5)),
    width,
    width + to,
  );
  const [, , gathered] = callWith(
    strict,
    [laidOut(source, width, width + from), Int32Array.from(indices), output],
    (call, sourceAt, indicesAt, outputAt) =>
      call.gatherRows(indices.length, width, sourceAt, width + from, indicesAt, outputAt, width + to),
  );
  return takenApart(gathered, width, width + to);
}

function moveRows(
  kernel: "addRows" | "placeRows",
  input: Row[],
  indices: Row,
  destination: Row[],
  width: number,
  [from, to]: Row = [0, 0],
): Row[] {
  const [, , moved] = callWith(
    strict,
    [laidOut(input, width, width + from), Int32Array.from(indices), laidOut(destination, width, width + to)],
    (call, inputAt, indicesAt, destinationAt) =>
      call[kernel](indices.length, width, inputAt, width + from, indicesAt, destinationAt, width + to),
  );
  return takenApart(moved, width, width + to);
}

describe("rows by index", () => {
  test("are gathered and added as the twins do, whatever the strides", () => {
    fc.assert(
      fc.property(settings, ({ places, width, gaps, seed, indices }) => {
        const source = rowsOf(places, width, seed);
        const input = rowsOf(indices.length, width, seed + 1);
        expect(gatherRows(source, indices, width, gaps)).toEqual(twin.gatherRows(source, indices, width));
        expect(moveRows("addRows", input, indices, source, width, gaps)).toEqual(twin.addRows(input, indices, source));
      }),
    );
  });

  test("are placed as the twin does, the last one where an index comes twice", () => {
    fc.assert(
      fc.property(settings, ({ places, width, gaps, seed, indices: any }) => {
        const indices = any.filter((index) => index >= 0);
        const input = rowsOf(indices.length, width, seed);
        const destination = rowsOf(places, width, seed + 1);
        expect(moveRows("placeRows", input, indices, destination, width, gaps)).toEqual(
          twin.placeRows(input, indices, destination),
        );
      }),
    );
  });

  test("addRows is the adjoint of gatherRows: <gather x, y> = <x, add y>", () => {
    fc.assert(
      fc.property(settings, ({ places, width, seed, indices }) => {
        const x = rowsOf(places, width, seed);
        const y = rowsOf(indices.length, width, seed + 1);
        const zeros = rowsOf(places, width, seed).map((row) => row.map(() => 0));
        const left = dot(gatherRows(x, indices, width).flat(), y.flat());
        const right = dot(x.flat(), moveRows("addRows", y, indices, zeros, width).flat());
        expect(Math.abs(left - right)).toBeLessThan(1e-4 * (1 + width * indices.length));
      }),
    );
  });

  test("gathering what was placed gives it back", () => {
    fc.assert(
      fc.property(settings, ({ places, width, seed, indices: any }) => {
        const indices = [...new Set(any.filter((index) => index >= 0))];
        const input = rowsOf(indices.length, width, seed);
        const placed = moveRows("placeRows", input, indices, rowsOf(places, width, seed + 1), width);
        expect(gatherRows(placed, indices, width)).toEqual(input);
      }),
    );
  });
});
