import { loadKernels, relaxedSimdSupported } from "../../src/kernels/instantiate.js";

/** The builds that this engine can run, for tests whose tolerance covers both. */
export const builds = await Promise.all(
  (relaxedSimdSupported() ? [false, true] : [false]).map(async (relaxed) => ({
    name: relaxed ? "relaxed" : "strict",
    kernels: await loadKernels({ relaxed }),
  })),
);

export const strict = builds[0].kernels;
