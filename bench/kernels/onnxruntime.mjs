import * as ort from "onnxruntime-web";
import { productModel } from "./onnx-model.mjs";

/** ONNX Runtime on WebAssembly, one thread, weights as constants of the model so that it may pack them. It cannot train. */
export async function onnxruntime() {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return { name: "onnxruntime-web", version: ort.env.versions.web, products };
}

async function products({ N, K, M }, { input, weights, gradient }) {
  const W = { dimensions: [K, M], values: weights };
  const models = {
    forward: { operator: "MatMul", left: [N, K], right: W, output: [N, M] },
    inputGradient: { operator: "Gemm", turnRight: true, left: [N, M], right: W, output: [N, K] },
    weightGradient: { operator: "Gemm", turnLeft: true, left: [N, K], right: { dimensions: [N, M] }, output: [K, M] },
  };
  const feeds = {
    forward: { left: new ort.Tensor("float32", input, [N, K]) },
    inputGradient: { left: new ort.Tensor("float32", gradient, [N, M]) },
    weightGradient: {
      left: new ort.Tensor("float32", input, [N, K]),
      right: new ort.Tensor("float32", gradient, [N, M]),
    },
  };
  const sessions = {};
  const work = {};
  let output;
  for (const [name, model] of Object.entries(models)) {
    sessions[name] = await ort.InferenceSession.create(productModel(model), { executionProviders: ["wasm"] });
    work[name] = async () => {
      output = (await sessions[name].run(feeds[name])).output;
    };
  }
  return {
    ...work,
    result: () => output.data,
    stop: () => Promise.all(Object.values(sessions).map((session) => session.release())),
  };
}
