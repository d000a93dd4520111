import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadKernels, relaxedSimdSupported } from "../../src/kernels/instantiate.js";
import { activationNumber } from "../../src/kernels/interface.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { type Matrix, multiply, pack, transpose } from "../reference/gemm.js";

/** What lies between the rows of an output; it must survive. */
const untouched = 12345;

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

interface Product {
  N: number;
  M: number;
  K: number;
  /** Elements between the end of a row and the start of the next. */
  gap: number;
  /** Elements by which every operand misses 16-byte alignment. */
  offset: number;
  bias: boolean;
  accumulate: boolean;
  seed: number;
}

const awkward = fc.oneof(fc.constantFrom(1, 3, 4, 5, 7, 8, 9, 15, 17, 31, 32, 33, 65), fc.integer({ min: 1, max: 40 }));
const products: fc.Arbitrary<Product> = fc
  .record({
    N: awkward,
    M: awkward,
    K: awkward,
    gap: fc.integer({ min: 0, max: 5 }),
    offset: fc.integer({ min: 0, max: 3 }),
    bias: fc.boolean(),
    accumulate: fc.boolean(),
    seed: fc.nat(),
  })
  .map((product) => ({ ...product, bias: product.bias && !product.accumulate }));

/** Larger than one block of the kernel in every direction, and no multiple of anything. */
const large: Product = { N: 135, M: 1037, K: 391, gap: 3, offset: 1, bias: true, accumulate: false, seed: 7 };

function numbers(seed: number): (count: number) => Float32Array {
  let state = seed | 1;
  return (count) =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return state / 2 ** 31;
    });
}

function place({ memory }: Kernels, values: Float32Array, offset: number): number {
  const pointer = memory.allocateFloats(values.length + offset) + 4 * offset;
  memory.f32(pointer, values.length).set(values);
  return pointer;
}

/** A random matrix with gaps between its rows. */
function randomMatrix(draw: (count: number) => Float32Array, rows: number, columns: number, gap: number) {
  return { data: draw(rows * (columns + gap)), stride: columns + gap };
}

function rows(matrix: Matrix, count: number, columns: number): number[] {
  return Array.from({ length: count * columns }, (_, i) => {
    return matrix.data[Math.floor(i / columns) * matrix.stride + (i % columns)];
  });
}

function gaps(matrix: Matrix, count: number, columns: number): number[] {
  return Array.from(matrix.data).filter((_, i) => i % matrix.stride >= columns && i < count * matrix.stride);
}

function dense(product: Product) {
  const { N, M, K, gap, seed } = product;
  const draw = numbers(seed);
  const output = randomMatrix(draw, N, M, gap);
  for (let i = 0; i < output.data.length; i++) if (i % output.stride >= M) output.data[i] = untouched;
  return {
    input: randomMatrix(draw, N, K, gap),
    weights: randomMatrix(draw, K, M, gap),
    right: randomMatrix(draw, N, M, gap),
    bias: draw(M),
    output,
    gradient: randomMatrix(draw, K, M, gap),
  };
}

/** Runs multiplyPacked and hands back the whole output with its gaps. */
function runPacked(product: Product, activation: number = activationNumber.identity, on = kernels): Matrix {
  const { N, M, K, offset } = product;
  const { input, weights, bias, output } = dense(product);
  const { call, memory } = on;
  return memory.scope(() => {
    const packed = memory.allocateFloats(call.packedLength(K, M) + offset) + 4 * offset;
    call.packMatrix(K, M, place(on, weights.data, offset), weights.stride, packed);
    const result = place(on, output.data, offset);
    call.multiplyPacked(
      ...[N, M, K, place(on, input.data, offset), input.stride, packed, result, output.stride],
      ...[product.bias ? place(on, bias, offset) : 0, activation, product.accumulate ? 1 : 0],
    );
    return { data: memory.f32(result, output.data.length).slice(), stride: output.stride };
  });
}

function expectedPacked(product: Product, round?: (value: number) => number): Float64Array {
  const { N, M, K } = product;
  const { input, weights, bias, output } = dense(product);
  const start = (n: number, m: number) => {
    if (product.accumulate) return output.data[n * output.stride + m];
    return product.bias ? bias[m] : 0;
  };
  return multiply(N, M, K, input, weights, start, round);
}

/** Compares the product `large` with that of 64-bit floats (Higham 2002, section 3.1; every term is at most 1 in magnitude). */
function expectRoundingError(result: Matrix): void {
  const exact = expectedPacked(large, (value) => value);
  const bound = (large.K + 1) ** 2 * 2 ** -24;
  const errors = rows(result, large.N, large.M).map((value, i) => Math.abs(value - exact[i]));
  expect(errors.filter((error) => !(error < bound))).toEqual([]);
}

function runTransposed(product: Product): Matrix {
  const { N, M, K, offset } = product;
  const { input, right, gradient } = dense(product);
  const { call, memory } = kernels;
  return memory.scope(() => {
    const result = place(kernels, gradient.data, offset);
    call.multiplyTransposed(
      ...[N, M, K, place(kernels, input.data, offset), input.stride, place(kernels, right.data, offset), right.stride],
      ...[result, gradient.stride, product.accumulate ? 1 : 0],
    );
    return { data: memory.f32(result, gradient.data.length).slice(), stride: gradient.stride };
  });
}

