import { expect, test } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { ByteProduct, halvedBytes, wholeBytes } from "../../src/nn/byte-product.js";
import { samples } from "../kernels/harness.js";

const kernels = await loadKernels();
const { call, memory } = kernels;

function product(rows: number, inputs: number, outputs: number) {
  const bytes = Uint8Array.from(samples(rows * inputs, 1, 80), (x) => Math.min(255, Math.abs(x)));
  const weight = samples(inputs * outputs, 2);
  const bias = samples(outputs, 3);
  const layer = new ByteProduct(kernels, wholeBytes(inputs), outputs);
  layer.prepare(memory.place(weight), memory.place(bias));
  const stride = call.integerRowBytes(inputs);
  const actual = memory.scope(() => {
    const integers = memory.allocate(rows * stride);
    const view = memory.i16(integers, (rows * stride) / 2).fill(0);
    bytes.forEach((byte, i) => {
      view[(Math.floor(i / inputs) * stride) / 2 + (i % inputs)] = byte - 128;
    });
    const output = memory.allocateFloats(rows * outputs);
    layer.multiply(rows, integers, output);
    return memory.f32(output, rows * outputs).slice();
  });
  const wanted = Float64Array.from({ length: rows * outputs }, (_, i) => {
    const [n, m] = [Math.floor(i / outputs), i % outputs];
    let sum = bias[m];
    for (let k = 0; k < inputs; k++) sum += (bytes[n * inputs + k] / 255 - 0.5) * weight[k * outputs + m];
    return sum;
  });
  return { actual, wanted };
}

test.each([
  { inputs: 7, tolerance: 1e-4 },
  { inputs: 1728, tolerance: 1e-4 },
  { inputs: 20_000, tolerance: 2e-3 },
])("is near the product in floats: $inputs inputs", ({ inputs, tolerance }) => {
  const { actual, wanted } = product(6, inputs, 9);
  const power = Math.sqrt(wanted.reduce((sum, x) => sum + x * x, 0));
  const error = Math.sqrt(wanted.reduce((sum, x, i) => sum + (x - actual[i]) ** 2, 0));
  expect(error / power).toBeLessThan(tolerance);
});

test("bytes at their ends do not overflow the sums", () => {
  const inputs = 1728;
  const layer = new ByteProduct(kernels, wholeBytes(inputs), 1);
  layer.prepare(memory.place(new Float32Array(inputs).fill(0.5)), memory.place(Float32Array.of(0.25)));
  for (const [byte, wanted] of [
    [0, inputs * -0.25 + 0.25],
    [255, inputs * 0.25 + 0.25],
  ]) {
    const output = memory.scope(() => {
      const stride = call.integerRowBytes(inputs);
      const integers = memory.allocate(stride);
      memory.i16(integers, stride / 2).fill(byte - 128);
      const output = memory.allocateFloats(1);
      layer.multiply(1, integers, output);
      return memory.f32(output, 1)[0];
    });
    expect(output).toBeCloseTo(wanted, 2);
  }
});

test("halved windows at their ends do not overflow the sums, and stand for luma and sums of colour differences", () => {
  const side = 24;
  const [luma, differences] = [side * side, (side * side) / 2];
  const layer = new ByteProduct(kernels, halvedBytes(luma + differences), 1);
  const weight = Float32Array.from({ length: luma + differences }, (_, i) => (i < luma ? 0.5 : -0.5));
  layer.prepare(memory.place(weight), memory.place(Float32Array.of(0.25)));
  for (const sign of [-1, 1]) {
    const output = memory.scope(() => {
      const integers = memory.allocate(call.integerRowBytes(luma + differences));
      // 2 * (0 or 255 - 128), and sums of four differences of 127.5, twice.
      const [grey, colour] = [sign < 0 ? -256 : 254, -sign * 1020];
      memory.i16(integers, luma + differences).set(Array.from(weight, (_, i) => (i < luma ? grey : colour)));
      const output = memory.allocateFloats(1);
      layer.multiply(1, integers, output);
      return memory.f32(output, 1)[0];
    });
    expect(output).toBeCloseTo(0.25 + sign * (luma * 0.25 + differences), 1);
  }
});
