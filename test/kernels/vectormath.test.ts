import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, test } from "vitest";
import { Memory } from "../../src/kernels/memory.js";
import * as twin from "../reference/vectormath.js";
import { strict } from "./builds.js";
import { callWith, samples, spaced, ulps } from "./harness.js";

const names = [
  "exponential",
  "exponentialMinusOne",
  "sigmoid",
  "tanh",
  "scaledNormalTail",
  "logarithm2",
  "cosineOfTurns",
] as const;
type Name = (typeof names)[number];

/** A module that maps arrays of 4 k floats by the functions of assembly/vectormath.ts, which the kernels keep to themselves. */
async function compileProbe(): Promise<(name: Name, input: Float32Array) => Float32Array> {
  const source = [
    `import { ${names.map((name) => `${name}Vector`).join(", ")} } from "./assembly/vectormath";`,
    "export const heapBase: usize = __heap_base;",
    ...names.map(
      (name) => `export function ${name}(count: i32, input: usize, output: usize): void {
        for (let end = input + (<usize>count << 2); input < end; input += 16, output += 16)
          v128.store(output, ${name}Vector(v128.load(input)));
      }`,
    ),
  ].join("\n");
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const options = ["--runtime", "stub", "--enable", "simd", "--use", "abort=", "-O3", "--outFile", "probe.wasm"];
  const { error, stderr } = await asc.main(["probe.ts", ...options], {
    readFile: (name: string) => (name === "probe.ts" ? source : readFile(resolve(name), "utf8").catch(() => null)),
    writeFile: (_: string, contents: string | Uint8Array) => {
      binary = Uint8Array.from(contents as Uint8Array);
    },
  });
  if (error || !binary) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(binary);
  const exports = instance.exports as Record<string, unknown>;
  const memory = new Memory(exports.memory as WebAssembly.Memory, (exports.heapBase as WebAssembly.Global).value);
  return (name, input) =>
    memory.scope(() => {
      const from = memory.place(input);
      const to = memory.allocateFloats(input.length);
      (exports[name] as (count: number, input: number, output: number) => void)(input.length, from, to);
      return memory.f32(to, input.length).slice();
    });
}

let map: (name: Name, input: Float32Array) => Float32Array;
beforeAll(async () => {
  map = await compileProbe();
}, 60_000);

/** The largest error over `input`, in units of the last place. */
function worst(name: Name, input: Float32Array, exact: (x: number) => number): number {
  const output = map(name, input);
  return input.reduce((largest, x, i) => Math.max(largest, ulps(output[i], exact(x))), 0);
}

describe("accuracy", () => {
  test("exponential", () => {
    expect(worst("exponential", spaced(40_000, -87.3, 88.3), Math.exp)).toBeLessThan(1);
  });
  test("exponentialMinusOne", () => {
    expect(worst("exponentialMinusOne", spaced(40_000, -20, 20), Math.expm1)).toBeLessThan(3);
    expect(worst("exponentialMinusOne", spaced(4_000, -1e-6, 1e-6), Math.expm1)).toBeLessThan(1);
  });
  test("sigmoid", () => {
    expect(worst("sigmoid", spaced(40_000, -80, 80), twin.sigmoid)).toBeLessThan(3);
  });
  test("tanh", () => {
    expect(worst("tanh", spaced(40_000, -12, 12), Math.tanh)).toBeLessThan(2);
  });
  test("scaledNormalTail", () => {
    const exact = (z: number) => twin.normalTail(z) / Math.exp((-z * z) / 2);
    expect(worst("scaledNormalTail", spaced(40_000, 0, 30), exact)).toBeLessThan(6);
  });
  test("logarithm2", () => {
    const everywhere = samples(40_000, 3, 20).map((x) => 2 ** x);
    expect(worst("logarithm2", everywhere, Math.log2)).toBeLessThan(1.5);
    // Around 1 the logarithm is small, and so is the unit of its last place.
    expect(worst("logarithm2", spaced(40_000, 0.7, 1.45), Math.log2)).toBeLessThan(1.5);
    expect(worst("logarithm2", spaced(40_000, 1 - 2 ** -10, 1 + 2 ** -10), Math.log2)).toBeLessThan(1.5);
  });
  test("logarithm2 of powers of two is exact", () => {
    const exponents = spaced(252, -126, 125);
    expect(
      map(
        "logarithm2",
        exponents.map((x) => 2 ** x),
      ),
    ).toEqual(exponents);
  });
  test("cosineOfTurns", () => {
    const input = spaced(40_000, -1, 1);
    const output = map("cosineOfTurns", input);
    for (let i = 0; i < input.length; i++) {
      expect(Math.abs(output[i] - twin.cosineOfTurns(input[i]))).toBeLessThan(3e-7);
    }
    expect(map("cosineOfTurns", Float32Array.of(0, 0.5, -0.5, 1))).toEqual(Float32Array.of(1, -1, -1, 1));
  });
});

describe("the kernel exponential", () => {
  const exponential = (input: Float32Array) =>
    callWith(strict, [input, new Float32Array(input.length)], (call, from, to) =>
      call.exponential(input.length, from, to),
    )[1];

  test("saturates instead of overflowing, and passes NaN on", () => {
    const [low, high, nothing, zero] = exponential(Float32Array.of(-1e30, 1e30, Number.NaN, 0));
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(1.2e-38);
    expect(high).toBeGreaterThan(2.3e38);
    expect(high).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(nothing).toBeNaN();
    expect(zero).toBe(1);
  });

  test("gives an element the same bits wherever it stands", () => {
    const input = samples(65, 5, 10);
    const whole = exponential(input);
    for (let i = 0; i < input.length; i++) expect(exponential(input.slice(i, i + 1))[0]).toBe(whole[i]);
  });
});