function expectedTransposed(product: Product): Float64Array {
  const { N, M, K } = product;
  const { input, right, gradient } = dense(product);
  const start = (k: number, m: number) => (product.accumulate ? gradient.data[k * gradient.stride + m] : 0);
  return multiply(K, M, N, transpose(N, K, input), right, start);
}

describe("packMatrix and packTransposed", () => {
  test("lay out panels of eight columns, padded with zeros", () => {
    fc.assert(
      fc.property(products, ({ M, K, gap, offset, seed }) => {
        const { call, memory } = kernels;
        const matrix = randomMatrix(numbers(seed), K, M, gap);
        const turned = transpose(K, M, matrix);
        const expected = pack(K, M, matrix);
        expect(call.packedLength(K, M)).toBe(expected.length);
        memory.scope(() => {
          const packed = memory.allocateFloats(expected.length);
          call.packMatrix(K, M, place(kernels, matrix.data, offset), matrix.stride, packed);
          expect(Array.from(memory.f32(packed, expected.length))).toEqual(Array.from(expected));
          memory.f32(packed, expected.length).fill(Number.NaN);
          call.packTransposed(K, M, place(kernels, Float32Array.from(turned.data), offset), turned.stride, packed);
          expect(Array.from(memory.f32(packed, expected.length))).toEqual(Array.from(expected));
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe("multiplyPacked", () => {
  const check = (product: Product) => {
    const result = runPacked(product);
    expect(rows(result, product.N, product.M)).toEqual(Array.from(expectedPacked(product)));
    expect(gaps(result, product.N, product.M).every((value) => value === untouched)).toBe(true);
  };

  test("equals the twin bit for bit and writes nothing else", () => {
    fc.assert(fc.property(products, check), { numRuns: 100 });
  });

  test("equals the twin bit for bit beyond one block", () => {
    check(large);
    check({ ...large, N: 131, M: 17, K: 1159, bias: false, accumulate: true });
    check({ ...large, N: 2, M: 1030, K: 770 });
  });

  test("stays within the rounding error of the product of 64-bit floats", () => {
    expectRoundingError(runPacked(large));
  });

  test("gives a row the same bits alone and in any company", () => {
    const { call, memory } = kernels;
    const [N, M, K] = [11, 45, 400];
    const draw = numbers(5);
    memory.scope(() => {
      const packed = memory.allocateFloats(call.packedLength(K, M));
      call.packMatrix(K, M, memory.place(draw(K * M)), M, packed);
      const input = memory.place(draw(N * K));
      const output = memory.allocateFloats(N * M);
      const product = (first: number, count: number) => {
        call.multiplyPacked(count, M, K, input + 4 * first * K, K, packed, output, M, 0, activationNumber.gelu, 0);
        return memory.f32(output, count * M).slice();
      };
      const together = product(0, N);
      for (let first = 0; first < N; first++) {
        for (let count = 1; first + count <= N; count++) {
          expect(product(first, count)).toEqual(together.subarray(first * M, (first + count) * M));
        }
      }
    });
  });

  test("applies each activation as the activation kernel does", () => {
    for (const activation of Object.values(activationNumber)) {
      for (const product of [
        { ...large, N: 6, M: 1037 },
        { ...large, N: 9, M: 5, K: 3 },
      ]) {
        const fused = rows(runPacked(product, activation), product.N, product.M);
        const linear = Float32Array.from(rows(runPacked(product), product.N, product.M));
        const expected = kernels.memory.scope(() => {
          const values = kernels.memory.place(linear);
          kernels.call.activate(activation, linear.length, values, values);
          return Array.from(kernels.memory.f32(values, linear.length));
        });
        expect(fused).toEqual(expected);
      }
    }
  });

  test("does nothing where a size is zero", () => {
    for (const size of ["N", "M", "K"] as const) {
      const product = { ...large, N: 5, M: 9, K: 4, accumulate: false, [size]: 0 };
      expect(runPacked(product).data).toEqual(dense(product).output.data);
    }
  });
});

describe("multiplyTransposed", () => {
  const check = (product: Product) => {
    const { K, M } = product;
    const result = runTransposed(product);
    expect(rows(result, K, M)).toEqual(Array.from(expectedTransposed(product)));
    expect(gaps(result, K, M)).toEqual(gaps(dense(product).gradient, K, M));
  };

  test("equals the twin bit for bit and writes nothing else", () => {
    fc.assert(fc.property(products, check), { numRuns: 100 });
  });

  test("equals the twin bit for bit beyond one block", () => {
    check({ ...large, N: 391, M: 1037, K: 133 });
    check({ ...large, N: 801, M: 9, K: 130, accumulate: true });
  });

  test("does nothing where a size is zero", () => {
    for (const size of ["N", "M", "K"] as const) {
      const product = { ...large, N: 5, M: 9, K: 4, [size]: 0 };
      expect(runTransposed(product).data).toEqual(dense(product).gradient.data);
    }
  });
});

test("the relaxed module multiplies within the rounding error, or is refused where the engine lacks it", async () => {
  if (!relaxedSimdSupported()) {
    await expect(loadKernels({ relaxed: true })).rejects.toMatchObject({ code: "unsupported-engine" });
    return;
  }
  const relaxed = await loadKernels({ relaxed: true });
  expect(relaxed.relaxed).toBe(true);
  expectRoundingError(runPacked(large, activationNumber.identity, relaxed));
});
