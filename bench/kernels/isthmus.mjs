import { bytesAt, loadSource, place } from "../frame/index.mjs";
import { adam, autoencoder, autoencoderStart } from "./tasks.mjs";

const source = await loadSource();

/** The kernels themselves, called as src/nn calls them, and a training step of the library's layers. */
export async function isthmus(build) {
  const { version } = JSON.parse(new TextDecoder().decode(await bytesAt(place("package.json"))));
  const kernels = await source.loadKernels({ relaxed: build === "relaxed" });
  return {
    name: "isthmus",
    version: `${version} (${build})`,
    products: (shape, operands) => products(kernels, shape, operands),
    training: () => training(kernels),
  };
}

function products({ call, memory }, { N, K, M }, operands) {
  const base = memory.mark();
  const [input, weights, gradient] = ["input", "weights", "gradient"].map((name) => memory.place(operands[name]));
  const panels = memory.allocateFloats(call.packedLength(K, M));
  const turnedPanels = memory.allocateFloats(call.packedLength(M, K));
  const output = memory.allocateFloats(Math.max(N * M, N * K, K * M));
  call.packMatrix(K, M, weights, M, panels);
  return {
    forward: () => call.multiplyPacked(N, M, K, input, K, panels, output, M, 0, 0, 0),
    inputGradient: () => {
      call.packTransposed(M, K, weights, M, turnedPanels);
      call.multiplyPacked(N, K, M, gradient, M, turnedPanels, output, K, 0, 0, 0);
    },
    weightGradient: () => call.multiplyTransposed(N, M, K, input, K, gradient, M, output, M, 0),
    result: (count) => memory.f32(output, count).slice(),
    stop: () => memory.release(base),
  };
}

function training(kernels) {
  const { call, memory } = kernels;
  const base = memory.mark();
  const { layers, images } = autoencoderStart();
  const { sizes, batch, learningRate } = autoencoder;
  const parameters = new source.DifferentiableParameters(kernels);
  const [inputs, ...hidden] = sizes.slice(0, -1);
  const parts = source.perceptronParts({ inputs, hidden, outputs: sizes.at(-1), activation: "relu" });
  const network = new source.Perceptron(parameters, parameters.place(parts));
  for (const [i, layer] of [...network.hidden, network.linear].entries()) {
    parameters.write(layer.weight, layers[i].weights);
    parameters.write(layer.bias, layers[i].bias);
  }
  source.prepareLayers(parameters);
  const optimiser = new source.Optimiser(parameters, { ...source.variationalOptimiser, ...adam, learningRate });
  const input = { pointer: memory.place(images), batch, height: 1, width: 1, channels: inputs };
  let steps = 0;
  /** One step; returns the loss before it. */
  const step = () => {
    source.clearGradients(parameters);
    const { output, backward } = source.perceptronPass(network, input);
    const gradient = { ...output, pointer: memory.allocateFloats(images.length) };
    const total = memory.place(new Float64Array(1));
    call.squaredError(images.length, output.pointer, input.pointer, 1 / images.length, gradient.pointer, total);
    const [loss] = source.doublesAt(memory, total, 1);
    backward(gradient, true);
    optimiser.step(steps++, 1);
    source.prepareLayers(parameters);
    return loss;
  };
  return { step: () => memory.scope(step), stop: () => memory.release(base) };
}
