import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/patches.js";
import { strict } from "./builds.js";
import { callWith, dot, samples, seeds } from "./harness.js";

const shapes = fc.record({
  B: fc.integer({ min: 1, max: 2 }),
  H: fc.integer({ min: 1, max: 4 }),
  W: fc.integer({ min: 1, max: 4 }),
  C: fc.integer({ min: 1, max: 4 }),
  patch: fc.integer({ min: 1, max: 5 }),
  S: fc.integer({ min: 1, max: 9 }),
});

function gather(shape: twin.WindowShape, canvas: Float32Array): Float32Array {
  const { B, H, W, C, patch, S } = shape;
  return callWith(strict, [canvas, new Float32Array(twin.windowsLength(shape))], (call, from, to) =>
    call.gatherWindows(B, H, W, C, patch, S, twin.canvasWidth(shape), from, to),
  )[1];
}

function addWindows(shape: twin.WindowShape, windows: Float32Array): Float32Array {
  const { B, H, W, C, patch, S } = shape;
  return callWith(strict, [windows, new Float32Array(twin.canvasLength(shape))], (call, from, to) =>
    call.addWindows(B, H, W, C, patch, S, twin.canvasWidth(shape), from, to),
  )[1];
}

describe("windows", () => {
  test("gatherWindows and addWindows equal their twins in every bit", () => {
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) => {
        const canvas = samples(twin.canvasLength(shape), seed);
        expect(gather(shape, canvas)).toEqual(twin.gatherWindows(shape, canvas));
        const windows = samples(twin.windowsLength(shape), seed + 1);
        expect(addWindows(shape, windows)).toEqual(twin.addWindows(shape, windows));
      }),
    );
  });

  test("addWindows is the adjoint of gatherWindows", () => {
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) => {
        const canvas = samples(twin.canvasLength(shape), seed);
        const windows = samples(twin.windowsLength(shape), seed + 1);
        const difference = dot(gather(shape, canvas), windows) - dot(canvas, addWindows(shape, windows));
        expect(Math.abs(difference)).toBeLessThan(1e-4 * Math.sqrt(windows.length));
      }),
    );
  });

  test("windows that are added a part of a row at a time, from left to right, give the same sums", () => {
    const shape = { B: 1, H: 1, W: 5, C: 3, patch: 4, S: 9 };
    const windows = samples(twin.windowsLength(shape), 3);
    const floats = windows.length / shape.W;
    const [, canvas] = callWith(strict, [windows, new Float32Array(twin.canvasLength(shape))], (call, from, to) => {
      for (const [first, count] of [
        [0, 2],
        [2, 1],
        [3, 2],
      ]) {
        const [at, column] = [from + first * floats * 4, to + first * shape.patch * shape.C * 4];
        call.addWindows(1, 1, count, shape.C, shape.patch, shape.S, twin.canvasWidth(shape), at, column);
      }
    });
    expect(canvas).toEqual(twin.addWindows(shape, windows));
  });

  test("windows without overlap are put back as they were", () => {
    const shape = { B: 2, H: 3, W: 2, C: 3, patch: 4, S: 4 };
    const canvas = samples(twin.canvasLength(shape), 5);
    expect(addWindows(shape, gather(shape, canvas))).toEqual(canvas);
  });

  test("an empty grid does nothing", () => {
    const canvas = samples(9, 1);
    for (const [B, H, W] of [
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
    ]) {
      const [kept, windows] = callWith(strict, [canvas, canvas], (call, at, from) => {
        call.gatherWindows(B, H, W, 1, 3, 3, 3, at, from);
        call.addWindows(B, H, W, 1, 3, 3, 3, from, at);
      });
      expect([kept, windows]).toEqual([canvas, canvas]);
    }
  });
});

