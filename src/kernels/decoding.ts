import decodingText from "../../build/kernels-decoding.js";
import type { ModelLimits } from "../ground/limits.js";
import { once } from "../ground/once.js";
import { bytesOfText } from "./bytes-of-text.js";
import { strictKernels } from "./engine.js";
import type { Kernels } from "./kernels.js";

const compileDecoding = /* @__PURE__ */ once(() => WebAssembly.compile(bytesOfText(decodingText)));

/**
 * As `loadKernels`, with no more than what lies between symbols and pixels (assembly/decoding.ts), in an eighth of the bytes: the other calls are
 * not there.
 */
export const loadDecodingKernels = (options: Pick<ModelLimits, "maxMemory"> = {}): Promise<Kernels> =>
  strictKernels(compileDecoding, WebAssembly.instantiate, options.maxMemory);
