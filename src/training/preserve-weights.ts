import type { Network } from "../models/network.js";

/** Runs work that writes other weights into a network, then puts those back that were there. */
export async function preservingWeights<Result>(network: Network, work: () => Promise<Result>): Promise<Result> {
  const { parameters } = network;
  const weights = parameters.all.map((parameter) => parameters.read(parameter));
  try {
    return await work();
  } finally {
    parameters.all.forEach((parameter, i) => {
      parameters.write(parameter, weights[i]);
    });
    network.prepare();
  }
}

/** Runs work under the averaged weights. */
export const withAverages = <Result>(network: Network, work: () => Promise<Result>): Promise<Result> =>
  preservingWeights(network, () => {
    const { parameters } = network;
    for (const parameter of parameters.all) parameters.write(parameter, parameters.read(parameter, "average"));
    network.prepare();
    return work();
  });
