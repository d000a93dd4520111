import { instantiate } from "@assemblyscript/loader";
import strictText from "../../build/kernels-strict.js";
import { IsthmusError } from "../ground/errors.js";
import type { ModelLimits } from "../ground/limits.js";
import { once } from "../ground/once.js";
import { bytesOfText } from "./bytes-of-text.js";
import { start, strictKernels } from "./engine.js";
import type { Kernels } from "./kernels.js";

/** A module of one function () -> v128 that returns i8x16.relaxed_swizzle of two vectors of zeros: valid only where there is relaxed SIMD. */
const relaxedProbe = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // types: () -> v128
  ...[3, 2, 1, 0], // functions: one of type 0
  ...[10, 15, 1, 13, 0, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x80, 0x02, 0x0b], // code
];

const compileStrict = /* @__PURE__ */ once(() => WebAssembly.compile(bytesOfText(strictText)));
const compileRelaxed = /* @__PURE__ */ once(async () =>
  WebAssembly.compile(bytesOfText((await import("../../build/kernels-relaxed.js")).default)),
);

/** True where the engine can run the relaxed build. */
export const relaxedSimdSupported = (): boolean =>
  typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(relaxedProbe));

/**
 * Makes a fresh instance of the kernels with a memory of its own, of `maxMemory` bytes at most; the module is compiled once. `relaxed` asks for
 * the build with fused multiply-add, which is for training only: nothing that a receiver must repeat may run on it.
 *
 * @throws IsthmusError `unsupported-engine` where the engine has no WebAssembly, no SIMD, or no relaxed SIMD when asked for.
 */
export async function loadKernels(
  options: { relaxed?: boolean } & Pick<ModelLimits, "maxMemory"> = {},
): Promise<Kernels> {
  const { maxMemory } = options;
  if (!options.relaxed) return strictKernels(compileStrict, instanceOf, maxMemory);
  return start(
    async () => {
      if (!relaxedSimdSupported()) {
        throw new IsthmusError("unsupported-engine", "Expected relaxed SIMD for this engine but received none");
      }
      return instanceOf(await compileRelaxed());
    },
    true,
    maxMemory,
  );
}

const instanceOf = async (module: WebAssembly.Module) => (await instantiate(module)).instance;
