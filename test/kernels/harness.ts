import fc from "fast-check";
import { expect } from "vitest";
import type { KernelExports, Kernels, Pointer } from "../../src/kernels/kernels.js";
import { Random } from "../reference/random.js";

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

const guardBytes = 32;
const guardByte = 0xa5;

/**
 * Places copies of `arrays` in memory, calls `work` with their pointers and returns what they hold afterwards. The bytes
 * around each array must come out untouched.
 */
export function callWith<Arrays extends Numbers[]>(
  { call, memory }: Kernels,
  arrays: [...Arrays],
  work: (call: KernelExports, ...pointers: { [Index in keyof Arrays]: Pointer }) => void,
): Arrays {
  return memory.scope(() => {
    const guards: Pointer[] = [];
    const guard = (at: Pointer) => {
      guards.push(at);
      memory.u8(at, guardBytes).fill(guardByte);
    };
    const pointers = arrays.map((array) => {
      const before = memory.allocate(guardBytes * 2 + array.byteLength);
      const pointer = before + guardBytes;
      guard(before);
      guard(pointer + array.byteLength);
      memory.u8(pointer, array.byteLength).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return pointer;
    });
    work(call, ...(pointers as { [Index in keyof Arrays]: Pointer }));
    for (const at of guards) expect(memory.u8(at, guardBytes).every((byte) => byte === guardByte)).toBe(true);
    return arrays.map((array, i) => {
      const bytes = memory.u8(pointers[i], array.byteLength).slice();
      return new (array.constructor as new (buffer: ArrayBuffer) => Numbers)(bytes.buffer);
    }) as Arrays;
  });
}

/** Lengths around the width of a vector, and some larger ones. */
export const counts = fc.oneof(fc.constantFrom(0, 1, 3, 4, 5, 7, 8, 9, 63, 64, 65, 1023), fc.nat(40));

/** A small side of a grid or matrix. */
export const sides = fc.integer({ min: 1, max: 6 });

export const seeds = fc.nat(2 ** 31 - 1);

/** Normally distributed floats, the same ones for the same seed. */
export function samples(count: number, seed: number, deviation = 1): Float32Array {
  return Float32Array.from(new Random(seed).normal(count), (x) => x * deviation);
}

/** `count` numbers from `from` to `to`. */
export function spaced(count: number, from: number, to: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

export function expectClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  { relative = 1e-5, absolute = 0 }: { relative?: number; absolute?: number } = {},
): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(actual[i] - wanted[i]);
    if (!(error <= absolute + relative * Math.abs(wanted[i]))) {
      expect.fail(`element ${i}: expected ${wanted[i]} but received ${actual[i]}`);
    }
  }
}

/** Distance of a float from the exact value, in units of the last place of a 32-bit float of that size. */
export function ulps(actual: number, exact: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126);
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** The slope of `value` at x by central differences. */
export function differenceQuotient(value: (x: number) => number, x: number, step = 1e-5): number {
  return (value(x + step) - value(x - step)) / (2 * step);
}

export const dot = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += left[i] * right[i];
  return sum;
};