describe("pixels", () => {
  const layouts = fc
    .record({
      C: fc.integer({ min: 1, max: 4 }),
      more: fc.nat(1),
      gap: fc.nat(3),
      height: fc.integer({ min: 1, max: 5 }),
      width: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ C, more, gap, height, width }) => ({
      height,
      width,
      layout: { C, pixelChannels: C + more, pixelStride: width * (C + more) + gap, scale: 1 / 255, offset: -0.5 },
    }));

  test("readPixels follows its index tables", () => {
    const table = (side: number) => fc.array(fc.nat(side - 1), { maxLength: 9 });
    const cases = layouts.chain(({ height, width, layout }) =>
      fc.record({
        height: fc.constant(height),
        layout: fc.constant(layout),
        rows: table(height),
        columns: table(width),
      }),
    );
    fc.assert(
      fc.property(cases, seeds, ({ height, layout, rows, columns }, seed) => {
        const pixels = Uint8Array.from(samples(height * layout.pixelStride, seed, 100), Math.abs);
        const [rowTable, columnTable] = [Int32Array.from(rows), Int32Array.from(columns)];
        const canvas = new Float32Array(rows.length * columns.length * layout.C);
        const [, , , read] = callWith(strict, [pixels, rowTable, columnTable, canvas], (call, from, y, x, to) => {
          const { C, pixelStride, pixelChannels, scale, offset } = layout;
          call.readPixels(rows.length, columns.length, C, from, pixelStride, pixelChannels, y, x, scale, offset, to);
        });
        expect(read).toEqual(twin.readPixels(layout, pixels, rowTable, columnTable));
      }),
    );
  });

  test("writePixels touches the colours of its rectangle and nothing else", () => {
    fc.assert(
      fc.property(layouts, fc.nat(3), seeds, ({ height, width, layout }, margin, seed) => {
        const canvasWidth = width + margin;
        const canvas = samples(height * canvasWidth * layout.C, seed);
        const pixels = new Uint8Array(height * layout.pixelStride).fill(7);
        const output = { ...layout, scale: 100, offset: 127.5 };
        const [, written] = callWith(strict, [canvas, pixels], (call, from, to) => {
          const { C, pixelStride, pixelChannels, scale, offset } = output;
          call.writePixels(height, width, C, from, canvasWidth, scale, offset, to, pixelStride, pixelChannels);
        });
        expect(written).toEqual(twin.writePixels(output, height, width, canvas, canvasWidth, pixels));
      }),
    );
  });

  test("writePixels rounds half to even, clamps, and writes 0 for NaN", () => {
    const canvas = Float32Array.of(
      0.5,
      1.5,
      2.5,
      253.5,
      254.5,
      255.5,
      -0.5,
      -9,
      1e30,
      -1e30,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    );
    const [, written] = callWith(strict, [canvas, new Uint8Array(canvas.length)], (call, from, to) =>
      call.writePixels(1, canvas.length, 1, from, canvas.length, 1, 0, to, canvas.length, 1),
    );
    expect(Array.from(written)).toEqual([0, 2, 2, 254, 254, 255, 0, 0, 255, 0, 0, 255]);
  });

  test("bytes survive the way to the canvas and back", () => {
    const pixels = Uint8Array.from({ length: 256 }, (_, i) => i);
    const [back] = callWith(
      strict,
      [pixels, pixels.slice(), Int32Array.of(0), Int32Array.from(pixels), new Float32Array(256)],
      (call, to, from, rows, columns, canvas) => {
        call.readPixels(1, 256, 1, from, 256, 1, rows, columns, 1 / 255, -0.5, canvas);
        call.fill(64, 0, to);
        call.writePixels(1, 256, 1, canvas, 256, 255, 127.5, to, 256, 1);
      },
    );
    expect(back).toEqual(pixels);
  });
});

describe("windows of bytes", () => {
  const cases = fc.record({
    W: fc.integer({ min: 1, max: 5 }),
    C: fc.integer({ min: 1, max: 4 }),
    patch: fc.integer({ min: 1, max: 5 }),
    S: fc.integer({ min: 1, max: 9 }),
    more: fc.nat(3),
  });

  test("are those of floats, less 128, padded with zeros", () => {
    fc.assert(
      fc.property(cases, seeds, ({ W, C, patch, S, more }, seed) => {
        const shape = { B: 1, H: 1, W, C, patch, S };
        const [height, width] = [twin.canvasHeight(shape), twin.canvasWidth(shape) + more];
        const pixels = Uint8Array.from(samples(height * width * C, seed, 100), Math.abs);
        const [rows, columns] = [height, width].map((side) =>
          Int32Array.from({ length: side }, (_, i) => side - 1 - i),
        );
        const stride = strict.call.integerRowBytes(S * S * C);
        const canvas = new Uint8Array(pixels.length * 2);
        const [, , , , bytes] = callWith(
          strict,
          [pixels, rows, columns, canvas, new Uint8Array(W * stride)],
          (call, from, y, x, canvas, to) => {
            call.readBytes(height, width, C, from, width * C, C, y, x, canvas);
            call.gatherByteWindows(W, C, patch, S, width, canvas, to);
          },
        );
        const layout = { C, pixelStride: width * C, pixelChannels: C, scale: 1, offset: -128 };
        const floats = twin.readPixels(layout, pixels, rows, columns);
        const integers = new Int16Array(bytes.buffer);
        const wanted = new Int16Array(integers.length);
        for (let x = 0; x < W; x++)
          for (let i = 0; i < S * S * C; i++) {
            const [row, rest] = [Math.floor(i / (S * C)), i % (S * C)];
            wanted[(x * stride) / 2 + i] = floats[(row * width + x * patch) * C + rest];
          }
        expect(integers).toEqual(wanted);
      }),
    );
  });
});
