import { readFile } from "node:fs/promises";
import { adam, autoencoder, autoencoderStart } from "./tasks.mjs";

const relu = 1;
const floatBytes = 4;

/** The kernels themselves, called as src/nn calls them. */
export async function isthmus(build) {
  const bytes = await readFile(new URL(`../../build/kernels-${build}.wasm`, import.meta.url));
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const { instance } = await WebAssembly.instantiate(bytes);
  const call = instance.exports;
  const arena = arenaOf(call);
  return {
    name: "isthmus",
    version: `${version} (${build})`,
    products: (shape, operands) => products(call, arena, shape, operands),
    training: () => training(call, arena),
  };
}

function products(call, arena, { N, K, M }, operands) {
  const base = arena.mark();
  const input = arena.place(operands.input);
  const weights = arena.place(operands.weights);
  const gradient = arena.place(operands.gradient);
  const panels = arena.reserve(call.packedLength(K, M));
  const turnedPanels = arena.reserve(call.packedLength(M, K));
  const output = arena.reserve(Math.max(N * M, N * K, K * M));
  call.packMatrix(K, M, weights, M, panels);
  return {
    forward: () => call.multiplyPacked(N, M, K, input, K, panels, output, M, 0, 0, 0),
    inputGradient: () => {
      call.packTransposed(M, K, weights, M, turnedPanels);
      call.multiplyPacked(N, K, M, gradient, M, turnedPanels, output, K, 0, 0, 0);
    },
    weightGradient: () => call.multiplyTransposed(N, M, K, input, K, gradient, M, output, M, 0),
    result: (count) => arena.copy(output, count),
    stop: () => arena.release(base),
  };
}

function training(call, arena) {
  const base = arena.mark();
  const N = autoencoder.batch;
  const start = autoencoderStart();
  // All weights and biases in one run, and so their gradients and moments: one call of Adam serves them all.
  const parameterCount = start.layers.reduce((sum, { K, M }) => sum + K * M + M, 0);
  const [values, gradients, moment1, moment2] = Array.from({ length: 4 }, () => arena.clear(parameterCount));
  let offset = 0;
  const layers = start.layers.map(({ K, M, weights, bias }, i) => {
    const at = (count) => {
      const here = offset;
      offset += count * floatBytes;
      return { value: values + here, gradient: gradients + here };
    };
    const layer = { K, M, weights: at(K * M), bias: at(M), activation: i < start.layers.length - 1 ? relu : 0 };
    arena.write(layer.weights.value, weights);
    arena.write(layer.bias.value, bias);
    layer.panels = arena.reserve(call.packedLength(K, M));
    layer.turnedPanels = arena.reserve(call.packedLength(M, K));
    layer.output = arena.reserve(N * M);
    layer.gradient = arena.reserve(N * M);
    return layer;
  });
  const images = arena.place(start.images);
  const last = layers[layers.length - 1];
  const total = arena.reserve(2);
  let step = 0;

  return {
    /** One step; returns the loss before it. */
    step: () => {
      let input = images;
      for (const { K, M, weights, bias, activation, panels, output } of layers) {
        call.packMatrix(K, M, weights.value, M, panels);
        call.multiplyPacked(N, M, K, input, K, panels, output, M, bias.value, activation, 0);
        input = output;
      }
      arena.writeDouble(total, 0);
      const count = N * last.M;
      call.squaredError(count, last.output, images, 1 / count, last.gradient, total);
      for (let i = layers.length - 1; i >= 0; i--) {
        const { K, M, weights, bias, gradient, turnedPanels } = layers[i];
        const below = layers[i - 1];
        call.multiplyTransposed(N, M, K, below ? below.output : images, K, gradient, M, weights.gradient, M, 0);
        call.sumColumns(N, M, gradient, bias.gradient, 0);
        if (!below) continue;
        call.packTransposed(M, K, weights.value, M, turnedPanels);
        call.multiplyPacked(N, K, M, gradient, M, turnedPanels, below.gradient, K, 0, 0, 0);
        // The slope of ReLU is the same before and after it.
        call.activateGradient(below.activation, N * K, below.output, below.gradient, below.gradient);
      }
      step++;
      const corrections = [1 - adam.beta1 ** step, 1 - adam.beta2 ** step];
      const rates = [autoencoder.learningRate, adam.beta1, adam.beta2, adam.epsilon, 0, ...corrections, 1];
      call.adam(parameterCount, values, gradients, moment1, moment2, ...rates);
      return arena.readDouble(total);
    },
    stop: () => arena.release(base),
  };
}

/** A stack of allocations in the memory of the kernels. */
function arenaOf({ memory, heapBase }) {
  const align = (bytes) => Math.ceil(bytes / 16) * 16;
  let top = align(heapBase.value);
  const floats = (pointer, count) => new Float32Array(memory.buffer, pointer, count);
  const reserve = (count) => {
    const pointer = top;
    top = align(top + count * floatBytes);
    // As in src/kernels/memory.ts, kernels may look behind the end.
    const missing = top + 128 - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    return pointer;
  };
  const write = (pointer, values) => floats(pointer, values.length).set(values);
  return {
    reserve,
    write,
    place: (values) => {
      const pointer = reserve(values.length);
      write(pointer, values);
      return pointer;
    },
    clear: (count) => {
      const pointer = reserve(count);
      floats(pointer, count).fill(0);
      return pointer;
    },
    copy: (pointer, count) => floats(pointer, count).slice(),
    readDouble: (pointer) => new Float64Array(memory.buffer, pointer, 1)[0],
    writeDouble: (pointer, value) => {
      new Float64Array(memory.buffer, pointer, 1)[0] = value;
    },
    mark: () => top,
    release: (mark) => {
      top = mark;
    },
  };
}
