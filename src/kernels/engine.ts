import { expected, IsthmusError } from "../errors.js";
import { limitOf, limits } from "../limits.js";
import type { KernelExports } from "./interface.js";
import { type Kernels, Memory } from "./kernels.js";

/** A module of one function () -> v128 that returns i8x16.splat(0): valid only where there is 128-bit SIMD. */
const simdProbe = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // types: () -> v128
  ...[3, 2, 1, 0], // functions: one of type 0
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b], // code
];

/** Where the kernels may come from: a module, its bytes, or the answer to a request for the file. */
export type KernelSource = WebAssembly.Module | BufferSource | Response | Promise<Response>;

let given: Promise<WebAssembly.Module> | undefined;

/**
 * Takes the kernels from `isthmus/kernels.wasm` instead of from the library's own text: for engines that compile no WebAssembly at run time
 * (Cloudflare Workers), and for pages that cache or stream the file. Call it before anything else; the file must be of the same release.
 * @throws IsthmusError `invalid-parameter` for something else, `unsupported-engine` where it cannot be compiled
 */
export async function init({ wasm }: { wasm: KernelSource }): Promise<void> {
  const before = given;
  given = compileGiven(wasm);
  await given.catch((cause) => {
    given = before;
    throw refusedBy(cause);
  });
}

async function compileGiven(source: KernelSource): Promise<WebAssembly.Module> {
  const module = await compileAny(await source);
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  if (["heapBase", "memory", "ransDecode", "multiplyPacked"].every((name) => names.includes(name))) return module;
  throw expected("isthmus/kernels.wasm", "wasm", "another module");
}

async function compileAny(wasm: WebAssembly.Module | BufferSource | Response): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (wasm instanceof ArrayBuffer || ArrayBuffer.isView(wasm)) return WebAssembly.compile(wasm);
  if (typeof Response !== "function" || !(wasm instanceof Response)) {
    throw expected("a module, its bytes or a Response", "wasm", wasm);
  }
  if (!wasm.ok) throw expected("an answer with the kernels", "wasm", `status ${wasm.status}`);
  return WebAssembly.compile(await wasm.arrayBuffer());
}

/** Whether the engine takes a module. */
export const runs = (module: readonly number[]): boolean =>
  typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(module));

/**
 * Makes an instance of the strict kernels: of those that `init` was given, else of those that `compile` makes.
 * @throws IsthmusError `unsupported-engine` where the engine has no WebAssembly or no SIMD, or refuses to start it.
 */
export function strictKernels(
  compile: () => Promise<WebAssembly.Module>,
  instantiate: (module: WebAssembly.Module) => Promise<WebAssembly.Instance>,
  maxMemory: number | undefined,
): Promise<Kernels> {
  return start(async () => instantiate(await (given ?? compile())), false, maxMemory);
}

/** Kernels over a fresh instance, with a memory of `maxMemory` bytes at most. Throws as `strictKernels`. */
export async function start(
  instantiate: () => Promise<WebAssembly.Instance>,
  relaxed: boolean,
  maxMemory: number | undefined,
): Promise<Kernels> {
  const limit = limitOf("maxMemory", maxMemory, limits.maxMemory);
  if (!runs(simdProbe)) {
    throw new IsthmusError(
      "unsupported-engine",
      "Expected WebAssembly with SIMD (Chrome 91, Firefox 89, Safari 16.4, Node 16.4) but this engine has none",
    );
  }
  try {
    const call = (await instantiate()).exports as unknown as KernelExports;
    return { call, memory: new Memory(call.memory, call.heapBase.value, limit), relaxed };
  } catch (cause) {
    throw refusedBy(cause);
  }
}

/** A page's security policy may forbid WebAssembly, and memory may be short. */
function refusedBy(cause: unknown): IsthmusError {
  if (cause instanceof IsthmusError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = /unsafe-eval|content security policy|CSP/i.test(reason)
    ? "Expected a Content-Security-Policy that allows WebAssembly (script-src with 'wasm-unsafe-eval')"
    : `Could not start the WebAssembly kernels: ${reason}`;
  return new IsthmusError("unsupported-engine", message, { cause });
}
